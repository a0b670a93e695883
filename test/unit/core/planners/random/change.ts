/**
 * Random changes: rows that come, go, move, or get another value in a column; one of them, or several at
 * once.
 */
import type { DatabaseName } from "../../../../../src/core/model/index.ts";
import { DATABASE_NAMES } from "../../../../../src/core/model/index.ts";
import type { AnyEdit } from "../../../../harness/memory/database.ts";
import { tokenOf } from "../../../../harness/memory/database.ts";
import type { World } from "../../../../harness/memory/rows.ts";
import type { Chance } from "./chance.ts";
import { VALUES } from "./values.ts";

export interface RandomChange {
  readonly database: DatabaseName;
  readonly edits: readonly AnyEdit[];
}

type AnyValue = (chance: Chance, now: unknown) => unknown;

/** The rows that hold others, which are there only as long as they are held. */
const HOLDERS: Readonly<Record<string, { readonly table: string; readonly column: string }>> = {
  "nb.Logical_Switch_Port": { table: "Logical_Switch", column: "ports" },
  "nb.Logical_Router_Port": { table: "Logical_Router", column: "ports" },
  "nb.Logical_Router_Static_Route": { table: "Logical_Router", column: "static_routes" },
  "sb.Encap": { table: "Chassis", column: "encaps" },
  "icNb.Transit_Switch_Port": { table: "Transit_Switch", column: "ports" },
  "icNb.Transit_Router_Port": { table: "Transit_Router", column: "ports" },
  "icSb.Encap": { table: "Gateway", column: "encaps" },
};

/** Tables that have one row, always. */
const SINGLE = ["NB_Global", "SB_Global", "IC_NB_Global", "IC_SB_Global", "Availability_Zone"];

/** Tables of few rows that concern many units. */
const FEW = ["NB_Global", "Chassis", "Transit_Switch", "Transit_Switch_Port", "Gateway"];

export class Changes {
  readonly #chance: Chance;
  readonly #world: World;
  #made = 0;

  constructor(chance: Chance, world: World) {
    this.#chance = chance;
    this.#world = world;
  }

  /** Some change, which a server may refuse. */
  next(): RandomChange {
    const chance = this.#chance;
    if (chance.happens(0.01)) return { database: "icSb", edits: this.#takeName() };
    const database = chance.of(DATABASE_NAMES);
    const count = chance.happens(0.7) ? 1 : 2 + chance.below(3);
    return { database, edits: Array.from({ length: count }, () => this.#edits(database)).flat() };
  }

  /** Has another zone's row take the name of this one's. */
  #takeName(): readonly AnyEdit[] {
    const table = "Availability_Zone";
    return [
      { update: table, uuid: "az1", row: { name: "rome" } },
      { update: table, uuid: this.#chance.of(["az2", "az3"]), row: { name: "az1" } },
    ];
  }

  #edits(database: DatabaseName): readonly AnyEdit[] {
    const chance = this.#chance;
    // What a column may be is looked up by the names that it is listed under.
    const tables = Object.entries(VALUES[database]) as [string, Readonly<Record<string, AnyValue>>][];
    const [table, columns] = chance.of(
      chance.happens(0.2) ? tables.filter(([name]) => FEW.includes(name)) : tables,
    );
    const what = SINGLE.includes(table) ? 0 : chance.below(10);
    const uuid = this.#row(database, table);
    if (uuid === null || what === 9) return this.#insert(database, table, columns);
    if (what === 8) return this.#delete(database, table, uuid);
    if (what === 7) return this.#move(database, table, uuid);
    const column = chance.of(Object.keys(columns));
    const now: unknown = this.#world.databases[database].store(table).get(uuid)?.[column];
    return [{ update: table, uuid, row: { [column]: columns[column]?.(chance, now) } }];
  }

  /** Some row, rather one that came late: those are what others stumble over. */
  #row(database: DatabaseName, table: string): string | null {
    const all = [...this.#world.databases[database].store(table)];
    if (all.length === 0) return null;
    return this.#chance.of(this.#chance.happens(0.3) ? all.slice(-2) : all)._uuid;
  }

  #insert(
    database: DatabaseName,
    table: string,
    columns: Readonly<Record<string, AnyValue>>,
  ): readonly AnyEdit[] {
    const uuid = `made ${++this.#made}`;
    const values = Object.entries(columns).map(([column, value]) => [column, value(this.#chance, undefined)]);
    const row = { ...Object.fromEntries(values), _uuid: uuid };
    return [{ insert: table, row }, ...this.#hold(database, table, uuid)];
  }

  /** Has some row hold another one. */
  #hold(database: DatabaseName, table: string, uuid: string): readonly AnyEdit[] {
    const holding = HOLDERS[`${database}.${table}`];
    const holder = holding === undefined ? null : this.#row(database, holding.table);
    if (holding === undefined || holder === null) return [];
    const held = this.#held(database, holding.table, holding.column, holder);
    return [{ update: holding.table, uuid: holder, row: { [holding.column]: [...held, uuid] } }];
  }

  #held(database: DatabaseName, table: string, column: string, uuid: string): readonly string[] {
    const held = this.#world.databases[database].store(table).get(uuid)?.[column];
    return Array.isArray(held) ? held.map(String) : [];
  }

  #delete(database: DatabaseName, table: string, uuid: string): readonly AnyEdit[] {
    return HOLDERS[`${database}.${table}`] === undefined
      ? [{ delete: table, uuid }]
      : this.#release(database, table, uuid);
  }

  #release(database: DatabaseName, table: string, uuid: string): readonly AnyEdit[] {
    const holding = HOLDERS[`${database}.${table}`];
    if (holding === undefined) return [];
    return [...this.#world.databases[database].store(holding.table)].flatMap((row) => {
      const held = this.#held(database, holding.table, holding.column, row._uuid);
      const left = held.filter((one) => one !== uuid);
      // A chassis or a gateway without a tunnel is none.
      if (left.length === held.length || (left.length === 0 && holding.column === "encaps")) return [];
      return [{ update: holding.table, uuid: row._uuid, row: { [holding.column]: left } }];
    });
  }

  /** Has another row hold what one held. */
  #move(database: DatabaseName, table: string, uuid: string): readonly AnyEdit[] {
    const released = this.#release(database, table, uuid);
    const held = this.#hold(database, table, uuid);
    const [from, to] = [released[0], held[0]];
    if (from === undefined || to === undefined || !("update" in from && "update" in to)) return [];
    return from.uuid === to.uuid ? [] : [...released, ...held];
  }
}

export function describeChange({ database, edits }: RandomChange): string {
  const lines = edits.map((edit) => {
    const { row } = "row" in edit ? edit : { row: {} };
    const values = Object.entries(row).map(([column, value]) => `${column}=${shown(value)}`);
    if ("insert" in edit) return `+ ${edit.insert} ${values.join(" ")}`;
    const uuid = tokenOf(edit.uuid);
    return "update" in edit ? `~ ${edit.update} ${uuid}: ${values.join(" ")}` : `- ${edit.delete} ${uuid}`;
  });
  return `${database} ${lines.join("; ")}`;
}

function shown(value: unknown): string {
  if (value instanceof Map)
    return `{${[...value].map(([key, one]) => `${key}=${tokenOf(String(one))}`).join(" ")}}`;
  if (Array.isArray(value)) return `[${value.map((one) => tokenOf(String(one))).join(" ")}]`;
  return typeof value === "string" ? tokenOf(value) : String(value);
}
