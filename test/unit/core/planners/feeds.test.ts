/**
 * What a unit has read feeds it: random worlds, in which rows change by chance. After each change all units
 * that have read anything of what changed are planned again. Those that make something else of it must be
 * among those that feeds name, since nobody would plan the others.
 *
 * `OVSDB_TEST_SEED` chooses the worlds, `OVSDB_TEST_WORLDS` how many there are.
 */
import { describe, expect, it } from "vitest";
import { PLANNERS } from "../../../../src/core/planners/index.ts";
import { tablesOf } from "../../../../src/core/planning/index.ts";
import { SEED } from "../../../harness/random.ts";
import type { Gap } from "./random/walk.ts";
import { walk } from "./random/walk.ts";

/**
 * Worlds in which each feed is needed. If these don't do any more, others are looked for, which takes longer:
 * then it is time for other ones.
 */
const CHOSEN = [83, 137, 87, 230, 47, 39, 208, 22, 31, 157, 3095];
const MOST = 500;
const COUNT = Number(process.env.OVSDB_TEST_WORLDS ?? 15);
const first = SEED * 1000;
const RANDOM = Array.from({ length: COUNT }, (_, i) => first + i);
const STEPS = 150;

/** Feeds that never have to name a unit, and why. */
const IDLE = new Map([
  ["availability-zone nb.NB_Global", "another name is another identity, whereupon everything is planned"],
  [
    "availability-zone icSb.Gateway",
    "it is read, so that it has to be known whole, but is no reason to do anything",
  ],
  ["availability-zone icSb.Port_Binding", "the same"],
  ["availability-zone icSb.Route", "the same"],
  ["availability-zone icSb.Service_Monitor", "the same"],
  ["availability-zone icSb.Address_Set", "the same"],
]);

/** What need not be said at once, while nothing else is asked for. */
const UNHURRIED = [
  // What another row holds is warned of when that row changes, or ours, and by each full pass.
  /^warn: former-zone-holds-rows /,
];

/** Tables that are read and feed nothing, and why. */
const TOLD = new Map([
  ["address-sets icSb.Availability_Zone", "the zone's name is in a text"],
  ["gateways icSb.Availability_Zone", "the zone's name is in a text"],
  ["learned-routes icSb.Availability_Zone", "the zone's name is in a text"],
  ["port-bindings icSb.Availability_Zone", "the zone's name is in a text"],
  ["availability-zone icSb.Encap", "for what another row holds, see above; the same goes for those below"],
  ["availability-zone nb.Logical_Router", ""],
  ["availability-zone nb.Logical_Router_Port", ""],
  ["availability-zone nb.Logical_Switch_Port", ""],
  ["availability-zone sb.Chassis", ""],
  ["availability-zone sb.Encap", ""],
]);

describe("what a unit reads", () => {
  const gaps: Gap[] = [];
  const needed = new Set<string>();
  const tables = new Set<string>();
  const impure = new Set<string>();
  const followers = new Set<string>();
  const all = PLANNERS.flatMap((planner) => tablesOf(planner).map((table) => `${planner.name} ${table}`));
  const idle = () => all.filter((feed) => !needed.has(feed) && !IDLE.has(feed));

  function take(seed: number): void {
    const walked = walk(seed, STEPS, PLANNERS);
    const { tracker, view } = walked;
    gaps.push(...walked.gaps);
    for (const feed of tracker.decisive.keys()) needed.add(feed);
    for (const table of tracker.tables) tables.add(table);
    for (const planner of tracker.planAll()) impure.add(planner);
    view.supposing({ leader: !view.leader }, () => {
      for (const planner of tracker.planAll()) followers.add(planner);
    });
  }

  it("feeds it", { timeout: 300_000 }, () => {
    for (const seed of [...CHOSEN, ...RANDOM]) take(seed);
    for (let seed = 0; idle().length > 0 && seed < MOST; seed++) take(seed);
    const isUrgent = ({ before, after }: Gap) =>
      after.some((line) => !before.includes(line) && !UNHURRIED.some((one) => one.test(line)));
    expect(gaps.filter(isUrgent).slice(0, 5)).toEqual([]);
  });

  it("is all that its plan follows from", () => {
    expect([...impure]).toEqual([]);
  });

  it("is told by no more feeds than are needed: without any one of them, a unit would have been forgotten", () => {
    expect(idle()).toEqual([]);
  });

  it("is of tables that feed its planner, which so are known whole before anything is planned", () => {
    expect([...tables].filter((table) => !all.includes(table) && !TOLD.has(table))).toEqual([]);
  });

  it("is all but the lock, and that only where the planner says so", () => {
    const leading = PLANNERS.filter(({ leads }) => leads).map(({ name }) => name);
    expect([...followers].filter((name) => !leading.includes(name))).toEqual([]);
  });
});
