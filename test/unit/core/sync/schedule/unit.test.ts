// One unit's life: from which phase what leads to which, and what fits none.
import { expect, test } from "vitest";
import type { PlannedTransaction, Planner } from "../../../../../src/core/planning/index.ts";
import type { Group, UnitState } from "../../../../../src/core/sync/schedule/unit.ts";
import {
  deferred,
  groupOf,
  isDue,
  landed,
  newUnit,
  planning,
  quarantined,
  sent,
} from "../../../../../src/core/sync/schedule/unit.ts";

const planner: Planner = {
  name: "gateways",
  writes: ["icSb"],
  leads: false,
  feeds: {},
  units: () => [],
  plan: () => undefined,
};
const first: PlannedTransaction = { database: "icSb", parts: [] };
const second: PlannedTransaction = { database: "nb", parts: [] };
const group: Group = { database: "icSb", units: [] };

type Step = (unit: UnitState) => void;
const steps = {
  planning,
  sent: (unit) => sent(unit, first),
  "sent to another, too": (unit) => sent(unit, second),
  landed: (unit) => landed(unit, first),
  "landed from the other": (unit) => landed(unit, second),
  quarantined: (unit) => quarantined(unit, group),
  "deferred until 7": (unit) => deferred(unit, 7),
  fed: (unit) => deferred(unit, 0),
} as const satisfies Record<string, Step>;

const after = (...names: readonly (keyof typeof steps)[]) => {
  const unit = newUnit({ planner, key: "gw1" });
  for (const name of names) steps[name](unit);
  return unit;
};

test.each<[names: (keyof typeof steps)[], phase: string, from: number, quarantine: boolean]>([
  [[], "due", 0, false],
  [["deferred until 7"], "due", 7, false],
  [["deferred until 7", "fed"], "due", 0, false],
  [["deferred until 7", "planning"], "due", 0, false],
  [["planning", "sent"], "in flight", 0, false],
  [["sent", "landed"], "due", 0, false],
  [["sent", "sent to another, too", "landed"], "in flight", 0, false],
  [["sent", "sent to another, too", "landed", "landed from the other"], "due", 0, false],
  [["sent", "deferred until 7", "landed"], "due", 7, false],
  [["sent", "deferred until 7", "fed", "landed"], "due", 0, false],
  [["sent", "quarantined"], "in flight", 0, true],
  [["sent", "quarantined", "landed"], "quarantined", 0, true],
  [["sent", "quarantined", "deferred until 7", "landed"], "quarantined", 7, true],
  [["quarantined", "deferred until 7", "fed"], "quarantined", 0, true],
  [["quarantined", "planning"], "due", 0, false],
  [["quarantined", "planning", "sent", "landed"], "due", 0, false],
])("%j: %s from %d on", (names, phase, from, quarantine) => {
  const unit = after(...names);
  expect(unit.phase).toMatchObject({ name: phase, from });
  expect(groupOf(unit)).toBe(quarantine ? group : null);
});

test("it is due when its time has come, and in no other phase", () => {
  const unit = after("deferred until 7");
  expect([6, 7, 8].map((now) => isDue(unit, now))).toEqual([false, true, true]);
  expect([after("sent"), after("quarantined")].map((one) => isDue(one, 9))).toEqual([false, false]);
});

test.each<[names: (keyof typeof steps)[], step: keyof typeof steps, said: string]>([
  [["sent"], "planning", "unit gateways gw1 is planned while it is in flight"],
  [["quarantined"], "sent", "unit gateways gw1 is sent while it is quarantined"],
  [[], "landed", "unit gateways gw1 is answered while it is due"],
  [["quarantined"], "landed", "unit gateways gw1 is answered while it is quarantined"],
  [["sent"], "landed from the other", "unit gateways gw1 is answered while it is in flight"],
  [["sent", "landed"], "landed", "unit gateways gw1 is answered while it is due"],
])("after %j, %s is wrong", (names, step, said) => {
  const unit = after(...names);
  const { phase } = unit;
  expect(() => steps[step](unit)).toThrow(said);
  expect(unit.phase).toBe(phase);
});
