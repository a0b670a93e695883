/** Scenarios: what is done to the databases of zones az1 and az2, as data. */

import type { Release } from "../../harness/programs/ovn-sid.ts";
import type { DifferenceName } from "./differences.ts";

export interface Scenario {
  /** The section of the rules that it belongs to. */
  readonly rule: string;
  readonly name: string;
  /** Commands, in groups; after each group everything settles, and is compared. See `Lab.run`. */
  readonly steps: readonly (readonly string[])[];
  /** The releases that have the rule; default: all. */
  readonly releases?: readonly Release[];
  /** A difference that is meant, from the table in `differences.ts`, by release. */
  readonly differs?: Readonly<Partial<Record<Release, DifferenceName>>>;
}

export const NEWER: readonly Release[] = ["26.03.1"];
