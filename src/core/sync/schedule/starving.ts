/** Units that found no free tunnel key. What feeds them doesn't say when there is one again: the row that gives it back is any other one. */
import type { ChangeSet, OvsSchema } from "ovsdb-client-ts";
import type { DatabaseName } from "../../model/index.ts";
import type { Planner, Unit } from "../../planning/index.ts";
import { UnitKeys } from "./unit-keys.ts";

const TABLES_WITH_KEYS = new Set(["Datapath_Binding", "Port_Binding"]);

export class Starving {
  readonly #units = new UnitKeys();

  add(unit: Unit): void {
    this.#units.add(unit);
  }

  /** The units that are to be planned again, which then starve no more, or once more. */
  fedBy<S extends OvsSchema>(database: DatabaseName, changes: ChangeSet<S>): [Planner, Set<string>][] {
    if (this.#units.isEmpty || database !== "icSb") return [];
    if (!changes.some(({ table, old }) => old !== null && TABLES_WITH_KEYS.has(table))) return [];
    return this.#units.take(() => true);
  }
}
