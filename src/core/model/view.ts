/**
 * What planners know: the rows of the four databases as they are now, found by everything that a rule looks
 * for, who we are, and what the servers' schemas allow. Read-only.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { PrefixList } from "../net/filters.ts";
import { parsePrefixList } from "../net/filters.ts";
import { icNb } from "../schema/ic-nb.ts";
import type { Gateway } from "../schema/ic-sb.ts";
import { icSb } from "../schema/ic-sb.ts";
import { nb } from "../schema/nb.ts";
import { sb } from "../schema/sb.ts";
import type { DatabaseName, Schemas, TableKey, TableOf } from "./databases.ts";
import type { Feature, ServerSchemas } from "./features.ts";
import { hasFeature } from "./features.ts";
import type { Identity } from "./identity.ts";
import { NOBODY, nextIdentity } from "./identity.ts";
import { icNbIndexes, icSbIndexes, nbIndexes, sbIndexes } from "./indexes.ts";
import { Facts, fact } from "./memo.ts";
import type { Owned } from "./stolen-rows.ts";
import { StolenRows } from "./stolen-rows.ts";
import type { ReadCount, RowSource, Tables } from "./tables.ts";
import { countedTables } from "./tables.ts";

export type Sources = { readonly [D in DatabaseName]: RowSource<Schemas[D]> };

/** What counts besides rows, and only the engine knows. */
export interface Circumstances {
  /** Whether this instance holds the global lock. */
  readonly leader: boolean;
  /** The value of IC_NB_Global.nb_ic_cfg before which nothing was written that is not known here. */
  readonly confirmed: number | bigint | null;
  /** Tables that may lack rows which are needed. */
  readonly incomplete: ReadonlySet<TableKey>;
}

/** Without an engine: nobody leads, and all rows are there. */
const ALONE: Circumstances = { leader: false, confirmed: null, incomplete: new Set() };

export class View {
  readonly nb: Tables<Schemas["nb"]>;
  readonly sb: Tables<Schemas["sb"]>;
  readonly icNb: Tables<Schemas["icNb"]>;
  readonly icSb: Tables<Schemas["icSb"]>;
  readonly nbIndexes: ReturnType<typeof nbIndexes>;
  readonly sbIndexes: ReturnType<typeof sbIndexes>;
  readonly icNbIndexes: ReturnType<typeof icNbIndexes>;
  readonly icSbIndexes: ReturnType<typeof icSbIndexes>;
  /** What the servers' schemas have. */
  readonly schemas: ServerSchemas;
  /** Rows handed out since the start. */
  readonly reads: ReadCount = { rows: 0 };
  readonly facts = new Facts();
  /** The engine tells it of changes. */
  readonly stolen = new StolenRows();
  readonly #prefixLists = new Map<string, PrefixList>();
  #circumstances: Circumstances;
  #identity: Identity = NOBODY;
  #inDoubt = false;

  /** @param circumstances may change all the time: their owner's are looked at, not copied */
  constructor(sources: Sources, circumstances: Circumstances = ALONE) {
    this.#circumstances = circumstances;
    const tables = (database: DatabaseName) => sources[database].serverSchema?.tables;
    this.schemas = {
      version: (database) => sources[database].serverSchema?.version ?? null,
      has: (database, table, column) => {
        const found = tables(database)?.get(table);
        return found !== undefined && (column === undefined || found.columns.has(column));
      },
      columnOf: (database, table, column) => tables(database)?.get(table)?.columns.get(column),
    };
    this.nb = countedTables(nb, sources.nb, this.reads);
    this.sb = countedTables(sb, sources.sb, this.reads);
    this.icNb = countedTables(icNb, sources.icNb, this.reads);
    this.icSb = countedTables(icSb, sources.icSb, this.reads);
    this.nbIndexes = nbIndexes(this.nb);
    this.sbIndexes = sbIndexes(this.sb);
    this.icNbIndexes = icNbIndexes(this.icNb);
    this.icSbIndexes = icSbIndexes(this.icSb);
  }

  get leader(): boolean {
    return this.#circumstances.leader;
  }

  get confirmed(): number | bigint | null {
    return this.#circumstances.confirmed;
  }

  get incomplete(): ReadonlySet<TableKey> {
    return this.#circumstances.incomplete;
  }

  /** What planning would come to in other circumstances: they hold while `work` runs. */
  supposing<R>(changed: Partial<Circumstances>, work: () => R): R {
    const actual = this.#circumstances;
    const { leader, confirmed, incomplete } = actual;
    this.#circumstances = { leader, confirmed, incomplete, ...changed };
    try {
      return work();
    } finally {
      this.#circumstances = actual;
    }
  }

  get identity(): Identity {
    return this.#identity;
  }

  /**
   * The uuid of our own Availability_Zone row; null while there is none, and then there is nothing to be
   * done.
   */
  get zone(): Uuid<"Availability_Zone"> | null {
    return this.#identity.zone;
  }

  /**
   * The name by which other zones know this one now: that of its row, which follows NB_Global.name. A name
   * that somebody else gives it doesn't count, if it gets its own one back at once.
   */
  get zoneName(): string {
    const { name } = this.#identity;
    return this.zoneRenamed && !this.icSbIndexes.zoneByName.has(name) ? name : this.#rowName;
  }

  get #rowName(): string {
    return (this.zone === null ? undefined : this.icSb.Availability_Zone.get(this.zone))?.name ?? "";
  }

  /** Whether somebody else has given our row another name. */
  get zoneRenamed(): boolean {
    const { name, named } = this.#identity;
    return named && this.#rowName !== name;
  }

  /**
   * Whether a row of the global database is this zone's; also while somebody else has given it to another
   * one, and we take it back.
   */
  isOurs(row: Owned): boolean {
    return row.availability_zone === this.zone || this.isStolen(row);
  }

  /** Whether somebody else has given one of our rows to another zone. */
  isStolen({ _uuid }: Owned): boolean {
    return this.stolen.has(_uuid, this.zone);
  }

  /** Finds out anew who we are. To be called after changes of NB_Global and Availability_Zone. */
  refreshIdentity(): Identity {
    const named = this.icSbIndexes.zoneByName;
    this.#identity = nextIdentity(this.#identity, this.nb.NB_Global.first()?.name ?? "", {
      get: (uuid) => this.icSb.Availability_Zone.get(uuid),
      named: (name) => named.get(name),
      isOthers: (row) => this.#isOthers(row._uuid),
      isOurs: (row) => this.ownGateways().has(row._uuid),
    });
    this.#inDoubt = this.#identity.name !== "" && this.#identity.name !== this.#rowName;
    return this.#identity;
  }

  /**
   * Whether we have a name, and no row that bears it: then what gateways and ports are in decides, too, who
   * we are.
   */
  get identityInDoubt(): boolean {
    return this.#inDoubt;
  }

  /**
   * The names of this zone's gateways in the global database, by the zone whose row holds them: as a rule our
   * own.
   */
  ownGateways(): ReadonlyMap<Uuid<"Availability_Zone">, readonly string[]> {
    const names = new Map<Uuid<"Availability_Zone">, string[]>();
    for (const { name } of this.sb.Chassis) {
      const gateway = this.icSbIndexes.gatewayByName.get(name);
      if (gateway === undefined || !this.isOwnGateway(gateway)) continue;
      const known = names.get(gateway.availability_zone);
      if (known === undefined) names.set(gateway.availability_zone, [name]);
      else known.push(name);
    }
    return names;
  }

  /**
   * Whether a gateway of the global database stands for a chassis of this zone: of that name, and at these
   * addresses.
   */
  isOwnGateway(gateway: Gateway): boolean {
    const chassis = this.sbIndexes.chassisByName.get(gateway.name);
    if (chassis === undefined) return false;
    const { other_config: config } = chassis;
    const isLocal = isTrue(config.get("is-interconn")) && !isTrue(config.get("is-remote"));
    return isLocal && this.#endsOf("sb", chassis) === this.#endsOf("icSb", gateway);
  }

  /** Whether a zone's row holds gateways, ports or routes. */
  holdsAnything(zone: Uuid<"Availability_Zone">): boolean {
    const { gatewayByZone, portByZone, routeByZone } = this.icSbIndexes;
    return [gatewayByZone, portByZone, routeByZone].some((index) => index.has(zone));
  }

  /** Whether a row holds something, nothing of it is ours, and our gateways are elsewhere. */
  #isOthers(zone: Uuid<"Availability_Zone">): boolean {
    if (!this.holdsAnything(zone)) return false;
    const ours = this.ownGateways();
    if (ours.size === 0 || ours.has(zone)) return false;
    const isOurRouter = (id: string | undefined) =>
      id !== undefined && this.nb.Logical_Router.get(id) !== undefined;
    return ![...this.icSbIndexes.portByZone.find(zone)].some((port) =>
      isOurRouter(port.external_ids.get("router-id")),
    );
  }

  /** The tunnels' ends of a gateway, as one text. */
  #endsOf(database: "sb" | "icSb", { encaps }: { readonly encaps: readonly Uuid<"Encap">[] }): string {
    const rows = encaps.flatMap((uuid) => this[database].Encap.get(uuid) ?? []);
    return rows
      .map(({ type, ip }) => `${type} ${ip}`)
      .sort()
      .join();
  }

  /** Says that the row for the name that we had so far is not ours: the server has refused to make it. */
  disownName(): void {
    this.#identity = NOBODY;
  }

  /** Whether the server has a column of a table. */
  has<D extends DatabaseName>(database: D, table: TableOf<D>, column: string): boolean {
    return this.schemas.has(database, table, column);
  }

  /** Whether the server's schema allows a value in a column with an enum. */
  allows<D extends DatabaseName>(database: D, table: TableOf<D>, column: string, value: string): boolean {
    const described = this.schemas.columnOf(database, table, column);
    return described !== undefined && (described.key.enum === null || described.key.enum.includes(value));
  }

  /** NB_Global.options. */
  get options(): ReadonlyMap<string, string> {
    return optionsOf(this);
  }

  /** Whether all servers have what a feature needs. */
  can(feature: Feature): boolean {
    return hasFeature(this.schemas, feature);
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

const optionsOf = fact((view: View) => view.nb.NB_Global.first()?.options ?? new Map<string, string>());

/** Whether an option is on: it is `true`, case ignored. */
export function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === "true";
}
