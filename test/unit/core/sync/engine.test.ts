import type { ReplicaTable } from "ovsdb-client-ts";
import { beforeEach, describe, expect, it } from "vitest";
import { Engine } from "../../../../src/core/sync/engine.ts";
import type { Planner } from "../../../../src/core/sync/planner.ts";
import { ALL } from "../../../../src/core/sync/planner.ts";
import type { PlannedTransaction } from "../../../../src/core/sync/transactions.ts";
import type { Sources } from "../../../../src/core/sync/view.ts";
import { View } from "../../../../src/core/sync/view.ts";

/** Databases without a row: what the engine does depends on its planners and on what it is told, both of which are scripted here. */
function emptySources(): Sources {
  const index = { get: () => undefined, find: () => new Set<never>(), keys: () => [] };
  const table = {
    name: "",
    exists: true,
    size: 0,
    get: () => undefined,
    has: () => true,
    index: () => index,
    indexBy: () => index,
    [Symbol.iterator]: () => [][Symbol.iterator](),
  };
  const source = { table: () => table as unknown as ReplicaTable<never, never>, serverSchema: null };
  return { nb: source, sb: source, icNb: source, icSb: source } as unknown as Sources;
}

/** A planner whose units want one thing each until they have it. */
class Script {
  /** Keys of units that have something to write to ISB. */
  readonly wanted = new Set<string>();
  readonly planned: string[] = [];
  readonly planner: Planner = {
    name: "script",
    writes: ["icSb"],
    leads: true,
    feeds: { icSb: { Gateway: (change) => [change.new?.name ?? change.old?.name ?? ""] } },
    units: () => this.wanted,
    plan: (key, _view, plan) => {
      this.planned.push(key);
      if (this.wanted.has(key)) plan.insert("icSb", "Availability_Zone", { name: key }, { why: key });
    },
  };
}

function keys(transactions: readonly PlannedTransaction[]): string[][] {
  return transactions.map(({ parts }) => parts.map(({ unit }) => unit.key));
}

let script: Script;
let engine: Engine;
let reported: string[];

beforeEach(() => {
  script = new Script();
  reported = [];
  engine = new Engine({
    view: new View(emptySources()),
    planners: [script.planner],
    problem: ({ unit, text }) => reported.push(`${unit.key}: ${text}`),
  });
});

/** A change of an ISB Gateway, which feeds the unit of that name. */
function feed(name: string): void {
  const change = { table: "Gateway", uuid: name, old: null, new: { _uuid: name, name } };
  const changes = Object.assign([change], { initial: false });
  engine.changed("icSb", changes as never);
}

function start(...wanted: string[]): void {
  for (const key of wanted) script.wanted.add(key);
  engine.markAll();
  engine.setOpen(true);
}

/** Answers transactions as a server that refuses some units, until the engine has nothing to send. Returns what was committed. */
function serve(bad: ReadonlySet<string>, now = 0): string[] {
  const committed: string[] = [];
  for (let turns = 0; ; turns++) {
    if (turns > 1000) throw new Error("the engine does not come to an end");
    const transactions = engine.next(now);
    if (transactions.length === 0) return committed;
    for (const { database, parts } of transactions) {
      const names = parts.map(({ unit }) => unit.key);
      if (names.some((name) => bad.has(name))) {
        engine.finished(database, { status: "error", text: "constraint violation" }, now);
        continue;
      }
      for (const name of names) script.wanted.delete(name);
      committed.push(...names);
      engine.finished(database, { status: "committed" }, now);
    }
  }
}

describe("the gate", () => {
  it("lets nothing be planned while it is closed", () => {
    script.wanted.add("a");
    engine.markAll();
    feed("b");
    expect(engine.next(0)).toEqual([]);
    expect(script.planned).toEqual([]);
    expect(engine.settled).toBe(false);
  });

  it("keeps what changed meanwhile for when it opens", () => {
    start("a");
    serve(new Set());
    engine.setOpen(false);
    script.wanted.add("b");
    feed("b");
    expect(engine.next(0)).toEqual([]);
    engine.setOpen(true);
    expect(keys(engine.next(0))).toEqual([["b"]]);
  });

  it("closes between two transactions", () => {
    start("a");
    engine.next(0);
    engine.setOpen(false);
    engine.finished("icSb", { status: "unknown" }, 0);
    expect(engine.next(0)).toEqual([]);
    expect(script.planned).toEqual(["a"]);
  });
});

describe("a table that lacks rows", () => {
  it("keeps those waiting who read it, whatever seems to be gone from it", () => {
    start("a");
    serve(new Set());
    engine.setIncomplete(new Set(["icSb.Gateway"]));
    script.wanted.add("b");
    feed("b");
    expect(engine.next(0)).toEqual([]);
    expect(script.planned).not.toContain("b");
    expect(engine.settled).toBe(false);
    engine.setIncomplete(new Set());
    expect(keys(engine.next(0))).toEqual([["b"]]);
  });

  it("keeps nobody else waiting", () => {
    start("a");
    engine.setIncomplete(new Set(["icSb.Route", "sb.Gateway"]));
    expect(keys(engine.next(0))).toEqual([["a"]]);
  });

  it("keeps what was refused waiting too", () => {
    start("a", "bad");
    for (let i = 0; i < 2; i++) {
      engine.next(0);
      engine.finished("icSb", { status: "error", text: "no" }, 0);
    }
    engine.setIncomplete(new Set(["icSb.Gateway"]));
    expect(engine.next(0)).toEqual([]);
    engine.setIncomplete(new Set());
    expect(serve(new Set(["bad"]))).toEqual(["a"]);
  });

  it("is a reason not to be settled, even with nothing to do", () => {
    start();
    expect(engine.settled).toBe(true);
    engine.setIncomplete(new Set(["icSb.Route"]));
    expect(engine.settled).toBe(false);
  });
});

describe("the last planner", () => {
  let last: string[];

  beforeEach(() => {
    last = [];
    const planner: Planner = {
      name: "last",
      writes: ["icNb"],
      leads: false,
      last: true,
      feeds: { icSb: { Gateway: () => ALL } },
      units: () => [""],
      plan: (_key, view) => last.push(String(view.confirmed)),
    };
    engine = new Engine({ view: new View(emptySources()), planners: [script.planner, planner] });
  });

  it("waits until nobody else has anything left to be done", () => {
    start("a", "b");
    engine.next(0);
    expect(last).toEqual([]);
    engine.finished("icSb", { status: "unknown" }, 0);
    serve(new Set());
    expect(last).toEqual(["null"]);
    expect(engine.settled).toBe(true);
  });

  it("waits for what can't be written, and for rows that are missing", () => {
    start("bad");
    serve(new Set(["bad"]));
    expect(last).toEqual([]);
    engine.setIncomplete(new Set(["nb.Logical_Switch"]));
    feed("bad");
    serve(new Set());
    expect(last).toEqual([]);
    engine.setIncomplete(new Set());
    serve(new Set());
    expect(last).toEqual(["null"]);
  });

  it("is planned anew when a number is confirmed", () => {
    start();
    serve(new Set());
    engine.setConfirmed(5);
    expect(engine.settled).toBe(false);
    serve(new Set());
    expect(last).toEqual(["null", "5"]);
  });
});

describe("transactions", () => {
  it("take all dirty units at once, one at a time for a database", () => {
    start("a", "b");
    expect(keys(engine.next(0))).toEqual([["a", "b"]]);
    script.wanted.add("c");
    feed("c");
    expect(engine.next(0)).toEqual([]);
    script.wanted.delete("a");
    script.wanted.delete("b");
    engine.finished("icSb", { status: "committed" }, 0);
    expect(keys(engine.next(0))).toEqual([["c"]]);
  });

  it("lead to settled only when the units plan nothing more", () => {
    start("a");
    expect(keys(engine.next(0))).toEqual([["a"]]);
    script.wanted.delete("a");
    engine.finished("icSb", { status: "committed" }, 0);
    expect(engine.settled).toBe(false);
    expect(engine.next(0)).toEqual([]);
    expect(engine.settled).toBe(true);
    expect(script.planned).toEqual(["a", "a"]);
  });

  it("plan only what is fed", () => {
    start("a", "b", "c");
    serve(new Set());
    script.planned.length = 0;
    feed("b");
    serve(new Set());
    expect(script.planned).toEqual(["b"]);
  });

  it("are planned anew after they were lost on the way", () => {
    start("a");
    engine.next(0);
    engine.finished("icSb", { status: "unknown" }, 0);
    expect(keys(engine.next(0))).toEqual([["a"]]);
    expect(reported).toEqual([]);
  });

  it("are planned anew, a little later, when the lock was gone", () => {
    start("a");
    engine.next(0);
    engine.finished("icSb", { status: "notLocked" }, 0);
    expect(engine.next(0)).toEqual([]);
    expect(keys(engine.next(engine.deadline ?? 0))).toEqual([["a"]]);
  });
});

it("a server that can write nothing is asked again every second, and no unit is to blame", () => {
  start("a", "b", "c");
  let now = 0;
  for (let asked = 0; asked < 10; asked++) {
    expect(keys(engine.next(now))).toEqual([["a", "b", "c"]]);
    engine.finished("icSb", { status: "unavailable", text: "I/O error" }, now);
    expect(engine.next(now)).toEqual([]);
    expect((engine.deadline ?? 0) - now).toBe(1000);
    now = engine.deadline ?? 0;
  }
  expect(reported).toEqual(["a: icSb: I/O error"]);
  expect(serve(new Set(), now)).toEqual(["a", "b", "c"]);
  expect(engine.problems).toEqual([]);
});

describe("a refused transaction", () => {
  it("is tried once more without a word: somebody was faster", () => {
    start("a", "b");
    engine.next(0);
    engine.finished("icSb", { status: "tryAgain" }, 0);
    expect(keys(engine.next(0))).toEqual([["a", "b"]]);
    expect(reported).toEqual([]);
  });

  it.each([[["m"]], [["a"]], [["z"]], [["c", "q", "r"]]])("with %j in it commits all others", (bad) => {
    const all = [..."abcdefghijklmnopqrstuvwxyz"];
    start(...all);
    const committed = serve(new Set(bad));
    expect(committed.sort()).toEqual(all.filter((key) => !bad.includes(key)));
    expect(reported.sort()).toEqual(bad.map((key) => `${key}: icSb: constraint violation`));
    expect(engine.problems.map(({ unit }) => unit.key).sort()).toEqual(bad);
    expect(engine.settled).toBe(false);
  });

  it("costs no more than halving does", () => {
    const all = Array.from({ length: 1024 }, (_, i) => `unit${i}`);
    start(...all);
    serve(new Set(["unit500"]));
    expect(engine.counters.refused).toBeLessThanOrEqual(2 + 10);
    expect(engine.counters.committed).toBeLessThanOrEqual(10);
  });

  it("leaves the offender to be tried again alone, later and later", () => {
    start("a", "bad");
    serve(new Set(["bad"]));
    const delays: number[] = [];
    let now = 0;
    for (let i = 0; i < 12; i++) {
      const deadline = engine.deadline ?? Number.NaN;
      delays.push(deadline - now);
      now = deadline;
      script.wanted.add(`other${i}`);
      feed(`other${i}`);
      expect(serve(new Set(["bad"]), now)).toEqual([`other${i}`]);
    }
    expect(delays.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(Math.max(...delays)).toBe(30_000);
    expect(reported).toEqual(["bad: icSb: constraint violation"]);
  });

  it("is forgotten when the offender is mended", () => {
    start("a", "bad");
    serve(new Set(["bad"]));
    feed("bad");
    expect(serve(new Set())).toEqual(["bad"]);
    expect(engine.problems).toEqual([]);
    expect(engine.settled).toBe(true);
  });
});

it("slows down a unit whose writes lead to nothing", () => {
  start("a");
  let commits = 0;
  while (engine.next(0).length > 0) {
    commits++;
    engine.finished("icSb", { status: "committed" }, 0);
    expect(commits).toBeLessThan(50);
  }
  expect(reported).toHaveLength(1);
  expect(engine.deadline).toBeGreaterThan(0);
});

it("plans the units of a leading planner when the global lock comes or goes", () => {
  start("a");
  serve(new Set());
  script.planned.length = 0;
  script.wanted.add("b");
  engine.setLeader(true);
  expect(keys(engine.next(0))).toEqual([["b"]]);
});

it("goes on without a unit that can't be planned, until what feeds it changes", () => {
  const { plan } = script.planner;
  let broken = true;
  Object.assign(script.planner, {
    plan: (...args: Parameters<Planner["plan"]>) => {
      if (args[0] === "bad" && broken) throw new Error("nonsense");
      plan(...args);
    },
  });
  start("a", "bad", "c");
  expect(serve(new Set()).sort()).toEqual(["a", "c"]);
  expect(reported).toEqual(["bad: can't be planned: nonsense"]);
  expect(engine.settled).toBe(false);
  expect(engine.deadline).toBeNull();
  broken = false;
  feed("bad");
  expect(serve(new Set())).toEqual(["bad"]);
  expect(engine.settled).toBe(true);
});
