import type { ReplicaTable } from "ovsdb-client-ts";
import { beforeEach, describe, expect, it } from "vitest";
import type { Sources } from "../../../../../src/core/model/view.ts";
import type { Planner } from "../../../../../src/core/planning/planner.ts";
import { ALL } from "../../../../../src/core/planning/planner.ts";
import type { Outcome, PlannedTransaction } from "../../../../../src/core/planning/transactions.ts";
import { Engine } from "../../../../../src/core/sync/schedule/scheduler.ts";

/**
 * Databases without a row: what the engine does depends on its planners and on what it is told, both of which
 * are scripted here.
 */
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
  /** Keys of units that write what belongs to no zone. */
  readonly leader = new Set<string>();
  /** What units want is another thing when this changes. */
  version = 0;
  readonly planner: Planner = {
    name: "script",
    writes: ["icSb"],
    leads: true,
    feeds: { icSb: { Gateway: (change) => [change.new?.name ?? change.old?.name ?? ""] } },
    units: () => this.wanted,
    plan: (key, _view, plan) => {
      this.planned.push(key);
      if (!this.wanted.has(key)) return;
      const name = this.version === 0 ? key : `${key} ${this.version}`;
      plan.insert("icSb", "Availability_Zone", { name }, { why: key, leader: this.leader.has(key) });
    },
  };
}

function keys(transactions: readonly PlannedTransaction[]): string[][] {
  return transactions.map(({ parts }) => parts.map(({ unit }) => unit.key));
}

let script: Script;
let engine: Engine;
let reported: string[];
let sent: PlannedTransaction[];

beforeEach(() => {
  script = new Script();
  reported = [];
  sent = [];
  engine = new Engine({
    sources: emptySources(),
    planners: [script.planner],
    problem: ({ unit, text }) => reported.push(`${unit.key}: ${text}`),
  });
});

/** What the engine wants to be sent now. */
function next(now: number): PlannedTransaction[] {
  const transactions = engine.next(now);
  sent.push(...transactions);
  return transactions;
}

/** Answers the transaction that was sent first of those that have no answer. */
function answer(outcome: Outcome, now: number): void {
  const transaction = sent.shift();
  if (transaction === undefined) throw new Error("nothing was sent");
  engine.finished(transaction, outcome, now);
}

/** A change of an ISB Gateway, which feeds the unit of that name. */
function feed(name: string): void {
  const change = { table: "Gateway", uuid: name, old: null, new: { _uuid: name, name } };
  const changes = Object.assign([change], { initial: false });
  engine.changed("icSb", changes as never, 0);
}

function start(...wanted: string[]): void {
  for (const key of wanted) script.wanted.add(key);
  engine.markAll();
  engine.setOpen(true);
}

/**
 * Answers transactions as a server that refuses some units, until the engine has nothing to send. Returns
 * what was committed.
 */
function serve(bad: ReadonlySet<string>, now = 0): string[] {
  const committed: string[] = [];
  for (let turns = 0; ; turns++) {
    if (turns > 1000) throw new Error("the engine does not come to an end");
    const transactions = engine.next(now);
    if (transactions.length === 0 && !engine.interrupted) return committed;
    for (const transaction of transactions) {
      const names = transaction.parts.map(({ unit }) => unit.key);
      if (names.some((name) => bad.has(name))) {
        engine.finished(transaction, { status: "error", text: "constraint violation" }, now);
        continue;
      }
      for (const name of names) script.wanted.delete(name);
      committed.push(...names);
      engine.finished(transaction, { status: "committed" }, now);
    }
  }
}

describe("a unit whose row somebody else changes back", () => {
  /**
   * The other side undoes what was written, at once; so much was written until `end`. Time goes on in steps
   * of some milliseconds.
   */
  function war(names: readonly string[], begin: number, end: number, step = 10): number[] {
    const times: number[] = [];
    for (let now = begin; now < end; now += step) {
      for (const transaction of engine.next(now)) {
        times.push(now);
        engine.finished(transaction, { status: "committed" }, now);
      }
      for (const name of names) feed(name);
    }
    return times;
  }

  it("writes at once three times, then ever later, and is reported once", () => {
    start("a");
    const times = war(["a"], 0, 300_000);
    expect(times.slice(0, 4).every((time) => time < 100)).toBe(true);
    const gaps = times.slice(4).map((time, i) => Math.round((time - (times[i + 3] ?? 0)) / 1000));
    expect(gaps).toEqual([2, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(reported).toEqual([
      "a: somebody else keeps changing back what it writes (a second controller, a script, a CMS?): written again at growing intervals, up to a minute",
    ]);
  });

  it("is written with all others of its kind, in one transaction a second at most", () => {
    const names = Array.from({ length: 50 }, (_, i) => `u${i}`);
    start(...names);
    const [, , , , ...later] = war(names, 0, 120_000, 100);
    const gaps = later.slice(1).map((time, i) => time - (later[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
    expect(later.length).toBeLessThan(12);
  });

  it("holds up nothing else", () => {
    start("a");
    war(["a"], 0, 5000);
    script.wanted.add("b");
    feed("b");
    expect(keys(engine.next(5000))).toEqual([["b"]]);
    expect(engine.stuck).toBe(false);
  });

  it("is written at once again when it was left alone for a minute", () => {
    start("a");
    war(["a"], 0, 1000);
    script.wanted.clear();
    war([], 1000, 10_000);
    script.wanted.add("a");
    const later = war(["a"], 100_000, 101_000);
    expect(later.slice(0, 4).every((time) => time < 100_100)).toBe(true);
    expect(later).toHaveLength(4);
  });

  it("waits for nothing else", () => {
    start("a");
    war(["a"], 0, 5000);
    script.version++;
    feed("a");
    expect(keys(engine.next(5000))).toEqual([["a"]]);
  });

  it("goes on at once when another zone came, since that ends most quarrels", () => {
    start("a");
    war(["a"], 0, 5000);
    expect(engine.next(5000)).toEqual([]);
    const change = { table: "Availability_Zone", uuid: "z", old: null, new: { _uuid: "z", name: "z" } };
    engine.changed("icSb", Object.assign([change], { initial: false }) as never, 5000);
    expect(keys(engine.next(5000))).toEqual([["a"]]);
  });

  it("is waited for only while the engine is open", () => {
    start("a");
    war(["a"], 0, 5000);
    expect(engine.next(5000)).toEqual([]);
    expect(engine.deadline).toBeGreaterThan(5000);
    engine.setOpen(false);
    expect(engine.deadline).toBeNull();
  });

  it("may write other things as often as there is a reason", () => {
    start("a");
    for (let now = 0; now < 1000; now += 10) {
      script.version++;
      feed("a");
      expect(keys(next(now))).toEqual([["a"]]);
      script.wanted.delete("a");
      answer({ status: "committed" }, now);
      expect(next(now)).toEqual([]);
      script.wanted.add("a");
    }
    expect(reported).toEqual([]);
  });
});

describe("a lock that the server denies, though it granted it", () => {
  it("has what needs it wait longer and longer, with one report, and the rest go on", () => {
    script.leader.add("a");
    start("a", "b");
    const refused: number[] = [];
    for (let now = 0; now < 100_000; now += 10) {
      for (const transaction of engine.next(now)) {
        const names = transaction.parts.map(({ unit }) => unit.key);
        if (names.includes("a")) {
          refused.push(now);
          engine.finished(transaction, { status: "notLocked", text: "not owner" }, now);
          continue;
        }
        for (const name of names) script.wanted.delete(name);
        engine.finished(transaction, { status: "committed" }, now);
      }
    }
    expect([...script.wanted]).toEqual(["a"]);
    expect(refused.length).toBeLessThan(13);
    expect(reported).toHaveLength(1);
    expect(reported[0]).toMatch(/^a: icSb: not owner, though this server granted the lock/);
    expect(engine.stuck).toBe(true);
  });
});

describe("the gate", () => {
  it("lets nothing be planned while it is closed", () => {
    script.wanted.add("a");
    engine.markAll();
    feed("b");
    expect(next(0)).toEqual([]);
    expect(script.planned).toEqual([]);
    expect(engine.settled).toBe(false);
  });

  it("keeps what changed meanwhile for when it opens", () => {
    start("a");
    serve(new Set());
    engine.setOpen(false);
    script.wanted.add("b");
    feed("b");
    expect(next(0)).toEqual([]);
    engine.setOpen(true);
    expect(keys(next(0))).toEqual([["b"]]);
  });

  it("closes between two transactions", () => {
    start("a");
    next(0);
    engine.setOpen(false);
    answer({ status: "unknown" }, 0);
    expect(next(0)).toEqual([]);
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
    expect(next(0)).toEqual([]);
    expect(script.planned).not.toContain("b");
    expect(engine.settled).toBe(false);
    engine.setIncomplete(new Set());
    expect(keys(next(0))).toEqual([["b"]]);
  });

  it("keeps nobody else waiting", () => {
    start("a");
    engine.setIncomplete(new Set(["icSb.Route", "sb.Gateway"]));
    expect(keys(next(0))).toEqual([["a"]]);
  });

  it("keeps what was refused waiting too", () => {
    start("a", "bad");
    for (let i = 0; i < 2; i++) {
      next(0);
      answer({ status: "error", text: "no" }, 0);
    }
    engine.setIncomplete(new Set(["icSb.Gateway"]));
    expect(next(0)).toEqual([]);
    engine.setIncomplete(new Set());
    expect(serve(new Set(["bad"]))).toEqual(["a"]);
  });

  it("is a reason not to be settled, even with nothing to do", () => {
    start();
    serve(new Set());
    expect(engine.settled).toBe(true);
    engine.setIncomplete(new Set(["icSb.Route"]));
    expect(engine.settled).toBe(false);
  });
});

describe("a table of which a part will do", () => {
  const table = "icSb.Gateway";
  let planned: string[];

  beforeEach(() => {
    planned = [];
    const { planner } = script;
    const patient: Planner = {
      ...planner,
      feeds: { ...planner.feeds, nb: { Logical_Switch: () => [] } },
      partial: [table],
      plan: (key, view, plan) => {
        planned.push(key);
        if (key === "unsure" && view.incomplete.has(table)) plan.wait();
        else planner.plan(key, view, plan);
      },
    };
    engine = new Engine({ sources: emptySources(), planners: [patient] });
    engine.setIncomplete(new Set([table]));
    start("sure", "unsure");
  });

  it("keeps only those units waiting that ask for it", () => {
    expect(engine.canDoWithPart(table)).toBe(true);
    expect(engine.canDoWithPart("icSb.Route")).toBe(false);
    expect(serve(new Set())).toEqual(["sure"]);
    expect(engine.settled).toBe(false);
    engine.setIncomplete(new Set());
    expect(serve(new Set())).toEqual(["unsure"]);
    expect(engine.settled).toBe(true);
  });

  it("is not waited for any more by a unit that was planned since", () => {
    serve(new Set());
    script.wanted.delete("unsure");
    feed("unsure");
    expect(serve(new Set())).toEqual([]);
    engine.setIncomplete(new Set());
    planned = [];
    feed("unsure");
    expect(serve(new Set())).toEqual([]);
    expect(planned).toEqual(["unsure"]);
  });

  it("is not enough for who lacks another one as well", () => {
    engine.setIncomplete(new Set([table, "nb.Logical_Switch"]));
    expect(next(0)).toEqual([]);
    engine.setIncomplete(new Set([table]));
    expect(keys(next(0))).toEqual([["sure"]]);
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
    engine = new Engine({ sources: emptySources(), planners: [script.planner, planner] });
  });

  it("waits until nobody else has anything left to be done", () => {
    start("a", "b");
    next(0);
    expect(last).toEqual([]);
    answer({ status: "unknown" }, 0);
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
    expect(keys(next(0))).toEqual([["a", "b"]]);
    script.wanted.add("c");
    feed("c");
    expect(next(0)).toEqual([]);
    script.wanted.delete("a");
    script.wanted.delete("b");
    answer({ status: "committed" }, 0);
    expect(keys(next(0))).toEqual([["c"]]);
  });

  it("lead to settled only when the units plan nothing more", () => {
    start("a");
    expect(keys(next(0))).toEqual([["a"]]);
    script.wanted.delete("a");
    answer({ status: "committed" }, 0);
    expect(engine.settled).toBe(false);
    expect(next(0)).toEqual([]);
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
    next(0);
    answer({ status: "unknown" }, 0);
    expect(keys(next(0))).toEqual([["a"]]);
    expect(reported).toEqual([]);
  });

  it("are planned anew, a little later, when the lock was gone", () => {
    start("a");
    next(0);
    answer({ status: "notLocked" }, 0);
    expect(next(0)).toEqual([]);
    expect(keys(next(engine.deadline ?? 0))).toEqual([["a"]]);
  });
});

it("a server that can write nothing is asked again every second, and no unit is to blame", () => {
  start("a", "b", "c");
  let now = 0;
  for (let asked = 0; asked < 10; asked++) {
    expect(keys(next(now))).toEqual([["a", "b", "c"]]);
    answer({ status: "unavailable", text: "I/O error" }, now);
    expect(next(now)).toEqual([]);
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
    next(0);
    answer({ status: "tryAgain" }, 0);
    expect(keys(next(0))).toEqual([["a", "b"]]);
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
  while (next(0).length > 0) {
    commits++;
    answer({ status: "committed" }, 0);
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
  expect(keys(next(0))).toEqual([["b"]]);
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

describe("a planner whose units are independent", () => {
  /** More than go into one transaction. */
  const many = Array.from({ length: 5000 }, (_, n) => `unit${n}`);
  let other: Script;

  beforeEach(() => {
    other = new Script();
    const planner: Planner = { ...script.planner, name: "independent", independent: true, feeds: {} };
    engine = new Engine({ sources: emptySources(), planners: [other.planner, planner] });
  });

  it("has two transactions under way, and a third one when the first is answered", () => {
    start(...many);
    const [first] = next(0);
    const [second] = next(0);
    expect(first?.parts.length).toBeGreaterThan(1);
    expect(second?.parts[0]?.unit.key).toBe(many[first?.parts.length ?? 0]);
    expect(next(0)).toEqual([]);
    for (const { unit } of first?.parts ?? []) script.wanted.delete(unit.key);
    answer({ status: "committed" }, 0);
    const [third] = next(0);
    expect(third?.parts[0]?.unit.key).toBe(many[(first?.parts.length ?? 0) + (second?.parts.length ?? 0)]);
  });

  it("lets others have their turn, who wait until nothing is under way", () => {
    start(...many);
    next(0);
    other.wanted.add("gateway");
    feed("gateway");
    expect(next(0)).toEqual([]);
    answer({ status: "unknown" }, 0);
    expect(keys(next(0))[0]?.[0]).toBe("gateway");
  });

  it("plans what was refused apart from all others, when nothing is under way", () => {
    start(...many);
    const committed = serve(new Set(["unit3"]));
    expect(committed).toHaveLength(many.length - 1);
  });
});

describe("a full pass", () => {
  const many = Array.from({ length: 25_000 }, (_, n) => `unit${n}`);

  it("of many units leaves others their turn, and is not through before", () => {
    start(...many);
    let turns = 1;
    for (; next(0).length === 0 && engine.interrupted; turns++) expect(engine.settled).toBe(false);
    expect(turns).toBeGreaterThan(2);
    expect(sent).toHaveLength(1);
  });

  it("names what comes while it is under way", () => {
    start(...many);
    next(0);
    script.wanted.add("late");
    feed("late");
    expect(serve(new Set(), 0)).toContain("late");
    expect(engine.settled).toBe(true);
  });
});
