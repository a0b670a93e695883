// The databases that the benchmark of ovn-ic-nbctl and ovn-ic-sbctl runs on.

import type { OvsSchema, Transaction } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { startStandalone } from "../../packages/ovsdb-client-ts/test/fixtures/server.ts";

export const SIZES = { routes: 100_000, switches: 100_000 } as const;

/** What `show` prints of an interconnection, of ten zones each. */
export interface Shown {
  readonly gatewaysPerZone: number;
  readonly portsPerZone: number;
}

export const SHOWN: readonly Shown[] = [
  { gatewaysPerZone: 4, portsPerZone: 200 },
  { gatewaysPerZone: 40, portsPerZone: 2000 },
];

const ZONES = 10;

const ROWS_PER_TRANSACTION = 5000;

/** A server with a few transit switches. */
export async function startSmall() {
  const server = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-nb.ovsschema" });
  await fill(server.remote, "OVN_IC_Northbound", function* () {
    for (let n = 0; n < 5; n++) yield (txn) => txn.insert("Transit_Switch", { name: `ts${n}` });
  });
  return server;
}

/** A server with many transit switches. */
export async function startManySwitches() {
  const server = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-nb.ovsschema" });
  await fill(server.remote, "OVN_IC_Northbound", function* () {
    for (let n = 0; n < SIZES.switches; n++) yield (txn) => txn.insert("Transit_Switch", { name: `ts${n}` });
  });
  return server;
}

/** A server as of a large interconnection: routes beside what is shown. */
export async function startLarge(shown: Shown) {
  const server = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-sb.ovsschema" });
  const zones = Array.from({ length: ZONES }, (_, zone) => `az${zone}`);
  await fill(server.remote, "OVN_IC_Southbound", function* () {
    for (const name of zones) yield (txn) => txn.insert("Availability_Zone", { name });
  });
  const client = await OvsdbClient.connect({ remotes: server.remote, database: "OVN_IC_Southbound" });
  const rows = await client.select("Availability_Zone", { columns: ["name"] });
  await client.close();
  const uuids = zones.map((name) => rows.find((row) => row.name === name)?._uuid ?? "");
  await fill(server.remote, "OVN_IC_Southbound", () => southbound(uuids, shown));
  return server;
}

type Write = (txn: Transaction<OvsSchema>) => unknown;

function* southbound(zones: readonly string[], { gatewaysPerZone, portsPerZone }: Shown): Generator<Write> {
  for (const [zone, availability_zone] of zones.entries()) {
    for (let n = 0; n < gatewaysPerZone; n++) {
      yield (txn) => {
        const encap = txn.insert("Encap", { type: "geneve", ip: `10.${zone}.0.${n}` });
        const name = `gw-${zone}-${n}`;
        txn.insert("Gateway", { name, hostname: `host-${zone}-${n}`, availability_zone, encaps: [encap] });
      };
    }
    for (let n = 0; n < portsPerZone; n++) {
      const row = {
        logical_port: `port-${zone}-${n}`,
        transit_switch: `ts${zone}`,
        tunnel_key: n + 1,
        gateway: `gw-${zone}-${n % gatewaysPerZone}`,
        address: `aa:aa:aa:${zone}:${(n >> 8).toString(16)}:${(n & 255).toString(16)} 169.254.${n >> 8}.${n & 255}/16`,
      };
      yield (txn) => txn.insert("Port_Binding", { ...row, availability_zone });
    }
  }
  for (let n = 0; n < SIZES.routes; n++) {
    const availability_zone = zones[n % zones.length] ?? "";
    const ip_prefix = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32`;
    const row = { transit_switch: `ts${n % 7}`, ip_prefix, nexthop: "169.254.0.1", origin: "connected" };
    yield (txn) => txn.insert("Route", { ...row, availability_zone });
  }
}

async function fill(remotes: string, database: string, writes: () => Iterable<Write>): Promise<void> {
  const client = await OvsdbClient.connect({ remotes, database });
  let txn = client.transaction();
  let rows = 0;
  const commit = async () => {
    const { status } = await txn.commit();
    if (status !== "committed") throw new Error(`the database could not be filled: ${status}`);
    txn = client.transaction();
    rows = 0;
  };
  for (const write of writes()) {
    write(txn);
    rows += 1;
    if (rows === ROWS_PER_TRANSACTION) await commit();
  }
  if (rows > 0) await commit();
  await client.close();
}
