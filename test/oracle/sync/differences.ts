/** Where ours differs from the C controller on purpose. Scenarios and walks refer to these by name; each must really differ. */
import type { Release } from "./scenario.ts";

export interface Difference {
  readonly releases: readonly Release[];
  /** What the C controller does, and what ours does instead. */
  readonly what: string;
}

const BOTH: readonly Release[] = ["23.03.1", "26.03.1"];

export const DIFFERENCES = {
  rename: {
    releases: ["23.03.1"],
    what: "C tries to delete the zone's row when the zone is renamed, which references forbid; ours renames the row, as 24.03 and later",
  },
  "un-name": {
    releases: BOTH,
    what: "C deletes the row of a zone without a name alone, which references forbid; ours deletes what hangs on it too",
  },
  forgotten: {
    releases: BOTH,
    what: "C leaves the routes that a router learned when its last port on transit switches goes; ours deletes them",
  },
  "no-ipv6": {
    releases: BOTH,
    what: "C advertises IPv6 prefixes of a port without IPv6 address with a link-local next hop that nobody accepts; ours doesn't",
  },
} as const satisfies Readonly<Record<string, Difference>>;

export type DifferenceName = keyof typeof DIFFERENCES;
