/** Has a server do what was planned. */
import type { Outcome, PlannedTransaction } from "../../planning/index.ts";
import { applyOperations } from "./apply.ts";
import type { Connections } from "./connections.ts";
import type { Lease } from "./lease.ts";

/** The lock that the one active instance of an availability zone has on its southbound database. */
export const ZONE_LOCK = "ovn_ic";

/** Errors that say nothing of a transaction: the server's disk is full, or its cluster can't agree. */
const UNAVAILABLE: ReadonlySet<string> = new Set(["I/O error", "cluster error"]);

/** Commits a transaction, if the zone's lock is certain to be ours; never throws. */
export async function commitPlanned(
  connections: Connections,
  lease: Lease,
  planned: PlannedTransaction,
): Promise<Outcome> {
  try {
    const transaction = connections[planned.database].transaction();
    if (planned.database === "sb") transaction.assertLock(ZONE_LOCK);
    transaction.comment("ovn-ic");
    applyOperations(transaction, planned.parts);
    if (planned.database !== "sb" && !(await lease.holds())) return { status: "notLocked" };
    const result = await transaction.commit();
    if (result.status === "error") {
      const status = UNAVAILABLE.has(result.error.error) ? "unavailable" : "error";
      return { status, text: result.error.message };
    }
    if (result.status === "tryAgain") return { status: "tryAgain", text: result.reason };
    if (result.status === "notLocked") return { status: "notLocked", text: "not owner" };
    return { status: result.status };
  } catch (error) {
    // What can't be written under the server's schema is refused before it is sent.
    return { status: "error", text: error instanceof Error ? error.message : String(error) };
  }
}
