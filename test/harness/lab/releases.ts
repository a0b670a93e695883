/** Labs with the programs and schemas of a release. */

import type { Release } from "../programs/ovn-sid.ts";
import { ovnSid } from "../programs/ovn-sid.ts";
import { Lab } from "./lab.ts";

export async function startLab(release: Release, zones: readonly string[] = ["az1", "az2"]): Promise<Lab> {
  if (release === "23.03.1") return Lab.start({ azs: zones }, false);
  const { root, version } = await ovnSid();
  // Sid moves on: rules of a newer release may differ, and whoever reads a failure should know which it was.
  if (!version.startsWith("ovn-ic 26.03."))
    throw new Error(`${root} has ${version}; the comparison is with 26.03`);
  return Lab.start({ azs: zones, ovnRoot: root });
}

/** A lab in which az1 has NB and SB of 23.03.1, all else, the global databases too, is of 26.03. */
export async function startMixedLab(): Promise<Lab> {
  const { root } = await ovnSid();
  return Lab.start({ azs: ["az2", "az3"], ovnRoot: root }, false, [{ azs: ["az1"] }]);
}
