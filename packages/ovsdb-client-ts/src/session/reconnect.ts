/**
 * When to connect, probe and give up: a pure state machine. It knows no sockets and no clock; the owner tells
 * it what happened and what time it is (milliseconds, any origin), and does what `run` says. Modelled on the
 * ideas of OVS's reconnect library.
 *
 * States, and what leaves each:
 * - void: not to be connected. `enable` → backoff (with no delay) or, after the last try, nothing.
 * - backoff: waiting before the next try. The deadline → `run` says "connect".
 * - connecting: a try is on its way. `connected` → active; `disconnected` → backoff; the deadline →
 *   "disconnect".
 * - listening: passive, waiting for a server. `connected` → active; `disconnected` (listening failed) →
 *   backoff.
 * - active: connected, and the peer was heard from within a probe interval. Silence for that long → "probe",
 *   idle.
 * - idle: a probe is on its way. `activity` → active; silence for another probe interval → "disconnect".
 * - reconnect: `forceReconnect` was called while connected or connecting: → "disconnect" at once.
 * From every state `disconnected` leads to backoff, or to void when no tries are left, and `disable` to void.
 *
 * Backoff: of `remotes` tries in a row all but the last are followed by the next one at once, because they go
 * to different servers. Then there is a pause, `min` at first and doubling up to `max`. A connection that was
 * of use for as long as the current pause makes the pause `min` again, and the row start anew. So does one
 * that was in use and is given up on purpose, and then the next try follows at once: its server was good
 * until then, and another one is.
 */

export type ReconnectState =
  | "void"
  | "backoff"
  | "connecting"
  | "listening"
  | "active"
  | "idle"
  | "reconnect";

/**
 * What the owner has to do: connect (or listen) by calling `connecting` or `listening`; send an echo;
 * disconnect.
 */
export type ReconnectAction = "connect" | "probe" | "disconnect";

export interface ReconnectOptions {
  /** Pauses in milliseconds. Default 1000 … 8000. */
  backoff?: { readonly min: number; readonly max: number };
  /** Milliseconds of silence until a probe, 0 for never. Default 5000. */
  probeInterval?: number;
  /** Number of different servers that are tried in turn. Default 1. */
  remotes?: number;
  /** Number of tries until it gives up for good. Default: it never does. */
  maxTries?: number | null;
  /** Milliseconds for one try. Default: as long as the last pause, at least 1000. */
  connectTimeout?: number | null;
  /** Servers connect to us, so that there is nothing to pause for. */
  passive?: boolean;
}

/** The shortest probe interval, as in C: anything faster would be taken for a failure under load. */
const LEAST_PROBE_INTERVAL = 1000;

/** As in C: two hosts that swallow packets must leave a caller with little time enough for the third. */
const LEAST_CONNECT_TIMEOUT = 1000;

/**
 * How often within the longest pause a connection in use may be given up without a pause: a server whose
 * contents can't be read can't be read the next time either.
 */
const RELIEFS = 3;

/**
 * The state machine of one session.
 *
 * @example
 * const reconnect = new Reconnect({ remotes: 3 });
 * reconnect.enable(Date.now());
 * if (reconnect.run(Date.now()) === "connect") reconnect.connecting(Date.now());
 */
export class Reconnect {
  readonly #min: number;
  readonly #max: number;
  readonly #remotes: number;
  readonly #connectTimeout: number | null;
  readonly #passive: boolean;
  #probeInterval = 0;
  #state: ReconnectState = "void";
  /** When the current state was entered. */
  #since = 0;
  #lastActivity = 0;
  /** null while no connection was made since the last one ended. */
  #connectedAt: number | null = null;
  /** The pause of the current backoff state. */
  #pause = 0;
  /** The pause that was made last, or min before the first. */
  #longPause = 0;
  /** Tries that may yet be made without a pause. */
  #freeTries: number;
  #triesLeft: number | null;
  /** The server at the other end will do. */
  #approved = false;
  #inUse = false;
  /** A connection in use is being given up. */
  #relieved = false;
  #reliefs = 0;
  /** When the first of `#reliefs` was given. */
  #relievedSince = 0;

  constructor(options: ReconnectOptions = {}) {
    this.#min = options.backoff?.min ?? 1000;
    this.#max = Math.max(this.#min, options.backoff?.max ?? 8000);
    this.#remotes = options.remotes ?? 1;
    this.#freeTries = this.#remotes - 1;
    this.#triesLeft = options.maxTries ?? null;
    this.#connectTimeout = options.connectTimeout ?? null;
    this.#passive = options.passive ?? false;
    this.setProbeInterval(options.probeInterval ?? 5000);
  }

  get state(): ReconnectState {
    return this.#state;
  }

  get probeInterval(): number {
    return this.#probeInterval;
  }

  /** Milliseconds that the current backoff lasts in all; 0 in other states. */
  get pause(): number {
    return this.#state === "backoff" ? this.#pause : 0;
  }

  /** Whether pauses have become as long as they can be: then nobody wants to read of every try. */
  get weary(): boolean {
    return this.#longPause >= this.#max;
  }

  /** Sets the interval of probes; 0 switches them off, less than 1000 counts as 1000. */
  setProbeInterval(milliseconds: number): void {
    this.#probeInterval = milliseconds > 0 ? Math.max(LEAST_PROBE_INTERVAL, milliseconds) : 0;
  }

  /** Sets how many more tries there may be; null: any number. */
  setTries(tries: number | null): void {
    this.#triesLeft = tries;
  }

  /** Wants to be connected from now on. */
  enable(now: number): void {
    if (this.#state !== "void" || this.#triesLeft === 0) return;
    this.#pause = 0;
    this.#enter("backoff", now);
  }

  /** Wants to be connected no more; the owner drops what connection there is. */
  disable(now: number): void {
    this.#enter("void", now);
  }

  /**
   * The server at the other end will do: however long it took to find out that one won't, that was no use.
   */
  approve(): void {
    this.#approved = true;
  }

  /** The connection does what it is there for. */
  inUse(): void {
    this.#inUse = true;
  }

  /**
   * The connection will be dropped on purpose: of one in use that says nothing against its server, or any
   * other.
   */
  relieve(now: number): void {
    if (!this.#inUse) return;
    if (now - this.#relievedSince >= this.#max) {
      this.#reliefs = 0;
      this.#relievedSince = now;
    }
    this.#reliefs++;
    this.#relieved = this.#reliefs <= RELIEFS;
  }

  /** Drops the connection, or the try, and makes another. Does nothing while there is neither. */
  forceReconnect(now: number): void {
    this.relieve(now);
    if (this.#state === "connecting" || this.#state === "active" || this.#state === "idle") {
      this.#enter("reconnect", now);
    }
  }

  /** A try to connect began. */
  connecting(now: number): void {
    this.#countTry();
    this.#enter("connecting", now);
  }

  /** Listening for servers began. */
  listening(now: number): void {
    this.#countTry();
    this.#enter("listening", now);
  }

  /** A connection was made. */
  connected(now: number): void {
    this.#connectedAt = now;
    this.#lastActivity = now;
    this.#approved = false;
    this.#inUse = false;
    this.#relieved = false;
    this.#enter("active", now);
  }

  /** Something was received. */
  activity(now: number): void {
    this.#lastActivity = now;
    if (this.#state === "idle") this.#enter("active", now);
  }

  /** A connection or a try ended, for whatever reason. Returns whether there will be another. */
  disconnected(now: number): boolean {
    if (this.#state === "void" || this.#state === "backoff") return this.#state === "backoff";
    if (this.#triesLeft === 0) {
      this.#enter("void", now);
      return false;
    }
    const connectedAt = this.#connectedAt;
    const relieved = this.#relieved;
    this.#connectedAt = null;
    this.#inUse = false;
    this.#relieved = false;
    const useful =
      this.#approved &&
      connectedAt !== null &&
      this.#lastActivity - connectedAt >= Math.max(this.#longPause, this.#min);
    if (useful || relieved) {
      this.#longPause = 0;
      this.#freeTries = this.#remotes - 1;
    }
    this.#pause = relieved || (this.#passive && connectedAt !== null) ? 0 : this.#nextPause();
    this.#enter("backoff", now);
    return true;
  }

  /** When `run` will have something to do; null if time alone changes nothing. */
  deadline(): number | null {
    switch (this.#state) {
      case "void":
      case "listening":
        return null;
      case "backoff":
        return this.#since + this.#pause;
      case "connecting":
        return this.#since + (this.#connectTimeout ?? Math.max(LEAST_CONNECT_TIMEOUT, this.#longPause));
      case "active":
        return this.#probeInterval === 0
          ? null
          : Math.max(this.#lastActivity, this.#since) + this.#probeInterval;
      case "idle":
        return this.#probeInterval === 0 ? null : this.#since + this.#probeInterval;
      case "reconnect":
        return this.#since;
    }
  }

  /**
   * What is to be done now, or null. "probe" moves on to idle by itself; the others wait for the owner's
   * report.
   */
  run(now: number): ReconnectAction | null {
    const deadline = this.deadline();
    if (deadline === null || now < deadline) return null;
    switch (this.#state) {
      case "backoff":
        return "connect";
      case "active":
        this.#enter("idle", now);
        return "probe";
      default:
        return "disconnect";
    }
  }

  #enter(state: ReconnectState, now: number): void {
    this.#state = state;
    this.#since = now;
  }

  #countTry(): void {
    if (this.#triesLeft !== null) this.#triesLeft--;
  }

  #nextPause(): number {
    if (this.#freeTries > 0) {
      this.#freeTries--;
      return 0;
    }
    this.#freeTries = this.#remotes - 1;
    this.#longPause = this.#longPause === 0 ? this.#min : Math.min(this.#longPause * 2, this.#max);
    return this.#longPause;
  }
}
