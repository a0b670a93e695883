/** Groups of units to be planned apart from all others, since one of each spoils their transaction. */
import type { DatabaseName } from "../../model/index.ts";
import type { UnitState } from "./units.ts";

interface Group {
  readonly database: DatabaseName;
  readonly units: readonly UnitState[];
}

export class Suspects {
  #groups: Group[] = [];

  add(database: DatabaseName, units: readonly UnitState[]): void {
    for (const unit of units) unit.suspect = true;
    this.#groups.push({ database, units });
  }

  /** Halves a group that was refused. */
  split(database: DatabaseName, units: readonly UnitState[]): void {
    const half = Math.ceil(units.length / 2);
    this.add(database, units.slice(0, half));
    this.add(database, units.slice(half));
  }

  /**
   * The units of the groups whose turn it is: their databases are free and all of them may be planned. The databases of all groups are
   * reserved until these had their turn.
   */
  take(
    isFree: (database: DatabaseName) => boolean,
    reserved: Set<DatabaseName>,
    plannable: (unit: UnitState) => boolean,
  ): UnitState[] {
    const waiting: Group[] = [];
    const taken: UnitState[] = [];
    for (const group of this.#groups) {
      const writes = new Set(group.units.flatMap((unit) => unit.planner.writes)).add(group.database);
      const ready =
        group.units.every(plannable) && [...writes].every((name) => isFree(name) && !reserved.has(name));
      for (const database of writes) reserved.add(database);
      if (ready) taken.push(...group.units);
      else waiting.push(group);
    }
    this.#groups = waiting;
    for (const unit of taken) unit.suspect = false;
    return taken;
  }
}
