/**
 * The engine: what changed, in; transactions, out. It decides which units are planned when and together, and
 * plans nothing itself. It knows no client, no clock and no logger: changes, outcomes and the time are handed
 * in.
 *
 * What a unit goes through is in `unit.ts`. Besides, it is contested when somebody keeps changing back what
 * it wrote: it waits then, longer each time, whatever feeds it (`reversals.ts`).
 *
 * States of the engine: closed (nothing is planned, changes are noted) ↔ open. Whoever knows that all
 * replicas are complete and the lock is held opens it. It is settled when it is open, no table lacks rows,
 * and every unit is clean.
 *
 * Invariants: nothing is planned while the engine is closed or a table that the planner reads lacks rows,
 * hence nothing deleted from what is not known whole; a planner that can do with a part of a table says which
 * units have to wait (`Plan.wait`). The last planner's units are planned only when all others' are clean, or
 * given up for the time being. At most one transaction per database is in flight, and no unit that writes to
 * that database is planned meanwhile: every plan rests on all that was committed before. For planners that
 * are independent see `InFlight`.
 */
import type { ChangeSet, OvsSchema } from "ovsdb-client-ts";
import type { Circumstances, DatabaseName, Note, Sources, TableKey } from "../../model/index.ts";
import { DATABASE_NAMES, sameIdentity, View } from "../../model/index.ts";
import type { Outcome, PlannedTransaction, Planner, PlanObserver, Problem } from "../../planning/index.ts";
import { ALL, ChangeBatch, fedUnits, observed, tablesOf } from "../../planning/index.ts";
import type { Counters } from "./answers.ts";
import { Answers } from "./answers.ts";
import { Problems } from "./problems.ts";
import { Reversals } from "./reversals.ts";
import { Rivals } from "./rivals.ts";
import { InFlight, Round } from "./round.ts";
import type { UnitState } from "./unit.ts";
import { expectedToLast, isDue, planning } from "./unit.ts";
import { Passes, Units } from "./units.ts";
import { freesTunnelKeys, PutAside, Waiting } from "./waiting.ts";

export interface EngineOptions {
  readonly sources: Sources;
  /** In the order in which they are planned. */
  readonly planners: readonly Planner[];
  readonly warn?: (note: Note) => void;
  readonly explain?: (note: Note) => void;
  readonly finding?: (note: Note) => void;
  readonly observers?: readonly PlanObserver[];
  /** Called when a unit begins to have a problem. */
  readonly problem?: (problem: Problem) => void;
}

/**
 * Operations in one transaction, after which what is left waits for the next. So many are planned, encoded
 * and sent in one turn of the event loop, and keep a server busy for as long.
 */
const MAX_OPERATIONS = 2000;

/**
 * The same of planners that may have several transactions under way. The text of one has to fit into the
 * buffer of a socket (208 KiB, where nobody has changed it), so that the server can take the next one in
 * while this process is busy with something else. An operation has 320 bytes, with long prefixes 380.
 */
const MAX_INDEPENDENT_OPERATIONS = 500;

/** Units that are named, or planned, in one turn. */
const MAX_UNITS = 10_000;

type TableNames = { readonly [D in DatabaseName]?: readonly string[] };

/**
 * The tables that say who we are. While we have no row of our name, what our gateways and ports are in says
 * it, too.
 */
const IDENTITY: TableNames = { nb: ["NB_Global"], icSb: ["Availability_Zone"] };
const DOUBTFUL_IDENTITY: TableNames = {
  nb: ["NB_Global"],
  sb: ["Chassis"],
  icSb: ["Availability_Zone", "Gateway", "Port_Binding"],
};

export class Engine {
  readonly counters: Counters = { fed: 0, full: 0, planned: 0, rowsRead: 0, committed: 0, refused: 0 };
  readonly #options: EngineOptions;
  readonly #observers: readonly PlanObserver[];
  /** What counts besides rows: the view shows it to planners. */
  readonly #circumstances: { -readonly [C in keyof Circumstances]: Circumstances[C] } = {
    leader: false,
    confirmed: null,
    incomplete: new Set(),
  };
  readonly #view: View;
  readonly #units: Units;
  readonly #inFlight = new InFlight();
  readonly #passes: Passes;
  readonly #waiting = new Waiting();
  /** Units that found no free tunnel key. */
  readonly #withoutKey = new PutAside();
  /**
   * Units that asked to wait until all tables are known whole of which their planner can do with a part
   * (`Planner.partial`).
   */
  readonly #withoutRows = new PutAside();
  readonly #reversals = new Reversals();
  readonly #rivals: Rivals;
  readonly #problems: Problems;
  readonly #answers: Answers;
  #open = false;
  #interrupted = false;
  /** Whether our name changed while our row, under the former one, was on its way to the server. */
  #identityDue = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#observers = options.observers ?? [];
    this.#view = new View(options.sources, this.#circumstances);
    this.#units = new Units(options.planners);
    this.#passes = new Passes(this.#view);
    this.#rivals = new Rivals(this.#view);
    this.#problems = new Problems(this.#view, this.#rivals, this.#reversals, options.problem);
    this.#answers = new Answers({
      waiting: this.#waiting,
      reversals: this.#reversals,
      counters: this.counters,
      problems: this.#problems,
    });
  }

  /** What planners know. */
  get view(): View {
    return this.#view;
  }

  /** Lets it work, or holds it. What is in flight stays so. */
  setOpen(open: boolean): void {
    this.#open = open;
  }

  /**
   * Says which tables may lack rows that planners need. Who reads one of them is not planned meanwhile,
   * unless a part of it will do.
   */
  setIncomplete(tables: ReadonlySet<TableKey>): void {
    this.#circumstances.incomplete = tables;
    const waited = this.#withoutRows.take((planner) => !this.#lacks(planner));
    for (const [planner, keys] of waited) this.#mark(planner, keys);
  }

  /** Whether work can begin before a table is known whole. */
  canDoWithPart(table: TableKey): boolean {
    return [...this.#units.planners].some(({ partial }) => partial?.includes(table) === true);
  }

  /**
   * Says that all that was there before IC_NB_Global.nb_ic_cfg got this value is known. Before it is
   * answered, everything is tried once more.
   */
  setConfirmed(nbIcCfg: number | bigint | null): void {
    this.#circumstances.confirmed = nbIcCfg;
    for (const unit of this.#units) if (unit.problem !== null) this.#waiting.end(unit);
    for (const planner of this.#units.planners) if (planner.last === true) this.#mark(planner, ALL);
  }

  /** Says whether we hold the global lock. */
  setLeader(leader: boolean): void {
    if (this.#circumstances.leader === leader) return;
    this.#circumstances.leader = leader;
    for (const planner of this.#units.planners) if (planner.leads) this.#mark(planner, ALL);
  }

  /** Asks for a full pass: every unit is planned. */
  markAll(): void {
    this.counters.full++;
    this.#identityDue = false;
    this.#view.refreshIdentity();
    for (const planner of this.#units.planners) this.#mark(planner, ALL);
  }

  /** Takes in what a replica announced. `now` is as for `next`. */
  changed<S extends OvsSchema>(database: DatabaseName, changes: ChangeSet<S>, now: number): void {
    this.#rivals.changed(database, changes, now);
    this.#view.stolen.changed(database, changes, this.#view.zone);
    if (this.#identityChanged(database, changes, now)) {
      this.markAll();
      return;
    }
    if (database === "icSb" && this.#zonesChanged(changes)) this.#endPauses();
    const batch = new ChangeBatch(database, changes);
    this.#view.facts.during(() => {
      for (const planner of this.#units.planners) this.#mark(planner, fedUnits(planner, this.#view, batch));
    });
    if (!this.#withoutKey.isEmpty && freesTunnelKeys(database, changes))
      for (const [planner, keys] of this.#withoutKey.take(() => true)) this.#mark(planner, keys);
  }

  /** The transactions to be sent now. `now` is in milliseconds of any clock that never goes back. */
  next(now: number): PlannedTransaction[] {
    this.#interrupted = false;
    return this.#open ? this.#view.facts.during(() => this.#plannedRounds(now)) : [];
  }

  /**
   * Whether `next` has ended before it was through, so that others have their turn: it is to be called again.
   */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  #plannedRounds(now: number): PlannedTransaction[] {
    this.#passes.take(MAX_UNITS, (planner, key) => this.#markUnit(planner, key));
    this.#interrupted = this.#passes.pending;
    if (this.#interrupted) return [];
    this.#waiting.expire(now);
    for (;;) {
      const round = new Round(this.#view, this.#options);
      this.#planGroups(round, now);
      this.#planDue(round, now);
      const transactions = this.#send(round);
      if (transactions.length > 0 || round.planned === 0 || this.#interrupted) return transactions;
    }
  }

  /** Takes in how a transaction ended. */
  finished(transaction: PlannedTransaction, outcome: Outcome, now: number): void {
    const parts = this.#inFlight.take(transaction);
    if (transaction.database === "icSb" && this.#identityDue) this.#learnIdentity(outcome);
    this.#answers.take(transaction, parts, outcome, now);
  }

  /** When something that waits is due; null if nothing waits, or may not be done anyhow. */
  get deadline(): number | null {
    return this.#open ? this.#waiting.deadline : null;
  }

  /** Whether nothing is left to be done: no row is missing and every unit is clean. */
  get settled(): boolean {
    return this.#allKnown && this.#units.size === 0;
  }

  /** Whether nothing is left but what the servers refuse again and again, or what can't be planned. */
  get stuck(): boolean {
    return this.#allKnown && this.#units.areStuck;
  }

  get #allKnown(): boolean {
    return this.#open && this.#view.incomplete.size === 0 && !this.#passes.pending;
  }

  /** How many units are not clean. */
  get left(): number {
    return this.#units.size;
  }

  /** The units that can't be brought into order. */
  get problems(): Problem[] {
    return [...this.#units].flatMap((unit) => unit.problem ?? []);
  }

  #identityChanged<S extends OvsSchema>(database: DatabaseName, changes: ChangeSet<S>, now: number): boolean {
    const tables = (this.#view.identityInDoubt ? DOUBTFUL_IDENTITY : IDENTITY)[database] ?? [];
    if (!changes.some(({ table }) => tables.includes(table))) return false;
    // Before there is our row, nothing else is written there.
    if (database === "nb") this.#identityDue = this.#view.zone === null && this.#inFlight.has("icSb");
    if (this.#identityDue) return false;
    // With a new name, a row that others keep is left to them: they would rename it back.
    if (this.#view.nb.NB_Global.first()?.name !== this.#view.identity.name) {
      if (this.#reversals.isAtWar(now) && this.#rivals.describe(now) !== null) this.#view.disownName();
      this.#endPauses();
      this.#problems.forgetRivals();
    }
    return !sameIdentity(this.#view.identity, this.#view.refreshIdentity());
  }

  /**
   * Whether another zone's row came or went: a quarrel about a name is over then, as a rule, and if it isn't
   * it begins anew.
   */
  #zonesChanged<S extends OvsSchema>(changes: ChangeSet<S>): boolean {
    return changes.some(
      ({ table, uuid, old, new: now }) =>
        table === "Availability_Zone" && (old === null || now === null) && uuid !== this.#view.zone,
    );
  }

  /** Lets everything go on at once that waits because somebody has changed it back. */
  #endPauses(): void {
    if (this.#reversals.end()) for (const unit of this.#units) if (unit.lasting) this.#waiting.end(unit);
  }

  /**
   * Our row under the former name is, or isn't, in the database now. If that is not known, the next change of
   * these tables tells.
   */
  #learnIdentity({ status }: Outcome): void {
    this.#identityDue = false;
    if (status === "unknown") return;
    if (status !== "committed" && status !== "unchanged") this.#view.disownName();
    this.markAll();
  }

  /** Makes units due. What they waited for may just have come, so their delay is over. */
  #mark(planner: Planner, keys: Iterable<string> | typeof ALL): void {
    if (keys === ALL) this.#passes.begin(planner);
    else for (const key of keys) this.#markUnit(planner, key);
  }

  #markUnit(planner: Planner, key: string): void {
    const unit = this.#units.find(planner, key);
    this.#waiting.end(unit);
    this.#withoutRows.remove(unit);
    this.counters.fed++;
  }

  #planGroups(round: Round, now: number): void {
    const isFree = (database: DatabaseName) => !this.#inFlight.has(database);
    const isHeld = (planner: Planner) => this.#held(planner);
    for (const unit of this.#waiting.takeGroups(isFree, round.reserved, isHeld)) this.#plan(round, unit, now);
  }

  #planDue(round: Round, now: number): void {
    this.#reserve(round, now);
    for (const planner of this.#units.planners) {
      if (!this.#mayPlan(round, planner)) continue;
      const most = planner.independent === true ? MAX_INDEPENDENT_OPERATIONS : MAX_OPERATIONS;
      for (const unit of this.#units.of(planner)) {
        if (round.operations >= most) return;
        this.#interrupted = round.planned >= MAX_UNITS;
        if (this.#interrupted) return;
        if (isDue(unit, now)) this.#plan(round, unit, now);
      }
    }
  }

  /**
   * Keeps independent planners, which could have one transaction after the other under way for long, from
   * overtaking everybody else.
   */
  #reserve(round: Round, now: number): void {
    for (const planner of this.#units.planners) {
      if (planner.independent === true || this.#mayPlan(round, planner) || this.#held(planner)) continue;
      if (!this.#units.some(planner, (unit) => isDue(unit, now))) continue;
      for (const database of planner.writes) round.reserved.add(database);
    }
  }

  #mayPlan(round: Round, planner: Planner): boolean {
    const isBusy = (database: DatabaseName) =>
      round.reserved.has(database) || !this.#inFlight.admits(planner, database);
    return !planner.writes.some(isBusy) && !this.#held(planner);
  }

  /** Whether a planner has to wait: for rows that it reads, or, being the last one, for all others. */
  #held(planner: Planner): boolean {
    if (planner.last !== true) return this.#lacks(planner, planner.partial);
    return this.#view.incomplete.size > 0 || !this.#units.areDone(planner);
  }

  /** Whether tables that a planner reads may lack rows, besides some that don't matter. */
  #lacks(planner: Planner, besides: readonly TableKey[] = []): boolean {
    const { incomplete } = this.#view;
    if (incomplete.size === 0) return false;
    return tablesOf(planner).some((table) => incomplete.has(table) && !besides.includes(table));
  }

  #plan(round: Round, unit: UnitState, now: number): void {
    const plan = round.takePlan();
    const rowsBefore = this.#view.reads.rows;
    const { shortages } = round.tunnelKeys;
    planning(unit);
    round.planned++;
    this.counters.planned++;
    try {
      observed(this.#observers, unit, () => unit.planner.plan(unit.key, this.#view, plan));
    } catch (error) {
      this.#unplannable(unit, error);
      return;
    }
    this.counters.rowsRead += this.#view.reads.rows - rowsBefore;
    if (round.tunnelKeys.shortages > shortages) this.#withoutKey.add(unit);
    if (plan.waits) this.#withoutRows.add(unit);
    if (plan.isEmpty) {
      if (!plan.waits) round.givePlan(plan);
      this.#units.remove(unit);
      return;
    }
    let pause = 0;
    for (const database of DATABASE_NAMES) {
      const operations = plan.operations[database];
      if (operations.length === 0) continue;
      const until = this.#reversals.pauseOf(unit, database, operations);
      if (until > now) pause = Math.max(pause, until);
      else round.send(unit, database, operations);
    }
    if (pause > 0) this.#pauseContested(unit, pause, now);
  }

  /** Somebody has changed back what a unit wrote: it waits, and counts as given up meanwhile. */
  #pauseContested(unit: UnitState, until: number, now: number): void {
    expectedToLast(unit, true);
    this.#waiting.add(unit, until);
    this.#problems.blameContested(unit, now);
    // Another deployment has given our row its own name, again: the row is left to it, and we get one of our
    // own.
    if (unit.planner.isIdentity !== true || this.#rivals.describe(now) === null) return;
    this.#view.disownName();
    this.#reversals.end();
    this.markAll();
  }

  /**
   * A mistake in a planner must not stop all others. The unit is planned again when something that feeds it
   * changes.
   */
  #unplannable(unit: UnitState, error: unknown): void {
    this.#waiting.add(unit, Number.POSITIVE_INFINITY);
    this.#problems.report(
      [unit],
      `can't be planned: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  #send({ transactions }: Round): PlannedTransaction[] {
    for (const transaction of transactions) this.#inFlight.add(transaction);
    return transactions;
  }
}
