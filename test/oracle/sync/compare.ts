/** Plays a scenario with our controllers and with the C ones, each in a lab of its own, and compares. */
import { expect } from "vitest";
import type { Lab } from "./lab.ts";

export interface Labs {
  readonly ours: Lab;
  readonly theirs: Lab;
}

/** Empties both labs and starts controllers. */
export async function begin({ ours, theirs }: Labs): Promise<void> {
  await Promise.all([ours.reset(), theirs.reset()]);
  await Promise.all([ours.startControllers(() => "ours"), theirs.startControllers(() => "c")]);
}

export interface Rows {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** Does the same in both labs, waits until both have settled, and says what they hold then. Ours must have nothing left to do. */
export async function play({ ours, theirs }: Labs, commands: readonly string[]): Promise<Rows> {
  await Promise.all([ours.run(commands), theirs.run(commands)]);
  await Promise.all([ours.settle(), theirs.settle()]);
  expect(ours.leftToDo(), commands.join("\n")).toEqual([]);
  return { ours: await ours.rows(), theirs: await theirs.rows() };
}

/** The rows that only one side has. */
export function difference(rows: Rows): string[] {
  const [ours, theirs] = [new Set(rows.ours), new Set(rows.theirs)];
  return [
    ...rows.ours.filter((row) => !theirs.has(row)).map((row) => `ours: ${row}`),
    ...rows.theirs.filter((row) => !ours.has(row)).map((row) => `C:    ${row}`),
  ];
}

/** A fresh controller of ours, that knows nothing of what came before, writes nothing. */
export async function expectNothingToWrite(lab: Lab): Promise<void> {
  await lab.stopControllers();
  await lab.startControllers(() => "ours");
  await lab.settle();
  expect(lab.written).toEqual([]);
}
