/**
 * What planners know: the rows of the four databases as they are now, found by everything that a rule looks for, who we are, and what
 * the servers' schemas allow. Read-only.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { PrefixList } from "../net/filters.ts";
import { parsePrefixList } from "../net/filters.ts";
import { canonicalPrefix } from "../net/prefix.ts";
import { vipPrefixes } from "../net/vips.ts";
import { icNb } from "../schema/ic-nb.ts";
import { icSb } from "../schema/ic-sb.ts";
import { nb } from "../schema/nb.ts";
import { sb } from "../schema/sb.ts";
import type { DatabaseName, Schemas, TableOf } from "./databases.ts";
import type { Identity } from "./identity.ts";
import { NOBODY, nextIdentity } from "./identity.ts";
import type { CountedIndex, CountedTable, ReadCount, RowSource, Tables } from "./tables.ts";
import { countedTables } from "./tables.ts";

export type Sources = { readonly [D in DatabaseName]: RowSource<Schemas[D]> };

type Keyed<T> = T extends CountedTable<infer R, string> ? CountedIndex<R> : never;

export class View {
  readonly nb: Tables<Schemas["nb"]>;
  readonly sb: Tables<Schemas["sb"]>;
  readonly icNb: Tables<Schemas["icNb"]>;
  readonly icSb: Tables<Schemas["icSb"]>;
  readonly nbIndexes: ReturnType<typeof nbIndexes>;
  readonly sbIndexes: ReturnType<typeof sbIndexes>;
  readonly icSbIndexes: ReturnType<typeof icSbIndexes>;
  readonly transitSwitches: Keyed<Tables<Schemas["icNb"]>["Transit_Switch"]>;
  readonly transitSwitchPorts: Keyed<Tables<Schemas["icNb"]>["Transit_Switch_Port"]>;
  /** Rows handed out since the start. */
  readonly reads: ReadCount = { rows: 0 };
  /** Whether this instance holds the global lock. The engine sets it. */
  leader = false;
  /** The value of IC_NB_Global.nb_ic_cfg before which nothing was written that is not known here. The engine sets it. */
  confirmed: number | bigint | null = null;
  readonly #sources: Sources;
  readonly #prefixLists = new Map<string, PrefixList>();
  #identity: Identity = NOBODY;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.nb = countedTables(nb, sources.nb, this.reads);
    this.sb = countedTables(sb, sources.sb, this.reads);
    this.icNb = countedTables(icNb, sources.icNb, this.reads);
    this.icSb = countedTables(icSb, sources.icSb, this.reads);
    this.nbIndexes = nbIndexes(this.nb);
    this.sbIndexes = sbIndexes(this.sb);
    this.icSbIndexes = icSbIndexes(this.icSb);
    this.transitSwitches = this.icNb.Transit_Switch.index("name");
    this.transitSwitchPorts = this.icNb.Transit_Switch_Port.index("name");
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** The uuid of our own Availability_Zone row; null while there is none, and then there is nothing to be done. */
  get zone(): Uuid<"Availability_Zone"> | null {
    return this.#identity.zone;
  }

  /** Finds out anew who we are. To be called after changes of NB_Global and Availability_Zone. */
  refreshIdentity(): Identity {
    const named = this.icSbIndexes.zoneByName;
    this.#identity = nextIdentity(this.#identity, this.nb.NB_Global.first()?.name ?? "", {
      get: (uuid) => this.icSb.Availability_Zone.get(uuid),
      named: (name) => named.get(name),
    });
    return this.#identity;
  }

  /** Whether the server has a column of a table. */
  has<D extends DatabaseName>(database: D, table: TableOf<D>, column: string): boolean {
    return this.#sources[database].serverSchema?.tables.get(table)?.columns.has(column) ?? false;
  }

  /** Whether the server's schema allows a value in a column with an enum. */
  allows<D extends DatabaseName>(database: D, table: TableOf<D>, column: string, value: string): boolean {
    const described = this.#sources[database].serverSchema?.tables.get(table)?.columns.get(column);
    return described !== undefined && (described.key.enum === null || described.key.enum.includes(value));
  }

  /** NB_Global.options. */
  get options(): ReadonlyMap<string, string> {
    return this.nb.NB_Global.first()?.options ?? new Map();
  }

  /** Whether the servers keep the sequence numbers that tell when all zones have followed a change. */
  get countsChanges(): boolean {
    return (
      this.icNb.IC_NB_Global.has("nb_ic_cfg") &&
      this.icSb.IC_SB_Global.has("nb_ic_cfg") &&
      this.icSb.Availability_Zone.has("nb_ic_cfg")
    );
  }

  /** Whether tunnels between zones are VXLAN, which leaves few bits for keys. */
  get vxlanMode(): boolean {
    const wanted = isTrue(this.icNb.IC_NB_Global.first()?.options.get("vxlan_mode"));
    return wanted && this.icSbIndexes.encapByType.has("vxlan");
  }

  /** A list of prefixes, parsed once for all who read the same text. */
  prefixList(text: string | undefined): PrefixList {
    if (text === undefined || text === "") return parsePrefixList(text);
    const known = this.#prefixLists.get(text);
    if (known !== undefined) return known;
    if (this.#prefixLists.size >= 1000) this.#prefixLists.clear();
    const list = parsePrefixList(text);
    this.#prefixLists.set(text, list);
    return list;
  }
}

/** Whether an option is on: it is `true`, case ignored. */
export function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === "true";
}

const SEPARATOR = "\u0000";

/** Joins names to one key; no name can contain what separates them. */
export function joinKey(...parts: readonly string[]): string {
  return parts.join(SEPARATOR);
}

/** The parts of a joined key. */
export function splitKey(key: string): string[] {
  return key.split(SEPARATOR);
}

/** The canonical text of a prefix in a database; one that can't be parsed is itself. */
export function prefixKey(text: string): string {
  return canonicalPrefix(text) ?? text;
}

function nbIndexes(tables: Tables<Schemas["nb"]>) {
  return {
    switchByTransitSwitch: tables.Logical_Switch.indexBy("interconn-ts", (row) =>
      row.other_config.get("interconn-ts"),
    ),
    switchByPort: tables.Logical_Switch.index("ports"),
    switchPortByName: tables.Logical_Switch_Port.index("name"),
    switchPortByRouterPort: tables.Logical_Switch_Port.indexBy("router-port", (row) =>
      row.options.get("router-port"),
    ),
    routerByPort: tables.Logical_Router.index("ports"),
    routerByRoute: tables.Logical_Router.index("static_routes"),
    routerByBalancer: tables.Logical_Router.index("load_balancer"),
    routerByBalancerGroup: tables.Logical_Router.index("load_balancer_group"),
    groupByBalancer: tables.Load_Balancer_Group.index("load_balancer"),
    balancerByVip: tables.Load_Balancer.indexBy("vip", vipPrefixes),
    routerPortByName: tables.Logical_Router_Port.index("name"),
    routerPortByNetwork: tables.Logical_Router_Port.indexBy("network", (row) => [
      ...new Set(row.networks.map(prefixKey)),
    ]),
    routeByPrefix: tables.Logical_Router_Static_Route.indexBy("prefix", (row) => prefixKey(row.ip_prefix)),
    routeByText: tables.Logical_Router_Static_Route.index("ip_prefix"),
  };
}

function sbIndexes(tables: Tables<Schemas["sb"]>) {
  return {
    chassisByName: tables.Chassis.index("name"),
    chassisByEncap: tables.Chassis.index("encaps"),
    portByName: tables.Port_Binding.index("logical_port"),
    portByPeer: tables.Port_Binding.indexBy("peer", (row) => row.options.get("peer")),
    portByDatapath: tables.Port_Binding.index("datapath"),
    datapathByRouter: tables.Datapath_Binding.indexBy(
      "router",
      (row) => row.nb_uuid ?? row.external_ids.get("logical-router"),
    ),
    learnedRouteByDatapath: tables.Learned_Route.index("datapath"),
    learnedRouteByPrefix: tables.Learned_Route.index("ip_prefix"),
  };
}

function icSbIndexes(tables: Tables<Schemas["icSb"]>) {
  return {
    zoneByName: tables.Availability_Zone.index("name"),
    gatewayByName: tables.Gateway.index("name"),
    gatewayByZone: tables.Gateway.index("availability_zone"),
    gatewayByEncap: tables.Gateway.index("encaps"),
    encapByType: tables.Encap.index("type"),
    datapathBySwitch: tables.Datapath_Binding.index("transit_switch"),
    datapathByKey: tables.Datapath_Binding.index("tunnel_key"),
    portByName: tables.Port_Binding.index("logical_port"),
    portBySwitch: tables.Port_Binding.index("transit_switch"),
    portBySwitchAndKey: tables.Port_Binding.index("transit_switch", "tunnel_key"),
    portByZone: tables.Port_Binding.index("availability_zone"),
    portByGateway: tables.Port_Binding.index("gateway"),
    portByRouter: tables.Port_Binding.indexBy("router-id", (row) => row.external_ids.get("router-id")),
    portByRouterAndSwitch: tables.Port_Binding.indexBy("router-id and switch", (row) => {
      const router = row.external_ids.get("router-id");
      return router === undefined ? undefined : joinKey(router, row.transit_switch);
    }),
    routeByZone: tables.Route.index("availability_zone"),
    /** By switch and canonical prefix. */
    routeByPrefix: tables.Route.indexBy("prefix", (row) =>
      joinKey(row.transit_switch, prefixKey(row.ip_prefix)),
    ),
    routeByText: tables.Route.index("ip_prefix"),
    routeBySwitch: tables.Route.index("transit_switch"),
  };
}
