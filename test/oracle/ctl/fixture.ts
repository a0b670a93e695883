// The database contents that every case of the differential test starts from, with uuids that are always the
// same.

import type { Release } from "../../harness/programs/ovn-sid.ts";

/** An operation of RFC 7047 §5.2. */
type Operation = Readonly<Record<string, unknown>>;

const uuid = (n: number) => `${String(n).padStart(8, "0")}-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** Uuids by name, for command lines. */
export const id = {
  ts1: uuid(11),
  ts2: uuid(12),
  partial1: "abcd1111-0000-4000-8000-000000000001",
  partial2: "abcd2222-0000-4000-8000-000000000002",
  missing: "ffffffff-0000-4000-8000-000000000000",
  tr1: uuid(81),
  az1: uuid(21),
  az2: uuid(22),
  az3: uuid(23),
  gw1: uuid(31),
  encap1: uuid(41),
  encap2: uuid(42),
} as const;

const map = (values: Readonly<Record<string, string>>) => ["map", Object.entries(values)];
const refs = (...uuids: string[]) => ["set", uuids.map((one) => ["uuid", one])];
const insert = (table: string, row: string, columns: Readonly<Record<string, unknown>>): Operation => ({
  op: "insert",
  table,
  uuid: row,
  row: columns,
});

const connection = insert("Connection", uuid(2), { target: "ptcp:6645:[::]", inactivity_probe: 60000 });
const ssl = insert("SSL", uuid(3), { private_key: "/k.pem", certificate: "/c.pem", ca_cert: "/ca.pem" });
const global = { connections: refs(uuid(2)), ssl: refs(uuid(3)), external_ids: map({ a: "b" }) };

/** Rows of either release's schema. */
const northbound: readonly Operation[] = [
  insert("IC_NB_Global", uuid(1), global),
  connection,
  ssl,
  insert("Transit_Switch", id.ts1, {
    name: "ts1",
    other_config: map({ a: "b", "c d": "e,f", "interconn-ts": "ts1", n: "5", t: "true" }),
    external_ids: map({ subnet: '"10.0.0.0/16"', vendor: "kube-ovn", u: id.ts2, é: "€\n\t\\" }),
  }),
  insert("Transit_Switch", id.ts2, { name: "ts2" }),
  insert("Transit_Switch", id.partial1, { name: 'a "quoted" <name>&' }),
  insert("Transit_Switch", id.partial2, { name: "" }),
  insert("Transit_Switch", uuid(15), { name: "-5" }),
  insert("Transit_Switch", uuid(16), { name: "true" }),
  insert("Transit_Switch", uuid(17), { name: "ünï€😀" }),
];

const port = (n: number, columns: Readonly<Record<string, unknown>>) =>
  insert("Port_Binding", uuid(50 + n), {
    logical_port: `p${n}`,
    transit_switch: "ts1",
    tunnel_key: n,
    availability_zone: ["uuid", id.az1],
    ...columns,
  });

const southbound: readonly Operation[] = [
  insert("IC_SB_Global", uuid(1), global),
  connection,
  ssl,
  insert("Availability_Zone", id.az1, { name: "az1" }),
  insert("Availability_Zone", id.az2, { name: "az2" }),
  insert("Availability_Zone", id.az3, { name: "AZ three" }),
  insert("Gateway", id.gw1, {
    name: "gw1",
    hostname: "host-1.example",
    availability_zone: ["uuid", id.az1],
    encaps: refs(id.encap1, id.encap2),
    external_ids: map({ a: "b", c: "d" }),
  }),
  insert("Gateway", uuid(32), {
    name: "gw0",
    availability_zone: ["uuid", id.az1],
    encaps: refs(uuid(43)),
  }),
  insert("Gateway", uuid(33), {
    name: "gw2",
    availability_zone: ["uuid", id.az2],
    encaps: refs(uuid(44)),
    external_ids: map({ a: "c" }),
  }),
  insert("Encap", id.encap1, { type: "geneve", ip: "10.0.0.1", options: map({ csum: "true" }) }),
  insert("Encap", id.encap2, { type: "vxlan", ip: "10.0.0.1" }),
  insert("Encap", uuid(43), { type: "geneve", ip: "fd00::1" }),
  insert("Encap", uuid(44), { type: "vxlan", ip: "10.0.0.3" }),
  insert("Datapath_Binding", uuid(61), { transit_switch: "ts1", tunnel_key: 16711681 }),
  insert("Datapath_Binding", uuid(62), { transit_switch: "ts2", tunnel_key: 16711682 }),
  insert("Datapath_Binding", uuid(63), { transit_switch: "ts2", tunnel_key: 16711683 }),
  port(1, { gateway: "gw1", address: "aa:aa:aa:aa:aa:01 169.254.100.1/24", encap: ["uuid", id.encap1] }),
  port(2, { gateway: "gw1" }),
  port(3, { gateway: "gw2", availability_zone: ["uuid", id.az2], external_ids: map({ x: "y" }) }),
  port(4, { gateway: "gw2" }),
  port(5, { gateway: "nowhere", address: "unknown" }),
  insert("Route", uuid(71), {
    transit_switch: "ts1",
    availability_zone: ["uuid", id.az1],
    ip_prefix: "10.1.0.0/24",
    nexthop: "169.254.100.1",
    origin: "connected",
  }),
];

export type Which = "nb" | "sb";

/** Everything about the two databases that the cases need. */
export const databases = {
  nb: {
    database: "OVN_IC_Northbound",
    schema: "ovn-ic-nb.ovsschema",
    variable: "OVN_IC_NB_DB",
    program: "ovn-ic-nbctl",
    tables: ["IC_NB_Global", "Connection", "SSL", "Transit_Switch"],
    contents: northbound,
  },
  sb: {
    database: "OVN_IC_Southbound",
    schema: "ovn-ic-sb.ovsschema",
    variable: "OVN_IC_SB_DB",
    program: "ovn-ic-sbctl",
    tables: [
      "IC_SB_Global",
      "Connection",
      "SSL",
      "Route",
      "Port_Binding",
      "Datapath_Binding",
      "Gateway",
      "Encap",
      "Availability_Zone",
    ],
    contents: southbound,
  },
} as const;

/** Rows of tables and columns that 26.03.1 adds. */
const newer: Readonly<Record<Which, readonly Operation[]>> = {
  nb: [
    insert("Transit_Router", id.tr1, { name: "tr1", ports: refs(uuid(91), uuid(92)) }),
    insert("Transit_Router", uuid(82), { name: "tr2" }),
    insert("Transit_Router_Port", uuid(91), {
      name: "p1",
      mac: "00:00:00:00:00:01",
      networks: ["set", ["10.0.0.1/24", "fd00::1/64"]],
      tr_uuid: ["uuid", id.tr1],
      chassis: "c1",
    }),
    insert("Transit_Router_Port", uuid(92), {
      name: "p2",
      mac: "00:00:00:00:00:01",
      networks: "nonsense",
      tr_uuid: ["uuid", id.tr1],
    }),
  ],
  sb: [
    insert("Service_Monitor", uuid(95), {
      type: "load-balancer",
      ip: "10.0.0.9",
      protocol: "tcp",
      port: 80,
      logical_port: "p1",
      source_availability_zone: "az1",
      target_availability_zone: "az2",
    }),
  ],
};

const newerTables: Readonly<Record<Which, readonly string[]>> = {
  nb: ["Transit_Router", "Transit_Router_Port"],
  sb: ["Service_Monitor"],
};

/** All tables that may hold rows. */
export function tablesOf(which: Which, release: Release): readonly string[] {
  const { tables } = databases[which];
  return release === "23.03.1" ? tables : [...tables, ...newerTables[which]];
}

/** The operations that fill a database. */
export function contentsOf(which: Which, release: Release): readonly Operation[] {
  const { contents } = databases[which];
  return release === "23.03.1" ? contents : [...contents, ...newer[which]];
}
