import type { WriteStream } from "node:tty";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Progress } from "../../../../src/commands/cli/progress.ts";
import { PLAIN, paintFor } from "../../../../src/commands/ovn-ic/colours.ts";

/** What a terminal of some width is given. */
class Terminal {
  readonly isTTY = true;
  readonly written: string[] = [];
  readonly columns: number;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): boolean {
    this.written.push(text);
    return true;
  }

  /** As the program sees it. */
  get stream(): WriteStream {
    return this as unknown as WriteStream;
  }
}

const CLEAR = "\r\u001b[K";

describe("progress", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is shown after a while, on one line, and gone at the end", () => {
    const terminal = new Terminal(40);
    let count = 0;
    const progress = new Progress(terminal.stream, true, () => `${++count} ${"x".repeat(100)}`);
    vi.advanceTimersByTime(400);
    expect(terminal.written).toEqual([]);
    vi.advanceTimersByTime(400);
    expect(terminal.written).toEqual([`${CLEAR}1 ${"x".repeat(37)}`, `${CLEAR}2 ${"x".repeat(37)}`]);
    progress.end();
    vi.advanceTimersByTime(5000);
    expect(terminal.written.slice(2)).toEqual([CLEAR]);
  });

  it("is written only when told to, and not each time, if others write to the terminal between", () => {
    const terminal = new Terminal(40);
    let count = 0;
    const progress = new Progress(terminal.stream, true, () => `${count}`, "at updates");
    vi.advanceTimersByTime(5000);
    expect(terminal.written).toEqual([]);
    for (; count < 5; count++) {
      progress.update();
      vi.advanceTimersByTime(100);
    }
    progress.clear();
    progress.clear();
    expect(terminal.written).toEqual([`${CLEAR}0`, `${CLEAR}2`, `${CLEAR}4`, CLEAR]);
  });

  it("is not shown when a run is over soon, or to who does not want it", () => {
    const terminal = new Terminal(40);
    const soon = new Progress(terminal.stream, true, () => "soon");
    vi.advanceTimersByTime(400);
    soon.end();
    const unwanted = new Progress(terminal.stream, false, () => "unwanted");
    const file = new Progress(Object.assign(new Terminal(40), { isTTY: false }).stream, true, () => "file");
    vi.advanceTimersByTime(5000);
    unwanted.end();
    file.end();
    expect(terminal.written).toEqual([]);
  });
});

describe("colours", () => {
  it.each([
    ["a file", { isTTY: false }, {}],
    ["NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }],
    ["a dumb terminal", { isTTY: true }, { TERM: "dumb" }],
  ])("are left out for %s", async (_, output, env) => {
    expect(await paintFor(output as Pick<WriteStream, "isTTY">, env)).toBe(PLAIN);
  });

  it("are there on a terminal", async () => {
    const paint = await paintFor(new Terminal(80).stream, { TERM: "xterm", NO_COLOR: "" });
    expect(paint.insert("new")).toBe("\u001b[32mnew\u001b[39m");
  });
});
