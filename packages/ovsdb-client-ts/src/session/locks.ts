/**
 * The locks of a session (RFC 7047 §4.1.8 to §4.1.10, "Lock Operations").
 *
 * States of one lock, and what leaves each:
 * - idle: not asked for. `request` or `steal` → asked.
 * - asked: `lock` or `steal` is to be sent or was sent, and the server has not said that the lock is ours. A
 *   reply `locked: true` or the notification `locked` → held; `release` → idle.
 * - held: ours. The notification `stolen` → asked (the server keeps us in line); `release` → idle.
 * The end of the connection turns held into asked, and a new connection asks again.
 *
 * Invariant: `held` is true only while the server, as far as the stream has been read, says so. Replies and
 * notifications for a request that was taken back are recognized by `#turn`: it changes with each `lock`,
 * `steal` and `unlock`, and notifications count only when no `unlock` is unanswered.
 */
import { asOvsdbError, ConnectionError, OvsdbError, ProtocolError } from "../errors.ts";
import { checkDone } from "../jsonrpc/answers.ts";
import type { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import { isJsonObject } from "../jsonrpc/json.ts";
import { tell } from "../support/listeners.ts";

/**
 * A lock of the server, by name. `Session.lock` gives the same object for the same name.
 *
 * @example
 * const lock = session.lock("ovn_ic_sb");
 * lock.onChange((held) => console.log(held ? "leader" : "standby"));
 * lock.request();
 */
export interface Lock {
  readonly name: string;
  /** Whether it is ours. */
  readonly held: boolean;
  /** Whether we want it. */
  readonly requested: boolean;
  /** Asks for the lock and waits in line for it, again after every reconnect (§4.1.8). */
  request(): void;
  /**
   * Takes the lock from whoever holds it (§4.1.9); resolves when it is ours. Afterwards it counts as
   * requested.
   *
   * @throws ConnectionError when the session is not up or the connection ends; RequestError or ProtocolError
   *   when the server answers otherwise, which ends the connection.
   */
  steal(): Promise<void>;
  /**
   * Gives the lock back, or leaves the line (§4.1.10); resolves when the server has done so, or its
   * connection has ended, with which locks end too. Never rejects.
   */
  release(): Promise<void>;
  /** Calls the listener after each change of `held`; returns the function that ends this. */
  onChange(listener: (held: boolean) => void): () => void;
}

class SessionLock implements Lock {
  readonly name: string;
  readonly #listeners = new Set<(held: boolean) => void>();
  #connection: Connection | null = null;
  #requested = false;
  #held = false;
  #turn = 0;
  /** Number of unanswered `unlock`s. */
  #unlocking = 0;
  /** Whether the server has a request of ours that was not taken back. */
  #inLine = false;

  constructor(name: string) {
    this.name = name;
  }

  get held(): boolean {
    return this.#held;
  }

  get requested(): boolean {
    return this.#requested;
  }

  request(): void {
    if (this.#requested) return;
    this.#requested = true;
    if (this.#connection !== null) this.#ask(this.#connection);
  }

  async steal(): Promise<void> {
    const connection = this.#connection;
    if (connection === null) throw new ConnectionError(`cannot steal lock ${this.name}: not connected`);
    this.#requested = true;
    if (this.#held) return;
    // The server takes no second request for the same lock from the same client.
    if (this.#inLine) void this.#unlock(connection);
    try {
      await this.#send("steal", connection);
    } catch (error) {
      giveUp(connection, error);
      throw error;
    }
  }

  async release(): Promise<void> {
    if (!this.#requested) return;
    this.#requested = false;
    const connection = this.#connection;
    const unlocked = connection !== null && this.#inLine ? this.#unlock(connection) : null;
    this.#setHeld(false);
    await unlocked;
  }

  onChange(listener: (held: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connected(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    if (this.#requested) this.#ask(connection);
  }

  disconnected(): void {
    this.#connection = null;
    this.#turn++;
    this.#unlocking = 0;
    this.#inLine = false;
    this.#setHeld(false);
  }

  /** The server said `locked` or `stolen`. */
  notified(held: boolean): void {
    if (this.#inLine && this.#unlocking === 0) this.#setHeld(held);
  }

  #ask(connection: Connection): void {
    this.#send("lock", connection).catch((error: unknown) => giveUp(connection, error));
  }

  async #send(method: "lock" | "steal", connection: Connection): Promise<void> {
    const turn = ++this.#turn;
    this.#inLine = true;
    await connection.request(method, [this.name], {
      onResult: (result) => {
        const locked = isJsonObject(result) ? result["locked"] : undefined;
        if (locked !== true && (locked !== false || method === "steal"))
          throw new ProtocolError(`the reply to ${method} does not say whether the lock is ours`);
        if (turn === this.#turn && locked) this.#setHeld(true);
      },
    });
  }

  /** Resolves when the server has answered, or its connection has ended; never rejects. */
  async #unlock(connection: Connection): Promise<void> {
    this.#turn++;
    this.#inLine = false;
    this.#unlocking++;
    const onResult = (result: JsonValue) => {
      checkDone("unlock", result);
      if (this.#connection === connection) this.#unlocking--;
    };
    await connection
      .request("unlock", [this.name], { onResult })
      .catch((error: unknown) => giveUp(connection, error));
  }

  #setHeld(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    tell(this.#listeners, held);
  }
}

/**
 * A server has no reason to refuse what we ask about locks; if it does, what we know of its state is wrong.
 * It drops the locks of a client whose connection ends, so after that we are of one mind again. What has
 * ended already stays so.
 */
function giveUp(connection: Connection, error: unknown): void {
  connection.close(asOvsdbError(error));
}

/** All locks of a session. */
export class Locks {
  readonly #locks = new Map<string, SessionLock>();
  #connection: Connection | null = null;

  /**
   * The lock of that name.
   *
   * @throws OvsdbError when the name is not an `<id>` (RFC 7047 §3.1), which servers refuse.
   */
  get(name: string): Lock {
    const known = this.#locks.get(name);
    if (known !== undefined) return known;
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      throw new OvsdbError("lock", `lock name "${name}" is not made of letters, digits and "_"`);
    }
    const lock = new SessionLock(name);
    this.#locks.set(name, lock);
    if (this.#connection !== null) lock.connected(this.#connection);
    return lock;
  }

  connected(connection: Connection): void {
    this.#connection = connection;
    for (const lock of this.#locks.values()) lock.connected(connection);
  }

  disconnected(): void {
    this.#connection = null;
    for (const lock of this.#locks.values()) lock.disconnected();
  }

  /** Takes `locked` and `stolen`; returns whether it was one of them. */
  notification(method: string, params: readonly JsonValue[]): boolean {
    if (method !== "locked" && method !== "stolen") return false;
    const [name] = params;
    if (typeof name === "string") this.#locks.get(name)?.notified(method === "locked");
    return true;
  }
}
