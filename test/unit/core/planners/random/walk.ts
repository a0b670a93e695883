/** A walk: a random world, in which rows change by chance, and in between by what planners ask for. */
import type { DatumInput } from "ovsdb-client-ts";
import type { DatabaseName, View } from "../../../../../src/core/model/index.ts";
import { DATABASE_NAMES } from "../../../../../src/core/model/index.ts";
import type { Operation, Planner } from "../../../../../src/core/planning/index.ts";
import { isPlaceholder } from "../../../../../src/core/planning/index.ts";
import type { AnyEdit } from "../../../../harness/memory/database.ts";
import { Refused, uuidFor } from "../../../../harness/memory/database.ts";
import type { Announced } from "../../../../harness/memory/rows.ts";
import { World } from "../../../../harness/memory/rows.ts";
import { planUnit } from "../planned.ts";
import { Recorder } from "../recorder.ts";
import type { Forgotten } from "../tracker.ts";
import { Tracker } from "../tracker.ts";
import { beginning } from "./beginning.ts";
import { Chance } from "./chance.ts";
import { Changes, describeChange } from "./change.ts";

/** A change after which units were forgotten. */
export interface Gap extends Forgotten {
  readonly seed: number;
  readonly change: string;
}

export interface Walked {
  readonly gaps: readonly Gap[];
  readonly steps: number;
  readonly tracker: Tracker;
  readonly view: View;
}

/** Rounds in which the world is brought into order before anything changes. */
const SETTLING = 6;

export function walk(seed: number, steps: number, planners: readonly Planner[]): Walked {
  const walker = new Walker(seed, planners);
  walker.settle();
  for (let i = 0; i < steps; i++) walker.step();
  return walker;
}

class Walker implements Walked {
  readonly gaps: Gap[] = [];
  readonly tracker: Tracker;
  readonly view: View;
  steps = 0;
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #world: World;
  readonly #changes: Changes;
  #made = 0;

  constructor(seed: number, planners: readonly Planner[]) {
    this.#seed = seed;
    this.#chance = new Chance(seed);
    const recorder = new Recorder();
    const given = beginning(this.#chance);
    this.#world = new World(
      given,
      { leader: this.#chance.happens(0.7), confirmed: this.#chance.below(3) },
      recorder.watch,
    );
    this.#chance.world = this.#world;
    this.view = this.#world.view;
    this.#changes = new Changes(this.#chance, this.#world);
    this.tracker = new Tracker(this.#world.view, recorder, planners);
  }

  /** Carries out what planners ask for, until nothing is left. */
  settle(): void {
    for (let i = 0; i < SETTLING; i++) {
      const asking = [...this.tracker.units].filter(({ asks }) => asks);
      if (asking.length === 0) return;
      for (const { planner, key } of asking) this.#carryOut(planner, key);
    }
  }

  step(): void {
    const asking = [...this.tracker.units].filter(({ asks }) => asks);
    if (asking.length > 0 && this.#chance.happens(0.5)) {
      const { planner, key } = this.#chance.of(asking);
      this.#carryOut(planner, key);
      return;
    }
    const change = this.#changes.next();
    this.#change(change.database, change.edits, describeChange(change));
  }

  #change(database: DatabaseName, edits: readonly AnyEdit[], what: string): void {
    const announced = this.#edit(database, edits);
    if (announced === null || announced.changes.length === 0) return;
    this.steps++;
    for (const forgotten of this.tracker.changed(announced))
      this.gaps.push({
        ...forgotten,
        seed: this.#seed,
        change: what,
      });
  }

  /** null if a server would refuse it. */
  #edit(database: DatabaseName, edits: readonly AnyEdit[]): Announced | null {
    try {
      return this.#world.edit(database, edits);
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }

  #carryOut(planner: Planner, key: string): void {
    const { plan } = planUnit(planner, key, this.#world.view, false);
    for (const database of DATABASE_NAMES) {
      const edits = this.#editsOf(database, plan.operations[database]);
      if (edits.length > 0) this.#change(database, edits, `what ${planner.name} asks for`);
    }
  }

  #editsOf(database: DatabaseName, operations: readonly Operation[]): AnyEdit[] {
    const made = new Map<string, string>();
    const real = (value: DatumInput): DatumInput => {
      if (isPlaceholder(value)) return made.get(value) ?? value;
      return Array.isArray(value)
        ? value.map((one) => (isPlaceholder(one) ? (made.get(one) ?? one) : one))
        : value;
    };
    const editsOf = (operation: Operation): AnyEdit[] => {
      const { table } = operation;
      switch (operation.kind) {
        case "absent":
          return [];
        case "insert": {
          const uuid = uuidFor(database, table, `planned ${++this.#made}`);
          made.set(operation.uuid, uuid);
          const columns = Object.entries(operation.columns).map(([column, value]) => [column, real(value)]);
          const row = { ...Object.fromEntries(columns), _uuid: uuid };
          return [{ insert: table, row }, ...this.#hold(database, operation, (held) => [...held, uuid])];
        }
        case "delete":
          if (operation.holder === null) return [{ delete: table, uuid: operation.old._uuid }];
          return this.#hold(database, operation, (held) => held.filter((one) => one !== operation.old._uuid));
        case "update": {
          const uuid = operation.old._uuid;
          const columns = Object.entries(operation.columns).map(([column, value]) => [column, real(value)]);
          const maps = Object.entries(operation.keys).map(([column, keys]) => {
            const now = this.#world.databases[database].store(table).get(uuid)?.[column];
            const map = new Map<unknown, unknown>(now instanceof Map ? now : []);
            for (const [one, value] of Object.entries(keys))
              if (value === null) map.delete(one);
              else map.set(one, value);
            return [column, map];
          });
          return [{ update: table, uuid, row: Object.fromEntries([...columns, ...maps]) }];
        }
      }
    };
    return operations.flatMap(editsOf);
  }

  #hold(
    database: DatabaseName,
    { holder }: Extract<Operation, { kind: "insert" | "delete" }>,
    held: (now: readonly unknown[]) => readonly unknown[],
  ): AnyEdit[] {
    if (holder === null) return [];
    const { table, uuid, column } = holder;
    const now = this.#world.databases[database].store(table).get(uuid)?.[column];
    return [{ update: table, uuid, row: { [column]: held(Array.isArray(now) ? now : []) } }];
  }
}
