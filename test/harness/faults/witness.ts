/**
 * Watches while faults strike. What must never happen, whatever else does:
 * - two rows of IC-SB share what must be unique;
 * - a route that follows from the core of the model is withdrawn, in IC-SB or from a router;
 * - a controller touches a row that is not its own.
 */
import type { AnyRow, OvsSchema, TableRequests } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import type { DatabaseName } from "../../../src/core/model/databases.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { nb } from "../../../src/core/schema/nb.ts";
import { sb } from "../../../src/core/schema/sb.ts";
import type { Gates } from "./gates.ts";
import type { Database, Zone } from "./world.ts";
import { ZONES } from "./world.ts";

/** What a route of the core looks like in a row: over the switch that everybody has joined. */
const CORE = /"(10\.0\.[12]\.1\/24|172\.16\.[12]\.0\/24)".*"nexthop":"169\.254\.100\.[12]"/;
/** What rows of these tables must not share. */
const UNIQUE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Availability_Zone: [["name"]],
  Gateway: [["name"]],
  Datapath_Binding: [["transit_switch"], ["tunnel_key"]],
  Port_Binding: [["logical_port"], ["transit_switch", "tunnel_key"]],
  Route: [["transit_switch", "availability_zone", "route_table", "ip_prefix", "nexthop"]],
};

interface Seen {
  readonly table: string;
  row: AnyRow;
}

interface Written {
  readonly zone: Zone;
  readonly database: DatabaseName;
  readonly operation: Operation;
  /** Whether the transaction asserts the global lock. */
  readonly leader: boolean;
}

interface Operation {
  readonly op: string;
  readonly table: string;
  /** The row that it is about. */
  readonly uuid: string;
  readonly text: string;
}

export class Witness {
  readonly #objections = new Set<string>();
  readonly #clients: OvsdbClient<OvsSchema>[] = [];
  /** All rows that there ever were, as they were last. */
  readonly #rows = new Map<string, Seen>();
  #written: Written[] = [];
  /** The routes that the operators' routers ever had: others may go as they like. */
  readonly #routes = new Set<string>();
  /** The number of transactions that controllers sent. */
  transactions = 0;

  constructor(remote: (database: Database) => string) {
    this.#follow(icSb, remote("ic.sb"), ["Availability_Zone", "Gateway", "Encap", "Route"]);
    this.#follow(icSb, remote("ic.sb"), ["Port_Binding", "Datapath_Binding"]);
    for (const zone of ZONES) {
      const tables = [
        "Logical_Router",
        "Logical_Router_Static_Route",
        "Logical_Switch",
        "Logical_Switch_Port",
      ];
      this.#follow(nb, remote(`${zone}.nb`), tables);
      this.#follow(sb, remote(`${zone}.sb`), ["Chassis", "Port_Binding"]);
    }
  }

  /** Looks at what passes through the gates of a controller. */
  watch(gates: Gates): void {
    gates.onMessage((database, { from, text }) => {
      if (from !== "client" || !text.includes('"transact"')) return;
      this.transactions++;
      const operations = operationsOf(text);
      const leader = operations.some(({ op, text }) => op === "assert" && text.includes("ovn_ic_sb"));
      for (const operation of operations)
        this.#written.push({ zone: gates.zone, database, operation, leader });
    });
  }

  /** What was seen since the last call that must never happen. */
  judge(): string[] {
    for (const written of this.#written) this.#judgeWritten(written);
    this.#written = [];
    const objections = [...this.#objections];
    this.#objections.clear();
    return objections;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #follow<S extends OvsSchema>(schema: S, remotes: string, tables: readonly string[]): void {
    const client = new OvsdbClient<OvsSchema>({ remotes, schema, backoff: { min: 5, max: 50 } });
    const requests: TableRequests<OvsSchema> = Object.fromEntries(tables.map((table) => [table, {}]));
    const replica = client.replica(requests);
    replica.subscribe((changes) => {
      for (const change of changes) {
        const row = (change.new ?? change.old) as AnyRow | null;
        if (row === null) continue;
        this.#rows.set(change.uuid, { table: change.table, row });
        if (change.table === "Logical_Router" && row.name === "lr1") this.#remember(row.static_routes);
        if (change.new === null) this.#gone(change.table, row);
      }
      if (schema.name === icSb.name)
        for (const table of tables) this.#checkUnique(table, replica.table(table));
    });
    client.start();
    this.#clients.push(client);
  }

  #remember(routes: unknown): void {
    for (const uuid of Array.isArray(routes) ? routes : []) this.#routes.add(String(uuid));
  }

  #gone(table: string, row: AnyRow): void {
    const isRoute =
      table === "Route" || (table === "Logical_Router_Static_Route" && this.#routes.has(row._uuid));
    if (isRoute && CORE.test(text(row))) this.#objections.add(`withdrawn: ${table} ${text(row)}`);
  }

  #checkUnique(table: string, rows: Iterable<unknown>): void {
    for (const columns of UNIQUE[table] ?? []) {
      const values = [...(rows as Iterable<AnyRow>)].map((row) => text(columns.map((name) => row[name])));
      const twice = values.find((value, i) => values.indexOf(value) !== i);
      if (twice !== undefined) this.#objections.add(`twice: ${table} ${columns.join()} ${twice}`);
    }
  }

  #judgeWritten({ zone, database, operation, leader }: Written): void {
    const { op, table, uuid } = operation;
    if (!["update", "mutate", "delete"].includes(op)) return;
    const row = this.#rows.get(uuid)?.row;
    if (row === undefined) return; // IC-NB, or a row that nobody saw
    const allowed =
      database === "icSb"
        ? leader || table === "IC_SB_Global" || this.#isOfZone(zone, table, row)
        : isController(operation, row, (other) => this.#rows.get(other)?.row);
    if (!allowed) this.#objections.add(`foreign: ${zone} ${database} ${operation.text} on ${text(row)}`);
  }

  #isOfZone(zone: Zone, table: string, row: AnyRow): boolean {
    if (table === "Availability_Zone") return row.name === zone;
    if (table === "Encap") return String(row.gateway_name).startsWith(`gw${zone.slice(2)}`);
    return this.#rows.get(String(row.availability_zone))?.row.name === zone;
  }
}

/** Whether a row of NB or SB is one that a controller may touch so. */
function isController(
  { op, table, text: words }: Operation,
  row: AnyRow,
  rowOf: (uuid: string) => AnyRow | undefined,
): boolean {
  const config = text(row.other_config ?? row.options ?? "");
  switch (table) {
    case "Logical_Switch":
      return config.includes("interconn-ts");
    case "Logical_Switch_Port":
      return (
        row.type === "remote" ||
        (op === "mutate" && !/"(insert|delete)",\["map",\[\["(?!requested-tnl-key)/.test(words))
      );
    case "Logical_Router": {
      const routes = [...words.matchAll(/"static_routes","delete",(.*?\]\]?\]?)/g)].flatMap(([, set = ""]) =>
        [...set.matchAll(/[0-9a-f]{8}-[-0-9a-f]{27}/g)].map(([uuid]) => rowOf(uuid)),
      );
      return op === "mutate" && routes.every((one) => one === undefined || isLearned(one));
    }
    case "Logical_Router_Static_Route":
      return isLearned(row);
    case "Chassis":
      return config.includes("is-remote");
    default:
      return table === "Port_Binding" && op === "update";
  }
}

function isLearned(row: AnyRow): boolean {
  return text(row.external_ids).includes("ic-learned-route");
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, one) => (one instanceof Map ? [...one] : one));
}

function operationsOf(message: string): Operation[] {
  const { params }: { params: unknown[] } = JSON.parse(message);
  return params.slice(1).map((one) => {
    const operation: { op?: unknown; table?: unknown; where?: unknown } = Object(one);
    const uuid = /\["_uuid","==",\["uuid","([^"]+)"\]\]/.exec(JSON.stringify(operation.where ?? ""))?.[1];
    return {
      op: String(operation.op),
      table: String(operation.table ?? ""),
      uuid: uuid ?? "",
      text: JSON.stringify(one),
    };
  });
}
