/**
 * A zone and the global databases, with schemas of any releases, and everything in them that a feature needs.
 * What northd would write into SB is written here, since no northd knows all these schemas.
 */
import type { JsonValue, OvsdbClient, OvsSchema } from "ovsdb-client-ts";
import type { Server } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { DatabaseName } from "../../../src/core/model/databases.ts";
import type { JsonRow } from "../../harness/databases/transact.ts";
import {
  insert,
  map,
  named,
  rowsOf,
  selectAll,
  set,
  transact,
  uuidOf,
} from "../../harness/databases/transact.ts";

/** One database server with the four databases, and what is in them. */
export class World {
  readonly server: Server;
  readonly clients: Readonly<Record<DatabaseName, OvsdbClient<OvsSchema>>>;

  constructor(server: Server, clients: Readonly<Record<DatabaseName, OvsdbClient<OvsSchema>>>) {
    this.server = server;
    this.clients = clients;
  }

  has(database: DatabaseName, table: string, column?: string): boolean {
    const found = this.clients[database].serverSchema.tables.get(table);
    return found !== undefined && (column === undefined || found.columns.has(column));
  }

  /** Whether a value is in the enum of a column. */
  allows(database: DatabaseName, table: string, column: string, value: string): boolean {
    return (
      this.clients[database].serverSchema.tables.get(table)?.columns.get(column)?.key.enum?.includes(value) ??
      false
    );
  }

  transact(database: DatabaseName, operations: readonly JsonValue[]): Promise<JsonRow[]> {
    return transact(this.clients[database], operations);
  }

  /** An operation that inserts a row, as far as the schema knows it: none without the table. */
  insert(database: DatabaseName, table: string, name: string, row: JsonRow): JsonValue[] {
    if (!this.has(database, table)) return [];
    const known = Object.entries(row).filter(([column]) => this.has(database, table, column));
    return [insert(table, name, Object.fromEntries(known))];
  }

  async rows(database: DatabaseName, table: string): Promise<string[]> {
    if (!this.has(database, table)) return [];
    const [result] = await this.transact(database, [selectAll(table)]);
    return rowsOf(result).map((row) => JSON.stringify(row));
  }

  /** Whether some row of a table contains all of these texts. */
  async found(database: DatabaseName, table: string, ...texts: string[]): Promise<boolean> {
    return (await this.rows(database, table)).some((row) => texts.every((text) => row.includes(text)));
  }

  async uuid(database: DatabaseName, table: string, name: string): Promise<string> {
    const where: JsonValue = [["name", "==", name]];
    const [result] = await this.transact(database, [{ op: "select", table, where, columns: ["_uuid"] }]);
    const [row = {}] = rowsOf(result);
    return uuidOf(row);
  }
}

/** What is in the global databases: another zone with everything that there can be. */
export async function fillGlobal(world: World): Promise<void> {
  await world.transact("icNb", [
    ...world.insert("icNb", "IC_NB_Global", "g", { nb_ic_cfg: 7 }),
    ...world.insert("icNb", "Transit_Switch_Port", "tsp1", {
      name: "tsp1",
      type: "",
      addresses: set("unknown"),
    }),
    ...world.insert("icNb", "Transit_Switch", "ts1", {
      name: "ts1",
      ports: world.has("icNb", "Transit_Switch_Port") ? set(named("tsp1")) : set(),
    }),
    ...world.insert("icNb", "Transit_Router_Port", "trp1", {
      name: "trp1",
      mac: "00:00:00:00:00:01",
      networks: set("192.168.1.1/24"),
      chassis: "gw1",
      tr_uuid: world.has("icNb", "Transit_Router") ? named("tr1") : set(),
    }),
    ...world.insert("icNb", "Transit_Router", "tr1", { name: "tr1", ports: set(named("trp1")) }),
  ]);
  await world.transact("icSb", [
    ...world.insert("icSb", "IC_SB_Global", "g", {}),
    ...world.insert("icSb", "Availability_Zone", "az2", { name: "az2" }),
    ...world.insert("icSb", "Encap", "e2", { type: "geneve", ip: "10.255.0.2", gateway_name: "gw2" }),
    ...world.insert("icSb", "Gateway", "gw2", {
      name: "gw2",
      availability_zone: named("az2"),
      encaps: named("e2"),
    }),
    ...world.insert("icSb", "Port_Binding", "p2", {
      logical_port: "ts1-lr2",
      transit_switch: "ts1",
      availability_zone: named("az2"),
      tunnel_key: 77,
      gateway: "gw2",
      address: "aa:aa:aa:aa:11:02 169.254.100.2/24",
      type: "transit-switch-port",
    }),
    ...world.insert("icSb", "Route", "r2", {
      transit_switch: "ts1",
      availability_zone: named("az2"),
      ip_prefix: "10.0.2.0/24",
      nexthop: "169.254.100.2",
      origin: "connected",
    }),
    ...world.insert("icSb", "Address_Set", "as2", {
      name: "as2",
      availability_zone: named("az2"),
      addresses: set("10.0.2.9"),
    }),
    ...world.insert("icSb", "Service_Monitor", "sm2", {
      type: "load-balancer",
      ip: "10.0.1.5",
      port: 80,
      protocol: "tcp",
      logical_port: "ts1-lr1",
      src_ip: "10.0.2.1",
      src_mac: "aa:aa:aa:aa:00:02",
      source_availability_zone: "az2",
      target_availability_zone: "az1",
    }),
  ]);
}

/** What the CMS has in this zone before the controller starts. */
export async function fillZone(world: World): Promise<void> {
  const on = ["adv", "learn", "adv-lb", "learn-lb"].map((name) => [`ic-route-${name}`, "true"]);
  const options = map({ ...Object.fromEntries(on), "ic-as-adv": "true", "ic-as-learn": "true" });
  const link = map({ "router-port": "lr1-ts1" });
  await world.transact("nb", [
    ...world.insert("nb", "NB_Global", "g", { name: "az1", options }),
    ...world.insert("nb", "Load_Balancer", "lb1", {
      name: "lb1",
      vips: map({ "172.30.0.1:80": "10.0.1.5:80" }),
    }),
    ...world.insert("nb", "Logical_Router_Port", "net", {
      name: "lr1-ls",
      mac: "aa:aa:aa:aa:01:01",
      networks: set("10.0.1.1/24"),
    }),
    ...world.insert("nb", "Logical_Router_Port", "up", {
      name: "lr1-ts1",
      mac: "aa:aa:aa:aa:11:01",
      networks: set("169.254.100.1/24"),
      options: map({ "ic-route-tag": "t1" }),
    }),
    ...world.insert("nb", "Logical_Router_Static_Route", "r1", {
      ip_prefix: "172.16.0.0/16",
      nexthop: "10.0.1.9",
    }),
    ...world.insert("nb", "Logical_Router", "lr1", {
      name: "lr1",
      ports: set(named("net"), named("up")),
      static_routes: set(named("r1")),
      load_balancer: set(named("lb1")),
    }),
    ...world.insert("nb", "Logical_Switch_Port", "p1", { name: "ts1-lr1", type: "router", options: link }),
    ...world.insert("nb", "Logical_Switch", "ts1", {
      name: "ts1",
      ports: set(named("p1")),
      other_config: map({ "interconn-ts": "ts1" }),
    }),
  ]);
  const router = await world.uuid("nb", "Logical_Router", "lr1");
  await world.transact("sb", [
    ...world.insert("sb", "SB_Global", "g", { options: map({ svc_monitor_mac: "aa:aa:aa:aa:00:01" }) }),
    ...world.insert("sb", "Encap", "e1", { type: "geneve", ip: "10.255.0.1", chassis_name: "gw1" }),
    ...world.insert("sb", "Chassis", "gw1", {
      name: "gw1",
      encaps: named("e1"),
      other_config: map({ "is-interconn": "true" }),
    }),
    ...world.insert("sb", "Datapath_Binding", "lr1", {
      tunnel_key: 1,
      external_ids: map({ "logical-router": router }),
      nb_uuid: ["uuid", router],
    }),
    ...world.insert("sb", "Datapath_Binding", "ts1", { tunnel_key: 2 }),
    ...world.insert("sb", "Port_Binding", "p1", {
      logical_port: "ts1-lr1",
      type: "patch",
      datapath: named("ts1"),
      tunnel_key: 1,
      options: map({ peer: "lr1-ts1" }),
      up: true,
    }),
    ...world.insert("sb", "Port_Binding", "p2", {
      logical_port: "ts1-lr2",
      type: "remote",
      datapath: named("ts1"),
      tunnel_key: 77,
    }),
    ...world.insert("sb", "Port_Binding", "up", {
      logical_port: "lr1-ts1",
      type: "patch",
      datapath: named("lr1"),
      tunnel_key: 1,
      mac: set("aa:aa:aa:aa:11:01 169.254.100.1/24"),
      options: map({ peer: "ts1-lr1" }),
    }),
    ...world.insert("sb", "Learned_Route", "d1", {
      datapath: named("lr1"),
      logical_port: named("up"),
      ip_prefix: "10.77.0.0/16",
      nexthop: "10.0.1.77",
    }),
    ...world.insert("sb", "Address_Set", "as1", {
      name: "as1",
      addresses: set("10.0.1.9"),
      options: map({ "ic-adv": "true" }),
    }),
    ...world.insert("sb", "Service_Monitor", "sm1", {
      type: "load-balancer",
      ip: "10.0.2.5",
      port: 80,
      protocol: "tcp",
      logical_port: "vm2",
      src_ip: "10.0.1.1",
      src_mac: "aa:aa:aa:aa:00:01",
      remote: true,
      options: map({ "az-name": "az2" }),
    }),
  ]);
}
