/**
 * A controller: the engine, joined to four servers and two locks.
 *
 * States, and what leaves each:
 * - connecting: some replica isn't complete, or lacks rows that turned out to be needed. All there, or as
 *   much as work can begin with, and the zone's lock → active; all there, without the lock → standby.
 * - standby: another instance has the zone's lock. The lock → active; a connection lost → connecting.
 * - active: the engine is open. The lock or a connection lost → standby or connecting: the engine is closed
 *   at once.
 * - paused, from any of these by `pause`: both locks are given up, replicas stay current, nothing is written.
 *   `resume` → what is the case then.
 *
 * The zone's lock is `ovn_ic` at SB; the global one, `ovn_ic_sb` at ISB, gives the right to write rows that
 * belong to no zone. Both are asked for at once, so that the answers are known before the first dump is. Who
 * doesn't get the zone's lock gives the global one back: a standby that keeps it would leave these rows to
 * nobody.
 */

import { onAbort } from "ovsdb-client-ts";
import type { DatabaseName, TableKey, View } from "../../model/index.ts";
import { DATABASE_NAMES, describeMissing } from "../../model/index.ts";
import type { Outcome, PlannedTransaction, Problem, Rules } from "../../planning/index.ts";
import type { EngineOptions } from "../schedule/index.ts";
import { Engine } from "../schedule/index.ts";
import { GLOBAL_LOCK } from "./apply.ts";
import { CatchUp } from "./catch-up.ts";
import { commitPlanned, ZONE_LOCK } from "./commit.ts";
import type { Connections, ConnectOptions } from "./connections.ts";
import { makeConnections } from "./connections.ts";
import { Lease } from "./lease.ts";
import { Probes } from "./probes.ts";
import { RowConditions } from "./row-conditions.ts";

/**
 * Milliseconds for which an instance that can't write may keep the global lock: a server that is restarted is
 * back by then.
 */
const GRACE = 3000;

export type ControllerState = "connecting" | "standby" | "active" | "paused";

export interface ControllerOptions
  extends ConnectOptions,
    Pick<EngineOptions, "warn" | "explain" | "finding" | "problem" | "observers"> {
  readonly rules: Rules;
  /** Called for each transaction that was committed. */
  readonly committed?: (transaction: PlannedTransaction) => void;
  /** Called for each transaction that was not. */
  readonly refused?: (transaction: PlannedTransaction, outcome: Outcome) => void;
  /** Called for each transaction, with the milliseconds from sending it to its answer. */
  readonly answered?: (transaction: PlannedTransaction, outcome: Outcome, milliseconds: number) => void;
  /** Called after each turn in which units were planned, with the milliseconds that it took. */
  readonly planned?: (milliseconds: number) => void;
  readonly stateChanged?: (state: ControllerState) => void;
  /** Called when one of the two locks was got or lost. */
  readonly lockChanged?: (lock: typeof ZONE_LOCK | typeof GLOBAL_LOCK, held: boolean) => void;
  /**
   * Called when it is known what the servers lack: once, and again when that is something else. For people,
   * one feature a line.
   */
  readonly featuresOff?: (features: readonly string[]) => void;
  /** Connects and reads only: no lock is asked for and nothing is written. */
  readonly readOnly?: boolean;
}

/** What a controller is and has to do, at one moment. */
export interface ControllerStatus {
  readonly state: ControllerState;
  /** NB_Global.name; "" while the zone has none. */
  readonly zone: string;
  /** Whether the zone's lock is ours, whatever else is missing: who has it lets nobody else be active. */
  readonly locked: boolean;
  /** How many units are not in order. */
  readonly left: number;
  /** Those that can't be brought into order. */
  readonly problems: readonly Problem[];
}

export class Controller {
  readonly connections: Connections;
  readonly view: View;
  readonly engine: Engine;
  readonly #options: ControllerOptions;
  readonly #catchUp: CatchUp;
  readonly #probes: Probes;
  readonly #conditions: RowConditions;
  readonly #lease: Lease;
  readonly #listeners = new Set<() => void>();
  #state: ControllerState = "connecting";
  #passed = false;
  /** Features that are off, as said last. */
  #off = "";
  #pumping = false;
  #timer: NodeJS.Timeout | null = null;
  /** Runs from when the global lock is of no use to us. */
  #grace: NodeJS.Timeout | null = null;
  #paused = false;
  #closed = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.connections = makeConnections(options, options.rules.needs);
    const { nb, sb, icNb, icSb } = this.connections;
    const sources = { nb: nb.source, sb: sb.source, icNb: icNb.source, icSb: icSb.source };
    this.engine = new Engine({ ...options, sources, planners: options.rules.planners });
    this.view = this.engine.view;
    this.#catchUp = new CatchUp(this.connections, (value) => {
      this.engine.setConfirmed(value);
      this.#pump();
    });
    this.#probes = new Probes(this.connections);
    this.#conditions = new RowConditions(this.connections, options.rules.needs, this.view, () =>
      this.#updateState(),
    );
    this.#lease = new Lease(sb.client.session, this.#zoneLock);
    this.#follow("nb");
    this.#follow("sb");
    this.#follow("icNb");
    this.#follow("icSb");
    this.#zoneLock.onChange((held) => {
      options.lockChanged?.(ZONE_LOCK, held);
      this.#locksChanged();
    });
    this.#globalLock.onChange((held) => {
      options.lockChanged?.(GLOBAL_LOCK, held);
      this.engine.setLeader(held);
      this.#pump();
    });
  }

  get status(): ControllerStatus {
    return {
      state: this.#state,
      zone: this.view.identity.name,
      locked: this.#zoneLock.held,
      left: this.engine.left,
      problems: this.engine.problems,
    };
  }

  get state(): ControllerState {
    return this.#state;
  }

  /** Whether it is active and nothing is left to be done. */
  get settled(): boolean {
    return this.#state === "active" && !this.#pumping && this.caughtUp && this.engine.settled;
  }

  /** Whether it is active and nothing is left but what the servers refuse again and again. */
  get stuck(): boolean {
    return this.#state === "active" && !this.#pumping && this.engine.stuck;
  }

  /** Whether all is known that was written before the latest sequence number was. */
  get caughtUp(): boolean {
    return this.#sequenceNumber === this.view.confirmed;
  }

  get #sequenceNumber(): number | bigint | null {
    if (!this.view.can("sequence numbers")) return null;
    return this.view.icNb.IC_NB_Global.first()?.nb_ic_cfg ?? null;
  }

  /** Begins to connect. */
  start(): void {
    this.#requestLocks();
    for (const name of DATABASE_NAMES) this.connections[name].client.start();
  }

  /** Gives up both locks and writes nothing more. What is in flight is committed whole or not at all. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    // The state first: a lock that is given up is not lost.
    this.#refreshState();
    this.#stopGrace();
    void this.#zoneLock.release();
    void this.#globalLock.release();
    this.#pump();
  }

  /** Asks for the locks again. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#requestLocks();
    this.#updateState();
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Plans everything anew. */
  recompute(): void {
    if (this.#passed) this.engine.markAll();
    this.#pump();
  }

  /**
   * Resolves when a condition holds, looked at now and after everything that happens. @throws `signal.reason`
   */
  async until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!condition()) return;
        end();
        resolve();
      };
      const abort = () => {
        end();
        reject(signal?.reason);
      };
      const end = () => {
        this.#listeners.delete(look);
        leave();
      };
      this.#listeners.add(look);
      const leave = onAbort(signal, abort);
    });
  }

  /** Ends the connections, and with them the locks. What is in flight is committed whole or not at all. */
  async close(): Promise<void> {
    this.#closed = true;
    this.engine.setOpen(false);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#stopGrace();
    await Promise.all(DATABASE_NAMES.map((name) => this.connections[name].client.close()));
  }

  #requestLocks(): void {
    if (this.#options.readOnly === true || this.#paused) return;
    this.#zoneLock.request();
    this.#globalLock.request();
  }

  get #zoneLock() {
    return this.connections.sb.client.lock(ZONE_LOCK);
  }

  get #globalLock() {
    return this.connections.icSb.client.lock(GLOBAL_LOCK);
  }

  #follow<D extends DatabaseName>(name: D): void {
    const { replica, client } = this.connections[name];
    this.connections[name].onChanges((changes) => {
      if (this.#passed) this.engine.changed(name, changes, performance.now());
      this.#conditions.changed(name, changes);
      if (changes.some(({ table }) => table === "NB_Global" || table === "IC_NB_Global"))
        this.#probes.update(this.view);
      this.#pump();
    });
    replica.onStateChange((complete) => {
      this.#conditions.doubtAll();
      if (complete && this.connections[name].schemaChanged()) this.#passed = false;
      this.#updateState();
    });
    void client.session.closed.then(() => this.#notify());
  }

  #locksChanged(): void {
    this.#shareGlobalLock();
    this.#updateState();
  }

  /**
   * Only who may write for the zone, and can, may stand in line for the global lock: all zones wait for its
   * holder. Who can't give the answer yet, or has lost a database a moment ago, has some seconds.
   */
  #shareGlobalLock(): void {
    if (this.#options.readOnly === true || this.#closed || this.#paused) return;
    const canWrite = DATABASE_NAMES.every((name) => this.connections[name].replica.complete);
    if (this.#zoneLock.held && canWrite) {
      this.#stopGrace();
      this.#globalLock.request();
      return;
    }
    const contended = this.connections.sb.replica.complete && !this.#zoneLock.held;
    if (contended || (!this.#zoneLock.held && this.#state === "active")) {
      this.#stopGrace();
      void this.#globalLock.release();
    } else this.#grace ??= setTimeout(() => void this.#globalLock.release(), GRACE).unref();
  }

  #stopGrace(): void {
    if (this.#grace !== null) clearTimeout(this.#grace);
    this.#grace = null;
  }

  #updateState(): void {
    if (this.#closed) return;
    this.#refreshState();
    this.#pump();
  }

  #refreshState(): void {
    const complete = this.#areRowsComplete() && this.#askForRows();
    this.#shareGlobalLock();
    const state = this.#stateNow(complete);
    const before = this.#state;
    this.#state = state;
    // Until the first full pass changes need no notice. What another instance did while it was active needs a
    // full pass too, as does another schema.
    if (this.#paused || !this.#zoneLock.held) this.#passed = false;
    if (state === "active" && !this.#passed) {
      this.#passed = true;
      this.engine.markAll();
    }
    this.engine.setOpen(state === "active");
    if (state === before) return;
    this.#options.stateChanged?.(state);
    if (before === "connecting") this.#sayWhatIsOff();
  }

  #stateNow(complete: boolean): ControllerState {
    if (this.#paused) return "paused";
    if (!complete) return "connecting";
    return this.#zoneLock.held ? "active" : "standby";
  }

  #sayWhatIsOff(): void {
    const off = describeMissing(this.view.schemas);
    if (off.join() === this.#off) return;
    this.#off = off.join();
    if (off.length > 0) this.#options.featuresOff?.(off);
  }

  /** Whether all is there that was asked for at first. */
  #areRowsComplete(): boolean {
    return DATABASE_NAMES.every((name) => this.connections[name].replica.complete);
  }

  /**
   * Asks for further rows that are needed. Once work has begun they keep only those waiting who read them.
   * Returns whether it can begin.
   */
  #askForRows(): boolean {
    if (!this.#passed) this.view.refreshIdentity();
    this.#conditions.update();
    const { incomplete } = this.#conditions;
    this.engine.setIncomplete(incomplete);
    const began = this.#state !== "connecting" && this.#state !== "paused";
    // Who may write begins with a part. Who only looks gets to see everything.
    const will = (table: TableKey) => this.#zoneLock.held && this.engine.canDoWithPart(table);
    return began || [...incomplete].every(will);
  }

  /** Everything that came in one turn of the event loop is planned together. */
  #pump(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      if (this.#closed) return;
      this.#refreshState();
      this.#askForConfirmation();
      this.#plan();
      this.#setTimer();
      this.#notify();
    });
  }

  #plan(): void {
    const began = performance.now();
    const { planned } = this.engine.counters;
    const transactions = this.engine.next(began);
    if (this.engine.counters.planned > planned) this.#options.planned?.(performance.now() - began);
    for (const transaction of transactions) void this.#commit(transaction);
    // There may be more that needn't wait for these to be answered. What has arrived meanwhile comes first.
    if (transactions.length > 0 || this.engine.interrupted) this.#pump();
  }

  #askForConfirmation(): void {
    const wanted = this.#sequenceNumber;
    if (this.#state !== "connecting" && wanted !== null && wanted !== this.view.confirmed)
      void this.#catchUp.ask(wanted);
  }

  #setTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const { deadline } = this.engine;
    this.#timer =
      deadline === null ? null : setTimeout(() => this.#pump(), Math.max(1, deadline - performance.now()));
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #commit(planned: PlannedTransaction): Promise<void> {
    const began = performance.now();
    const outcome = await commitPlanned(this.connections, this.#lease, planned);
    this.#options.answered?.(planned, outcome, performance.now() - began);
    if (outcome.status === "committed") this.#options.committed?.(planned);
    else if (outcome.status !== "unchanged") this.#options.refused?.(planned, outcome);
    this.engine.finished(planned, outcome, performance.now());
    this.#pump();
  }
}
