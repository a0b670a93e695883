/**
 * The operators' side: keeps NB, SB and INB as a model says, whatever becomes of the databases, as a cloud
 * management system does. It compares what is with what should be after every change of either, hence a
 * database that has lost something gets it again.
 */
import type { OvsSchema, Replica, TableRequests, Transaction } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import type { LogicalRouter } from "../../../src/core/schema/nb.ts";
import { nb } from "../../../src/core/schema/nb.ts";
import { sb } from "../../../src/core/schema/sb.ts";
import type { Model, ZoneModel } from "./model.ts";
import type { Database } from "./world.ts";
import { ZONES } from "./world.ts";

type NB = typeof nb;
type SB = typeof sb;
type Fill<S extends OvsSchema> = (transaction: Transaction<S>, replica: Replica<S>) => void;

/** Keeps one database as something wants it. */
class Keeper<S extends OvsSchema> {
  readonly #client: OvsdbClient<S>;
  readonly #replica: Replica<S>;
  readonly #fill: Fill<S>;
  #busy = false;
  #again = false;

  constructor(schema: S, remotes: string, tables: TableRequests<S>, fill: Fill<S>) {
    this.#client = new OvsdbClient<S>({ remotes, schema, backoff: { min: 20, max: 100 } });
    this.#replica = this.#client.replica(tables);
    this.#fill = fill;
    this.#replica.subscribe(() => void this.look());
    this.#replica.onStateChange(() => void this.look());
    this.#client.start();
  }

  /** Writes what is missing, until nothing is. */
  async look(): Promise<void> {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#again && this.#replica.complete) {
      this.#again = false;
      const transaction = this.#replica.transaction();
      this.#fill(transaction, this.#replica);
      const result = await transaction.commit();
      if (result.status === "error") this.#refused(result.error.message);
    }
    this.#busy = false;
  }

  /**
   * A switch that goes while a port is added to it, a disk that is full: the change that ends this leads here
   * again, or else some time does.
   */
  #refused(message: string): void {
    if (!/constraint|referential|I\/O error/.test(message)) throw new Error(message);
    setTimeout(() => void this.look(), 50).unref();
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

export class Cms {
  readonly #keepers: readonly { look(): Promise<void>; close(): Promise<void> }[];

  /** @param remotes of `ic.nb`, and for each zone `ZONE.nb` and `ZONE.sb` */
  constructor(model: Model, remotes: (database: Database) => string) {
    this.#keepers = [
      new Keeper(icNb, remotes("ic.nb"), { Transit_Switch: {} }, (transaction, replica) => {
        const rows = replica.table("Transit_Switch");
        const wanted = new Set([...model.switches].map((k) => `ts${k}`));
        for (const row of rows) if (!wanted.delete(row.name)) transaction.delete("Transit_Switch", row._uuid);
        for (const name of wanted) transaction.insert("Transit_Switch", { name });
      }),
      ...ZONES.flatMap((name) =>
        this.#keepZone(model.zone(name), remotes(`${name}.nb`), remotes(`${name}.sb`)),
      ),
    ];
    model.onChange(() => this.look());
    this.look();
  }

  #keepZone(zone: ZoneModel, nbRemote: string, sbRemote: string) {
    return [
      new Keeper(nb, nbRemote, NB_TABLES, (transaction, replica) => {
        keepRouter(zone, transaction, replica);
        keepSwitchPorts(zone, transaction, replica);
      }),
      new Keeper(sb, sbRemote, SB_TABLES, (transaction, replica) => keepGateways(zone, transaction, replica)),
    ];
  }

  look(): void {
    for (const keeper of this.#keepers) void keeper.look();
  }

  async close(): Promise<void> {
    await Promise.all(this.#keepers.map((keeper) => keeper.close()));
  }
}

const NB_TABLES = {
  Logical_Router: {},
  Logical_Router_Port: {},
  Logical_Router_Static_Route: {},
  Logical_Switch: {},
  Logical_Switch_Port: {},
} as const;
const SB_TABLES = { Chassis: {}, Encap: {} } as const;

function keepRouter(zone: ZoneModel, transaction: Transaction<NB>, replica: Replica<NB>): void {
  const router = [...replica.table("Logical_Router")].find(({ name }) => name === "lr1");
  const uuid = router?._uuid ?? transaction.insert("Logical_Router", { name: "lr1" });
  const { n } = zone;
  const ports = new Map([["lr1-net", { mac: `aa:aa:aa:00:0${n}:01`, networks: [`10.0.${n}.1/24`] }]]);
  for (const k of zone.joined)
    ports.set(`lr1-ts${k}`, { mac: `aa:aa:aa:0${k}:0${n}:02`, networks: [`169.254.${99 + k}.${n}/24`] });
  for (const port of router === undefined ? [] : replica.deref("Logical_Router", router, "ports"))
    if (!ports.delete(port.name)) transaction.mutate("Logical_Router", uuid, "ports", "delete", [port._uuid]);
  for (const [name, columns] of ports) {
    const port = transaction.insert("Logical_Router_Port", { name, ...columns });
    transaction.mutate("Logical_Router", uuid, "ports", "insert", [port]);
  }
  const wanted = new Set(zone.routes);
  for (const route of ownRoutes(replica, router))
    if (!wanted.delete(route.ip_prefix))
      transaction.mutate("Logical_Router", uuid, "static_routes", "delete", [route._uuid]);
  for (const prefix of wanted) {
    const columns = { ip_prefix: prefix, nexthop: `10.0.${n}.9` };
    const route = transaction.insert("Logical_Router_Static_Route", columns);
    transaction.mutate("Logical_Router", uuid, "static_routes", "insert", [route]);
  }
}

function ownRoutes(replica: Replica<NB>, router: LogicalRouter | undefined) {
  const routes = router === undefined ? [] : replica.deref("Logical_Router", router, "static_routes");
  return routes.filter((route) => !route.external_ids.has("ic-learned-route"));
}

/** Ports on those switches that the controller has made. */
function keepSwitchPorts(zone: ZoneModel, transaction: Transaction<NB>, replica: Replica<NB>): void {
  for (const row of replica.table("Logical_Switch")) {
    const k = Number(row.other_config.get("interconn-ts")?.slice(2));
    const name = `ts${k}-lr${zone.n}`;
    const port = replica.deref("Logical_Switch", row, "ports").find((one) => one.name === name);
    const wanted = zone.joined.has(k);
    if (wanted === (port !== undefined)) continue;
    if (port !== undefined) {
      transaction.mutate("Logical_Switch", row._uuid, "ports", "delete", [port._uuid]);
      continue;
    }
    const options = { "router-port": `lr1-ts${k}` };
    const made = transaction.insert("Logical_Switch_Port", {
      name,
      type: "router",
      addresses: ["router"],
      options,
    });
    transaction.mutate("Logical_Switch", row._uuid, "ports", "insert", [made]);
  }
}

function keepGateways(zone: ZoneModel, transaction: Transaction<SB>, replica: Replica<SB>): void {
  const wanted = new Set(zone.gateways);
  for (const row of replica.table("Chassis")) {
    if (row.other_config.get("is-interconn") !== "true") continue;
    if (!wanted.delete(row.name)) transaction.delete("Chassis", row._uuid);
  }
  for (const name of wanted) {
    const ip = `10.255.${name.length}.${name.slice(2)}`;
    const encap = transaction.insert("Encap", { type: "geneve", ip, chassis_name: name });
    const other_config = { "is-interconn": "true" };
    transaction.insert("Chassis", { name, hostname: `host-${name}`, encaps: [encap], other_config });
  }
}
