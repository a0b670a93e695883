// The two sides of a differential test: the C programs and ours, each with servers of its own, and what they answer in a
// form that can be compared.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import {
  makeDirectory,
  type Server,
  startStandalone,
  transact,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { databases, dumpAndClear, type Which } from "./fixture.ts";

/** What a program did. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status, or 128 + number of the signal that ended it, as a shell has it. */
  readonly status: number;
  /** The contents of the database afterwards, a line per row. */
  readonly contents: readonly string[];
}

export interface Contender {
  answer(
    which: Which,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, "../../..");

/** Starts servers and fills them. */
export async function startContender(side: "oracle" | "ours"): Promise<Contender> {
  const directory = makeDirectory();
  const servers: Record<Which, Server> = {
    nb: await startStandalone({ schema: databases.nb.schema }),
    sb: await startStandalone({ schema: databases.sb.schema }),
  };
  const reset = async (which: Which) => {
    const { remote } = servers[which];
    const { database, contents } = databases[which];
    const dump = succeeded(await transact(remote, database, ...dumpAndClear(which)));
    // On its own: the uuid of a row can't be used again in the transaction that deletes the row.
    succeeded(await transact(remote, database, ...contents));
    return dump;
  };
  await Promise.all([reset("nb"), reset("sb")]);
  return {
    answer: async (which, args, environment) => {
      const { program, variable } = databases[which];
      const command = side === "oracle" ? [program] : [process.execPath, join(root, `dist/${program}.cjs`)];
      const remote = { [variable]: servers[which].remote, OVN_RUNDIR: directory };
      const ended = await run([...command, ...args], {
        PATH: process.env.PATH ?? "",
        ...remote,
        ...environment,
      });
      const results = await reset(which);
      const contents = databases[which].tables.flatMap((table, index) => rowsOf(table, results[index]));
      const names = new UuidNames();
      return {
        stdout: names.replaceIn(ended.stdout),
        stderr: names.replaceIn(conflictsInOrder(plainLog(ended.stderr))),
        status: ended.status,
        contents: contents.map((row) => row.replace(UUID, "<uuid>")).sort(),
      };
    },
    stop: async () => {
      await Promise.all([servers.nb.stop(), servers.sb.stop()]);
    },
  };
}

function run(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ stdout: string; stderr: string; status: number }> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    }
    // Some commands wait for what never comes; a test that expects that says -t.
    const impatient = setTimeout(() => child.kill("SIGKILL"), 20_000);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(impatient);
      resolve({ ...texts, status: signal === null ? (code ?? -1) : 128 + constants.signals[signal] });
    });
  });
}

/** The results of a transaction that must not fail. */
function succeeded(results: unknown[]): unknown[] {
  const failed = results.find((result) => typeof result === "object" && result !== null && "error" in result);
  if (failed !== undefined) throw new Error(`the database could not be reset: ${JSON.stringify(failed)}`);
  return results;
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

function rowsOf(table: string, result: unknown): string[] {
  if (typeof result !== "object" || result === null || !("rows" in result) || !Array.isArray(result.rows)) {
    throw new Error(`no rows of ${table} in ${JSON.stringify(result)}`);
  }
  return result.rows.map((row: object) => {
    const columns = Object.entries(row).filter(([name]) => name !== "_version");
    return `${table} ${JSON.stringify(columns.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
  });
}
