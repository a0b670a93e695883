import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Findings } from "../../../../src/commands/ovn-ic/findings.ts";
import type { Planner } from "../../../../src/core/planning/planner.ts";

let said: string[];
let found: string[];
let findings: Findings;
const script: Planner = {
  name: "script",
  writes: [],
  leads: false,
  feeds: {},
  units: () => [],
  plan: () => {},
};

/** Plans a unit, of which all that is in `found` is found. */
function plan(): void {
  const unit = { planner: script, key: "unit" };
  findings.planning(unit);
  for (const text of found)
    findings.finding({
      reason: "r",
      text,
      subject: { database: "nb", table: "T", uuid: "" as never, name: "" },
    });
  findings.planned(unit);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  said = [];
  found = [];
  findings = new Findings(({ text }) => said.push(text));
});

afterEach(() => vi.useRealTimers());

test("what is there for some seconds is said once", () => {
  found = ["a"];
  plan();
  vi.advanceTimersByTime(4000);
  expect(said).toEqual([]);
  plan();
  vi.advanceTimersByTime(200_000);
  plan();
  expect(said).toEqual(["a"]);
});

test("what comes back within a minute, and stays, is said again after it", () => {
  found = ["a"];
  plan();
  vi.advanceTimersByTime(6000);
  found = [];
  plan();
  found = ["a"];
  plan();
  vi.advanceTimersByTime(30_000);
  expect(said).toEqual(["a"]);
  vi.advanceTimersByTime(40_000);
  expect(said).toEqual(["a", "a"]);
});

test("of many, each is said in the end, twenty a minute", () => {
  found = Array.from({ length: 50 }, (_, i) => `f${i}`);
  plan();
  vi.advanceTimersByTime(6000);
  expect(said).toHaveLength(20);
  vi.advanceTimersByTime(60_000);
  expect(said).toHaveLength(40);
  vi.advanceTimersByTime(60_000);
  expect([...said].sort()).toEqual([...found].sort());
});
