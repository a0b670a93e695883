/**
 * Finds out when all that was written before IC_NB_Global.nb_ic_cfg got its present value is known here:
 * after the answer to an `echo`, since a server sends what it has committed before that.
 *
 * States: idle; asking (echoes are on their way). All answered → idle, and the value is confirmed; one lost →
 * idle, to be asked again once the replicas are complete.
 */
import type { Connections } from "./connections.ts";

/** The value itself comes from INB, in order with what else was written there. */
const ASKED = ["nb", "sb", "icSb"] as const;

export class CatchUp {
  readonly #connections: Connections;
  readonly #confirmed: (value: number | bigint) => void;
  #asking: number | bigint | null = null;

  constructor(connections: Connections, confirmed: (value: number | bigint) => void) {
    this.#connections = connections;
    this.#confirmed = confirmed;
  }

  /** Asks for a value to be confirmed. Does nothing while that is under way. */
  async ask(value: number | bigint): Promise<void> {
    if (this.#asking === value) return;
    this.#asking = value;
    try {
      await Promise.all(ASKED.map((name) => this.#connections[name].client.session.request("echo", [])));
      if (this.#asking === value) this.#confirmed(value);
    } catch {
      // The connection is lost: when it is back, its replica's becoming complete leads here again.
    } finally {
      if (this.#asking === value) this.#asking = null;
    }
  }
}
