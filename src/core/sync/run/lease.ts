/**
 * Whether the zone's lock is still ours, for what is written to other servers than the one that has the lock:
 * these can't assert it.
 *
 * A process that was stopped, or whose connection to SB is dead without a sign of it, believes for a while
 * that it holds a lock that another instance was given meanwhile. So before a write somewhere else SB must
 * have answered lately. A server takes the lock away only after it has heard nothing for two probe intervals
 * of at least a second each (ovn-sb(5), Connection:inactivity_probe), hence for a second from when the
 * question was sent nobody else can have it.
 */
import type { Lock, Session } from "ovsdb-client-ts";

const MILLISECONDS = 1000;

export class Lease {
  readonly #session: Session;
  readonly #lock: Lock;
  /** Until when it is certain. */
  #until = Number.NEGATIVE_INFINITY;
  #asking: Promise<boolean> | null = null;

  constructor(session: Session, lock: Lock) {
    this.#session = session;
    this.#lock = lock;
    lock.onChange(() => {
      this.#until = Number.NEGATIVE_INFINITY;
    });
  }

  /** Whether the lock is held now; asks the server if it hasn't answered lately. */
  async holds(): Promise<boolean> {
    while (this.#lock.held) {
      if (performance.now() < this.#until) return true;
      this.#asking ??= this.#ask();
      if (!(await this.#asking)) return false;
    }
    return false;
  }

  /** What the server said before its answer is known by then, the loss of the lock included. */
  async #ask(): Promise<boolean> {
    const asked = performance.now();
    try {
      await this.#session.request("echo", []);
      if (this.#lock.held) this.#until = asked + MILLISECONDS;
      return this.#lock.held;
    } catch {
      return false;
    } finally {
      this.#asking = null;
    }
  }
}
