/** Waiting: until something changes, and until the southbound database has caught up (`--wait=sb`). */
import type { Integer, OvsSchema, Replica } from "ovsdb-client-ts";

/**
 * Resolves when the southbound database has caught up with a change, counted by `value`, of the northbound
 * one.
 */
export async function caughtUp(
  replica: Replica<OvsSchema>,
  globalTable: string,
  value: Integer,
  change: () => Promise<void>,
): Promise<void> {
  while (!hasCaughtUp(replica, globalTable, value)) await change();
}

/** Whether the southbound database is as far as `value` says. */
function hasCaughtUp(replica: Replica<OvsSchema>, globalTable: string, value: Integer): boolean {
  for (const row of replica.transaction().rows(globalTable)) {
    const reached = row.sb_ic_cfg;
    if ((typeof reached === "number" || typeof reached === "bigint") && reached >= value) return true;
  }
  return false;
}

/** Resolves when the contents of a replica change, or a connection is lost and found. */
export function nextChange(replica: Replica<OvsSchema>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let wasComplete = replica.complete;
    const stop = () => {
      unsubscribe();
      unsubscribeState();
      signal?.removeEventListener("abort", onAbort);
    };
    const done = () => {
      stop();
      replica.synced({ signal }).then(() => resolve(), reject);
    };
    const onAbort = () => {
      stop();
      reject(signal?.reason);
    };
    const unsubscribe = replica.subscribe(done);
    const unsubscribeState = replica.onStateChange(() => {
      if (wasComplete && !replica.complete) wasComplete = false;
      else done();
    });
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
}
