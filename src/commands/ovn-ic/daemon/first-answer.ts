/**
 * What a daemon's `status` waits for right after the start: C's tells then who has the lock, as connecting is
 * part of its first turn.
 */
import type { Session } from "ovsdb-client-ts";

/**
 * Milliseconds after the start; a server that is there, but says nothing, must not hold up who asks. On a
 * busy machine half a second was too little for one that does answer, and `status` said standby of an
 * instance that was about to be active.
 */
const PATIENCE = 3000;

/** Resolves when a server has answered who has the lock, or has turned out not to be there; never rejects. */
export async function firstAnswer(session: Session): Promise<void> {
  const failed = new AbortController();
  const unsubscribe = session.onStateChange(() => {
    if (session.lastError !== null) failed.abort(session.lastError);
  });
  try {
    // Locks are asked for as soon as the session is up, so their answers come before this one.
    await session.request("echo", [], { wait: true, timeout: PATIENCE, signal: failed.signal });
  } catch {
    // Then the state is what it is.
  } finally {
    unsubscribe();
  }
}
