/**
 * Where ours differs from the C controllers: on purpose, or because a rule is newer than the release.
 * Scenarios refer to these by name, and then the rows must really differ. Those that come up everywhere can
 * be forgiven: what C left behind is taken out of its rows.
 */
import type { Contents } from "../../harness/databases/comparable.ts";
import type { Database } from "../../harness/databases/names.ts";
import type { JsonRow } from "../../harness/databases/transact.ts";
import { uuidOf } from "../../harness/databases/transact.ts";
import type { Release } from "../../harness/programs/ovn-sid.ts";

export interface Difference {
  readonly releases: readonly Release[];
  /** What the C controller does, and what ours does instead. */
  readonly what: string;
  /** Takes it out of what C holds. */
  readonly forgive?: (contents: Contents) => void;
}

const BOTH: readonly Release[] = ["23.03.1", "26.03.1"];

export const DIFFERENCES = {
  rename: {
    releases: ["23.03.1"],
    what: "C tries to delete the zone's row when the zone is renamed, which references forbid; ours renames it, as C since 24.03",
  },
  "renamed-by-others": {
    releases: BOTH,
    what: "C leaves a row of its own to the name that somebody else gives it; ours gives it the zone's name back, as long as that has not changed",
  },
  "port-address": {
    releases: BOTH,
    what: "C hands the address of another zone's port on to northd, whatever it is; ours takes what is none for unknown",
  },
  "un-name": {
    releases: BOTH,
    what: "C deletes the row of a zone without a name alone, which references forbid; ours deletes what hangs on it too",
  },
  forgotten: {
    releases: BOTH,
    what: "C leaves the routes that a router learned when its last port on transit switches goes, or loses its address, as northd takes it from the port of a disabled router: whether C has deleted them before is a race; ours deletes them",
    forgive: forgiveForgotten,
  },
  "no-ipv6": {
    releases: BOTH,
    what: "C advertises IPv6 prefixes of a port without IPv6 address with a link-local next hop that nobody accepts; ours doesn't",
    forgive: (contents) =>
      keep(contents, "ic.sb", "Route", ({ nexthop }) => !String(nexthop).startsWith("fe80:")),
  },
  "transit-router-port": {
    releases: ["26.03.1"],
    what: "C leaves the global row of a transit router port that is gone while its router lives; ours deletes it",
    forgive: (contents) => {
      const names = new Set(rows(contents, "ic.nb", "Transit_Router_Port").map(({ name }) => name));
      keep(
        contents,
        "ic.sb",
        "Port_Binding",
        ({ type, logical_port }) => type !== "transit-router-port" || names.has(logical_port ?? ""),
      );
    },
  },
  "router-port-chassis": {
    releases: ["26.03.1"],
    what: "C deletes the router port of a transit router in the zone that lost its chassis, and leaves the global row; ours keeps both",
  },
  "router-port-address": {
    releases: ["26.03.1"],
    what: "C writes the address of a transit router port to the global row when that is made, and never again; ours lets it follow",
  },
  "router-port-moves": {
    releases: ["26.03.1"],
    what: "C leaves the global row of a transit router port to the zone that had its chassis, and the zone that has it gives its router port another key; ours lets the row go with the chassis",
  },
  "stale-identity": {
    releases: ["26.03.1"],
    what: "C leaves the uuid of the old transit switch in nb_ic_uuid when it is made anew at once; ours writes the new one",
    forgive: forgiveStaleIdentity,
  },
  "no-router-port": {
    releases: ["26.03.1"],
    what: "C removes the global row of a router port that doesn't name its peer; ours keeps it where rows have a type",
  },
  retyped: {
    releases: ["26.03.1"],
    what: "C leaves the routes of a switch port that is no router port any more, as long as the router port is there; ours deletes them",
  },
  disabled: {
    releases: ["23.03.1"],
    what: "C inserts what a disabled router has learned again and again, without end, as releases before 24.03.8 and 26.03.0 do; ours deletes it, as C after 26.03",
  },
  "ipv6-blacklist": {
    releases: ["23.03.1"],
    what: "C takes an IPv6 entry of the deny list for every IPv6 prefix that is no shorter; ours compares the bits",
  },
  orphans: {
    releases: ["23.03.1"],
    what: "C leaves routes of ports that are gone; ours deletes them, as C since 25.09",
  },
  "foreign-nexthop": {
    releases: ["23.03.1"],
    what: "C learns routes whose next hop is on no network of the port; ours doesn't, as C since 25.09",
  },
  "lax-numbers": {
    releases: BOTH,
    what: "C reads numbers with white space or a sign before them, as scanf does; ours says that this is no prefix",
  },
  mapped: {
    releases: BOTH,
    what: "C takes IPv6 addresses in ::ffff:0:0/96 for IPv4 with a length of up to 128, which nobody accepts, itself included; ours lets them be IPv6",
  },
  blocked: {
    releases: ["26.03.1"],
    what: "C inserts one route for the port and one for the load balancer that have the same address, which the unique index forbids, and from then on nothing of the zone is written; ours writes the first of them",
  },
  "keys-of-others": {
    releases: BOTH,
    what: "C makes a learned route anew when its origin was changed, without what others had written there; ours puts the origin right",
  },
  "learned-twice": {
    releases: BOTH,
    what: "C keeps a learned route that a router has twice; ours deletes one of them",
  },
  "two-ports": {
    releases: BOTH,
    what: "of two ports that one router has on one switch, C learns every route once for each, and 23.03.1 advertises over one of them only; ours learns each once, and advertises over both",
  },
  "other-words": {
    releases: BOTH,
    what: "C compares a router's own routes with those to be learned by their texts, so that 172.16.0.1/16 does not keep 172.16.0.0/16 from being learned; ours compares networks",
  },
  "own-nexthop": {
    releases: BOTH,
    what: "C learns a route by an address of the learning router itself, which then sends to itself; ours doesn't",
  },
  "same-zone": {
    releases: ["23.03.1"],
    what: "C doesn't learn between routers of one zone; ours does, as C since 23.09",
  },
} as const satisfies Readonly<Record<string, Difference>>;

export type DifferenceName = keyof typeof DIFFERENCES;

/** Takes what can be forgiven out of what C holds. */
export function forgive(contents: Contents): void {
  const all: readonly Difference[] = Object.values(DIFFERENCES);
  for (const difference of all) difference.forgive?.(contents);
}

function rows(contents: Contents, database: Database, table: string): readonly JsonRow[] {
  return contents.get(database)?.get(table) ?? [];
}

function keep(
  contents: Contents,
  database: Database,
  table: string,
  wanted: (row: JsonRow) => boolean,
): void {
  const tables = contents.get(database);
  const all = tables?.get(table);
  if (all !== undefined) tables?.set(table, all.filter(wanted));
}

/** Rows of a transit switch that was made anew bear the new one's uuid. */
function forgiveStaleIdentity(contents: Contents): void {
  const uuids = new Map(rows(contents, "ic.nb", "Transit_Switch").map((row) => [row.name, uuidOf(row)]));
  for (const table of ["Datapath_Binding", "Port_Binding"]) {
    const renewed = rows(contents, "ic.sb", table).map((row) => {
      const uuid = uuids.get(row.transit_switch ?? "");
      const typed = row.type === "transit-switch" || row.type === "transit-switch-port";
      return typed && uuid !== undefined ? { ...row, nb_ic_uuid: ["uuid", uuid] } : row;
    });
    contents.get("ic.sb")?.set(table, renewed);
  }
}

/**
 * Learned routes of routers that no local port with an address in the global database leads to, or whose port
 * is gone.
 */
function forgiveForgotten(contents: Contents): void {
  const bindings = rows(contents, "ic.sb", "Port_Binding");
  for (const database of contents.keys()) {
    if (!database.endsWith(".nb") || database === "ic.nb") continue;
    const routerPorts = new Set(rows(contents, database, "Logical_Router_Port").map(({ name }) => name));
    const connected = rows(contents, database, "Logical_Switch_Port").filter(({ options }) =>
      routerPorts.has(pairs(options).get("router-port") ?? ""),
    );
    const names = new Set(connected.map(({ name }) => name));
    const known = new Set(
      bindings
        .filter((row) => names.has(row.logical_port ?? "") && row.address !== "")
        .flatMap((row) => pairs(row.external_ids).get("router-id") ?? []),
    );
    const forgotten = new Set<string>();
    const tables = contents.get(database);
    const learned = new Set(
      rows(contents, database, "Logical_Router_Static_Route")
        .filter((row) => pairs(row.external_ids).has("ic-learned-route"))
        .map(uuidOf),
    );
    const routers = rows(contents, database, "Logical_Router").map((router) => {
      if (known.has(uuidOf(router))) return router;
      const [gone, left] = [[] as string[], [] as string[]];
      for (const uuid of references(router.static_routes)) (learned.has(uuid) ? gone : left).push(uuid);
      for (const uuid of gone) forgotten.add(uuid);
      return { ...router, static_routes: ["set", left.map((uuid) => ["uuid", uuid])] };
    });
    tables?.set("Logical_Router", routers);
    keep(contents, database, "Logical_Router_Static_Route", (row) => !forgotten.has(uuidOf(row)));
  }
}

/** A map column. */
function pairs(value: JsonRow[string] | undefined): Map<string, string> {
  const list = Array.isArray(value) && Array.isArray(value[1]) ? value[1] : [];
  return new Map(
    list.flatMap((pair) => (Array.isArray(pair) ? [[String(pair[0]), String(pair[1])] as const] : [])),
  );
}

/** A set of uuids. */
function references(value: JsonRow[string] | undefined): string[] {
  if (!Array.isArray(value)) return [];
  const [kind, content] = value;
  if (kind === "uuid") return [String(content)];
  return Array.isArray(content) ? content.flatMap((one) => (Array.isArray(one) ? [String(one[1])] : [])) : [];
}
