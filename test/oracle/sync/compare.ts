/** Plays a scenario with our controllers and with the C ones, each in a lab of its own, and compares. */
import { expect } from "vitest";
import { comparable, difference } from "../../harness/databases/comparable.ts";
import type { Lab } from "../../harness/lab/lab.ts";
import { forgive } from "./differences.ts";

export interface Labs {
  readonly ours: Lab;
  readonly theirs: Lab;
}

/** Empties both labs and starts controllers, in some zones only if so told. */
export async function begin({ ours, theirs }: Labs, zones?: readonly string[]): Promise<void> {
  await Promise.all([ours.reset(zones), theirs.reset(zones)]);
  await Promise.all([ours.startControllers(() => "ours"), theirs.startControllers(() => "c")]);
}

export interface Rows {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** The same without what can be forgiven. */
  readonly forgiven: readonly string[];
}

/**
 * Does the same in both labs, waits until both have settled, and says what they hold then. Ours must have
 * nothing left to do.
 */
export async function play({ ours, theirs }: Labs, commands: readonly string[]): Promise<Rows> {
  await Promise.all([ours.run(commands), theirs.run(commands)]);
  await Promise.all([ours.settle(), theirs.settle()]);
  expect(ours.leftToDo(), commands.join("\n")).toEqual([]);
  const contents = await theirs.contents();
  const theirRows = comparable(contents, theirs.newer);
  forgive(contents);
  return { ours: await ours.rows(), theirs: theirRows, forgiven: comparable(contents, theirs.newer) };
}

/** The rows that only one side has. */
export function unlike(ours: readonly string[], theirs: readonly string[]): string[] {
  return difference(ours, theirs, ["ours", "C"]);
}

/** A fresh controller of ours, that knows nothing of what came before, writes nothing. */
export async function expectNothingToWrite(lab: Lab): Promise<void> {
  await lab.stopControllers();
  await lab.startControllers(() => "ours");
  await lab.settle();
  expect(lab.written).toEqual([]);
}
