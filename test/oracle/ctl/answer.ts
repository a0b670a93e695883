// What a program did, in a form in which two of them can be compared.

/** What a program did. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status, or 128 + number of the signal that ended it, as a shell has it. */
  readonly status: number;
  /** The contents of the database afterwards, a line per row. */
  readonly contents: readonly string[];
}

/** An answer without what differs from run to run: times, and uuids that are not the fixture's. */
export function plainAnswer({ stdout, stderr, status, contents }: Answer): Answer {
  const names = new UuidNames();
  return {
    stdout: names.replaceIn(stdout),
    stderr: names.replaceIn(conflictsInOrder(plainLog(stderr))),
    status,
    contents: contents.map((row) => row.replaceAll(UUID, "<uuid>")).sort(),
  };
}

/** Log lines without their time. */
function plainLog(text: string): string {
  return text.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\|/gm, "<time>|");
}

/** The server names two conflicting rows in either order. */
function conflictsInOrder(text: string): string {
  return text.replace(
    /First row, (with UUID .+?)\. {2}Second row, (with UUID .+?)\.(?=",")/g,
    (_, first, second) =>
      [first, second].sort((a: string, b: string) => (afterUuid(a) < afterUuid(b) ? -1 : 1)).join("; "),
  );
}

function afterUuid(text: string): string {
  return text.slice(text.indexOf(","));
}

/** Every uuid that isn't one of the fixture's. */
const UUID =
  /\b(?!\d{8}-0000-4000-8000-|abcd|ffffffff-0)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** Gives uuids names in the order of their first appearance. */
class UuidNames {
  readonly #names = new Map<string, string>();

  replaceIn(text: string): string {
    return text.replace(UUID, (uuid) => {
      const name = this.#names.get(uuid) ?? `<uuid ${this.#names.size + 1}>`;
      this.#names.set(uuid, name);
      return name;
    });
  }
}
