/**
 * What the four databases of a zone hold before its controller starts: transit switches with a router of this
 * zone on each that it is attached to, other zones that advertise routes there, and, since there is no
 * northd, what northd would have made of it.
 *
 * All uuids are chosen here, so that every run begins with the same rows.
 */
import type { DatabaseName } from "../../src/core/databases.ts";

export interface World {
  readonly switches: number;
  /** On how many of them, the first ones, this zone has a router. */
  readonly attached: number;
  /** Of other zones, spread evenly over the switches. */
  readonly routes: number;
  readonly otherZones: number;
  /** Ports of each other zone on each switch. */
  readonly portsPerZone: number;
  /** Switch ports, and as many port bindings, that have nothing to do with interconnection. */
  readonly unrelated: number;
  /** Whether SB has the bindings of other zones' ports already. */
  readonly remoteBindings: boolean;
}

/** A row to be inserted. */
export interface Insertion {
  readonly database: DatabaseName;
  readonly table: string;
  readonly uuid: string;
  readonly row: Readonly<Record<string, unknown>>;
}

export const PORTS_PER_SWITCH = 1000;
/** A deny list with this prefix keeps every tenth route out. */
export const TENTH = "172.16.0.0/12";

const KINDS = [
  "ts",
  "dp",
  "ls",
  "lsp",
  "lr",
  "lrp",
  "localLrp",
  "binding",
  "peer",
  "crp",
  "lrDatapath",
  "lsDatapath",
  "route",
  "icPort",
  "zone",
  "gateway",
  "encap",
  "chassis",
  "chassisEncap",
  "remoteBinding",
  "unrelatedLs",
  "unrelatedLsp",
  "unrelatedPb",
  "unrelatedDp",
  "global",
  "addedPort",
] as const;

/** The uuid of the n-th object of a kind. */
export function uuidOf(kind: (typeof KINDS)[number], n: number): string {
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
  const code = KINDS.indexOf(kind);
  // The servers and the C programs hash a uuid by its first 32 bits: these must be spread, as those of random
  // ones are.
  const spread = Math.imul(n * KINDS.length + code + 1, 0x9e3779b1);
  return `${hex(spread)}-0000-4000-8000-${hex(code).slice(-4)}${hex(n)}`;
}

export function switchName(n: number): string {
  return `ts${n}`;
}

/** A route of another zone. Every tenth one lies in a range of its own. */
export function routeRow(world: World, n: number): Record<string, unknown> {
  const zone = Math.floor(n / world.switches) % world.otherZones;
  const part = (m: number) => `${(m >> 8) & 255}.${m & 255}/32`;
  const tenth = Math.floor(n / 10);
  return {
    transit_switch: switchName(n % world.switches),
    availability_zone: uuidOf("zone", zone),
    ip_prefix: n % 10 === 0 ? `172.${16 + (tenth >> 16)}.${part(tenth)}` : `10.${n >> 16}.${part(n)}`,
    nexthop: otherAddress(zone * world.portsPerZone),
    origin: "static",
  };
}

function otherAddress(n: number): string {
  return `169.254.${1 + (n >> 8)}.${n & 255}`;
}

function mac(n: number): string {
  const hex = (byte: number) => (byte & 255).toString(16).padStart(2, "0");
  return `0a:00:${hex(n >> 24)}:${hex(n >> 16)}:${hex(n >> 8)}:${hex(n)}`;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** All rows, those of one database after another's. */
export function* rowsOf(world: World): Generator<Insertion> {
  yield* globalRows(world);
  yield* northRows(world);
  yield* southRows(world);
  if (world.unrelated > 0) yield* unrelatedRows(world);
}

function* globalRows(world: World): Generator<Insertion> {
  const icSb = "icSb";
  for (const n of numbers(world.switches)) {
    const name = switchName(n);
    yield { database: "icNb", table: "Transit_Switch", uuid: uuidOf("ts", n), row: { name } };
    const row = { transit_switch: name, tunnel_key: 16711682 + n };
    yield { database: icSb, table: "Datapath_Binding", uuid: uuidOf("dp", n), row };
  }
  for (const zone of numbers(world.otherZones)) {
    const name = `other${zone}`;
    const gateway = `gateway-${name}`;
    yield { database: icSb, table: "Availability_Zone", uuid: uuidOf("zone", zone), row: { name } };
    const encap = { gateway_name: gateway, type: "geneve", ip: `10.255.${zone >> 8}.${zone & 255}` };
    yield { database: icSb, table: "Encap", uuid: uuidOf("encap", zone), row: encap };
    const row = { name: gateway, availability_zone: uuidOf("zone", zone), hostname: gateway };
    yield {
      database: icSb,
      table: "Gateway",
      uuid: uuidOf("gateway", zone),
      row: { ...row, encaps: [uuidOf("encap", zone)] },
    };
  }
  for (const port of otherPorts(world)) {
    yield { database: icSb, table: "Port_Binding", uuid: uuidOf("icPort", port.n), row: port.row };
  }
  for (const n of numbers(world.routes))
    yield { database: icSb, table: "Route", uuid: uuidOf("route", n), row: routeRow(world, n) };
}

/** Other zones' ports in the global database. */
function* otherPorts(world: World): Generator<{ n: number; row: Record<string, unknown> }> {
  const perSwitch = world.otherZones * world.portsPerZone;
  for (const ts of numbers(world.switches)) {
    for (const port of numbers(perSwitch)) {
      const zone = Math.floor(port / world.portsPerZone);
      const row = {
        logical_port: `ts${ts}-port${port}`,
        transit_switch: switchName(ts),
        availability_zone: uuidOf("zone", zone),
        tunnel_key: port + 2,
        gateway: `gateway-other${zone}`,
        address: `${mac(port + 1)} ${otherAddress(port)}/16`,
      };
      yield { n: ts * perSwitch + port, row };
    }
  }
}

function* northRows(world: World): Generator<Insertion> {
  const database = "nb";
  const options = { "ic-route-learn": "true", "ic-route-adv": "true" };
  yield { database, table: "NB_Global", uuid: uuidOf("global", 0), row: { name: "here", options } };
  for (const n of numbers(world.switches)) {
    const name = switchName(n);
    const attached = n < world.attached;
    const ports = attached ? [uuidOf("lsp", n)] : [];
    const row = { name, ports, other_config: { "interconn-ts": name } };
    yield { database, table: "Logical_Switch", uuid: uuidOf("ls", n), row };
    if (attached) yield* routerRows(n);
  }
}

/** A router with a port on a transit switch, and one on a network of its own. */
function* routerRows(n: number): Generator<Insertion> {
  const database = "nb";
  const port = { name: `ts${n}-lr`, type: "router", addresses: ["router"] };
  const options = { "router-port": `lr${n}-ts` };
  yield { database, table: "Logical_Switch_Port", uuid: uuidOf("lsp", n), row: { ...port, options } };
  const transit = { name: `lr${n}-ts`, mac: mac(0x1000000 + n), networks: ["169.254.0.1/16"] };
  yield { database, table: "Logical_Router_Port", uuid: uuidOf("lrp", n), row: transit };
  const networks = [`192.168.${n >> 8}.${n & 255}/32`];
  const local = { name: `lr${n}-local`, mac: mac(0x2000000 + n), networks };
  yield { database, table: "Logical_Router_Port", uuid: uuidOf("localLrp", n), row: local };
  const ports = [uuidOf("lrp", n), uuidOf("localLrp", n)];
  yield { database, table: "Logical_Router", uuid: uuidOf("lr", n), row: { name: `lr${n}`, ports } };
}

function* southRows(world: World): Generator<Insertion> {
  const database = "sb";
  yield { database, table: "SB_Global", uuid: uuidOf("global", 1), row: {} };
  const encap = { chassis_name: "gateway", type: "geneve", ip: "10.254.0.1" };
  yield { database, table: "Encap", uuid: uuidOf("chassisEncap", 0), row: encap };
  const chassis = { name: "gateway", hostname: "gateway", encaps: [uuidOf("chassisEncap", 0)] };
  const row = { ...chassis, other_config: { "is-interconn": "true" } };
  yield { database, table: "Chassis", uuid: uuidOf("chassis", 0), row };
  for (const n of numbers(world.switches)) {
    const external_ids = { "logical-switch": uuidOf("ls", n), name: switchName(n) };
    const datapath = { tunnel_key: 2 * n + 2, external_ids };
    yield { database, table: "Datapath_Binding", uuid: uuidOf("lsDatapath", n), row: datapath };
    if (n < world.attached) yield* bindingRows(n);
  }
  if (!world.remoteBindings) return;
  for (const { n, row } of otherPorts(world)) {
    const ts = Math.floor(n / (world.otherZones * world.portsPerZone));
    const { logical_port, tunnel_key } = row;
    const binding = { logical_port, tunnel_key, type: "remote", datapath: uuidOf("lsDatapath", ts) };
    yield { database, table: "Port_Binding", uuid: uuidOf("remoteBinding", n), row: binding };
  }
}

function* bindingRows(n: number): Generator<Insertion> {
  const database = "sb";
  const table = "Port_Binding";
  const external_ids = { "logical-router": uuidOf("lr", n), name: `lr${n}` };
  const router = uuidOf("lrDatapath", n);
  yield {
    database,
    table: "Datapath_Binding",
    uuid: router,
    row: { tunnel_key: 2 * n + 1, external_ids },
  };
  const address = `${mac(0x1000000 + n)} 169.254.0.1/16`;
  const port = { type: "patch", logical_port: `ts${n}-lr`, tunnel_key: 1, mac: ["router"] };
  const row = { ...port, datapath: uuidOf("lsDatapath", n), options: { peer: `lr${n}-ts` } };
  yield { database, table, uuid: uuidOf("binding", n), row };
  const peer = { type: "patch", logical_port: `lr${n}-ts`, tunnel_key: 1, datapath: router };
  const peerRow = { ...peer, mac: [address], options: { peer: `ts${n}-lr` } };
  yield { database, table, uuid: uuidOf("peer", n), row: peerRow };
  const crp = { type: "chassisredirect", logical_port: `cr-lr${n}-ts`, tunnel_key: 2, datapath: router };
  yield {
    database,
    table,
    uuid: uuidOf("crp", n),
    row: { ...crp, mac: [address], chassis: [uuidOf("chassis", 0)] },
  };
}

function* unrelatedRows(world: World): Generator<Insertion> {
  for (let first = 0; first < world.unrelated; first += PORTS_PER_SWITCH) {
    const n = first / PORTS_PER_SWITCH;
    const own = numbers(Math.min(PORTS_PER_SWITCH, world.unrelated - first)).map((one) => first + one);
    const ports = own.map((one) => uuidOf("unrelatedLsp", one));
    const ls = { name: `net${n}`, ports };
    yield { database: "nb", table: "Logical_Switch", uuid: uuidOf("unrelatedLs", n), row: ls };
    const external_ids = { "logical-switch": uuidOf("unrelatedLs", n), name: `net${n}` };
    const dp = { tunnel_key: 1_000_000 + n, external_ids };
    yield { database: "sb", table: "Datapath_Binding", uuid: uuidOf("unrelatedDp", n), row: dp };
    for (const one of own) {
      const name = `vm${one}`;
      const addresses = [`${mac(0x3000000 + one)} 10.0.${(one >> 8) & 255}.${one & 255}`];
      yield {
        database: "nb",
        table: "Logical_Switch_Port",
        uuid: uuidOf("unrelatedLsp", one),
        row: { name, addresses, port_security: addresses },
      };
      const binding = { logical_port: name, mac: addresses, port_security: addresses };
      const row = { ...binding, tunnel_key: one - first + 1, datapath: uuidOf("unrelatedDp", n) };
      yield { database: "sb", table: "Port_Binding", uuid: uuidOf("unrelatedPb", one), row };
    }
  }
}

/** How many routes a zone learns of those that others advertise. */
export function learnable({ routes, switches, attached }: World): number {
  return Math.floor(routes / switches) * attached + Math.min(routes % switches, attached);
}
