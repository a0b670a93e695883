/** What planners ask for and say, in a form that is short enough to be written down in tests. */
import type { DatumInput } from "ovsdb-client-ts";
import { isUuid } from "ovsdb-client-ts";
import type { DatabaseName, Note, Subject, View } from "../../../../src/core/model/index.ts";
import { DATABASE_NAMES } from "../../../../src/core/model/index.ts";
import type { Holder, Operation, Planner } from "../../../../src/core/planning/index.ts";
import { isPlaceholder, Plan, TunnelKeys, unitName } from "../../../../src/core/planning/index.ts";
import { tokenOf } from "../../../harness/memory/database.ts";

type Level = "warn" | "explain" | "finding";

export interface Said {
  readonly level: Level;
  readonly note: Note;
}

/** A unit's plan. */
export interface Planned {
  readonly plan: Plan;
  readonly said: readonly Said[];
}

/** Plans one unit. Without `explain` as the engine does it, where nobody asks why something is left out. */
export function planUnit(
  planner: Planner,
  key: string,
  view: View,
  explain: boolean,
  keys = new TunnelKeys(view),
): Planned {
  const said: Said[] = [];
  const say = (level: Level) => (note: Note) => void said.push({ level, note });
  const plan = new Plan({
    warn: say("warn"),
    finding: say("finding"),
    explain: explain ? say("explain") : null,
    tunnelKeys: keys,
    columnOf: view.schemas.columnOf,
  });
  planner.plan(key, view, plan);
  return { plan, said };
}

/** What all units of a planner ask for, and what they say, line by line. */
export interface Outcome {
  readonly does: readonly string[];
  readonly says: readonly string[];
  /** Names of the units that want to wait for more rows. */
  readonly waits: readonly string[];
}

/** Plans all units of a planner once, as one round does. */
export function outcomeOf(planner: Planner, view: View): Outcome {
  const does: string[] = [];
  const says = new Set<string>();
  const waits: string[] = [];
  const keys = new TunnelKeys(view);
  const quietKeys = new TunnelKeys(view);
  view.facts.during(() => {
    for (const key of new Set(planner.units(view))) {
      const { plan, said } = planUnit(planner, key, view, true, keys);
      const lines = linesOf(plan);
      const quiet = linesOf(planUnit(planner, key, view, false, quietKeys).plan);
      if (quiet.join("\n") !== lines.join("\n"))
        throw new Error(`to explain ${key} makes a difference: ${quiet}`);
      does.push(...lines);
      for (const one of said) says.add(lineOfNote(one));
      if (plan.waits) waits.push(unitName({ planner, key }, view));
    }
  });
  return { does, says: [...says], waits };
}

export function linesOf(plan: Plan): string[] {
  return DATABASE_NAMES.flatMap((database) => plan.operations[database].map((one) => lineOf(database, one)));
}

/**
 * `+` is an insert, `-` a delete, `~` an update, `?` asks that there be no such row.
 *
 * @example "icSb ~ Gateway gw1: hostname=h1, options:x=-"
 */
function lineOf(database: DatabaseName, operation: Operation): string {
  const { table } = operation;
  const leader = operation.leader ? " (leader)" : "";
  switch (operation.kind) {
    case "insert":
      return `${database} + ${table} ${shownColumns(operation.columns)}${shownHolder(operation.holder)}${leader}`;
    case "absent":
      return `${database} ? ${table} ${shownColumns(operation.values)}${leader}`;
    case "delete": {
      const verify = operation.verify.length === 0 ? "" : ` if ${operation.verify.join(", ")}`;
      return `${database} - ${table} ${tokenOf(operation.old._uuid)}${shownHolder(operation.holder)}${verify}${leader}`;
    }
    case "update": {
      const keys = Object.entries(operation.keys).flatMap(([column, changes]) =>
        Object.entries(changes).map(
          ([key, value]) => `${column}:${key}=${value === null ? "-" : shown(value)}`,
        ),
      );
      const columns = shownColumns(operation.columns);
      const changes = [...(columns === "" ? [] : [columns]), ...keys].join(", ");
      return `${database} ~ ${table} ${tokenOf(operation.old._uuid)}: ${changes}${leader}`;
    }
  }
}

function shownHolder(holder: Holder | null): string {
  return holder === null ? "" : ` in ${holder.table} ${shown(holder.uuid)}`;
}

function shownColumns(columns: { readonly [column: string]: DatumInput }): string {
  return Object.entries(columns)
    .map(([column, value]) => `${column}=${shown(value)}`)
    .join(", ");
}

function shown(value: DatumInput): string {
  if (value === null) return "-";
  if (typeof value !== "object") return isPlaceholder(value) ? "(new)" : shownAtom(String(value));
  if (value instanceof Map || !(Array.isArray(value) || value instanceof Set)) {
    const pairs = value instanceof Map ? [...value] : Object.entries(value);
    return `{${pairs.map(([key, one]) => `${key}=${shown(one)}`).join(", ")}}`;
  }
  return `[${[...value].map(shown).join(" ")}]`;
}

function shownAtom(text: string): string {
  return isUuid(text) ? tokenOf(text) : text === "" ? '""' : text;
}

/**
 * @example "warn: deny-list of Route 10.0.2.0/24 via 10.0.0.2, by NB_Global az1 ic-route-denylist=10.0.0.0/8"
 */
export function lineOfNote({ level, note: { reason, subject, decidedBy } }: Said): string {
  const by = decidedBy === undefined || isSame(decidedBy, subject) ? "" : `, by ${shownSubject(decidedBy)}`;
  const { option, value } = decidedBy ?? {};
  const set =
    option === undefined
      ? ""
      : `${by === "" ? ", by" : ""} ${option}${value === undefined ? "" : `=${value}`}`;
  return `${level}: ${reason} of ${shownSubject(subject)}${by}${set}`;
}

function isSame(a: Subject, b: Subject): boolean {
  return a.table === b.table && a.uuid === b.uuid;
}

function shownSubject({ table, uuid, name }: Subject): string {
  return `${table} ${uuid === "" ? name : tokenOf(uuid)}`;
}
