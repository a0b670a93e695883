/**
 * Transit routers: each has a logical router here, and one datapath with a tunnel key in the global database,
 * which the leader makes.
 *
 * A unit is either the logical router of a transit router, by name, or its datapath, by the transit router's
 * uuid, which is all that a datapath knows of it.
 */
import type { Uuid } from "ovsdb-client-ts";
import { isUuid } from "ovsdb-client-ts";
import type { RowChange, View } from "../model/index.ts";
import {
  bothRows,
  contendedRouter,
  doublyClaimed,
  joinKey,
  routerSubject,
  routersOf,
  sortedByKey,
  splitKey,
} from "../model/index.ts";
import type { Desired, Plan, Planner } from "../planning/index.ts";
import { datapathKey, reconcile, sharingKeys } from "../planning/index.ts";
import type { TransitRouter } from "../schema/ic-nb.ts";
import type { DatapathBinding } from "../schema/ic-sb.ts";
import type { LogicalRouter } from "../schema/nb.ts";

const ROUTER = "router";
const DATAPATH = "datapath";

export const transitRouters: Planner = {
  name: "transit-routers",
  writes: ["icSb", "nb"],
  leads: true,
  feeds: {
    icNb: {
      Transit_Router: (change) => {
        if (change.old?.name === change.new?.name) return [];
        return bothRows(change).flatMap((row) => [joinKey(ROUTER, row.name), joinKey(DATAPATH, row._uuid)]);
      },
    },
    icSb: { Datapath_Binding: unitsOfChangedDatapath },
    nb: {
      Logical_Router: (change) =>
        bothRows(change)
          .flatMap((row) => row.options.get("interconn-tr") ?? [])
          .map((name) => joinKey(ROUTER, name)),
      Logical_Router_Port: (change, view) =>
        contendedRouter(view, change).map((name) => joinKey(ROUTER, name)),
    },
  },
  nameOf(key, view) {
    const [kind, id = ""] = splitKey(key);
    if (kind === ROUTER) return id;
    const router = isUuid(id) ? view.icNb.Transit_Router.get(id) : undefined;
    return `datapath of ${router?.name ?? id}`;
  },
  *units(view) {
    for (const row of view.icNb.Transit_Router) {
      yield joinKey(ROUTER, row.name);
      yield joinKey(DATAPATH, row._uuid);
    }
    for (const name of view.nbIndexes.routerByTransitRouter.keys()) yield joinKey(ROUTER, String(name));
    for (const uuid of view.icSbIndexes.datapathByTransitRouter.keys()) yield joinKey(DATAPATH, String(uuid));
  },
  plan(key, view, plan) {
    if (view.zone === null || !view.can("transit routers")) return;
    const [kind, id = ""] = splitKey(key);
    if (kind === ROUTER) planRouter(view, plan, id);
    else if (view.leader) planDatapath(view, plan, id);
  },
};

function unitsOfChangedDatapath(change: RowChange<DatapathBinding>, view: View): string[] {
  return sharingKeys(view, bothRows(change)).flatMap(({ type, nb_ic_uuid: uuid }) => {
    if (type !== "transit-router") return [];
    const router = uuid === null ? undefined : view.icNb.Transit_Router.get(uuid);
    const datapath = joinKey(DATAPATH, uuid ?? "");
    return router === undefined ? [datapath] : [datapath, joinKey(ROUTER, router.name)];
  });
}

function datapathsOf(view: View, uuid: Uuid): DatapathBinding[] {
  return sortedByKey(view.icSbIndexes.datapathByTransitRouter.find(uuid), (row) => row.tunnel_key);
}

function planDatapath(view: View, plan: Plan, uuid: Uuid): void {
  const router = view.icNb.Transit_Router.get(uuid);
  const existing = datapathsOf(view, uuid);
  const desired: Desired<"icSb", "Datapath_Binding">[] = [];
  if (router !== undefined) {
    const why = `transit-routers: INB Transit_Router ${router.name}`;
    const [current] = existing;
    const key = datapathKey(view, plan.tunnelKeys, current, false);
    if (key === null) {
      warnNoKey(plan, router);
      return;
    }
    if (key !== current?.tunnel_key) {
      plan.requireAbsent("icSb", "Datapath_Binding", { tunnel_key: key }, { why, leader: true });
      if (current === undefined)
        plan.requireAbsent("icSb", "Datapath_Binding", { nb_ic_uuid: uuid }, { why, leader: true });
    }
    desired.push({
      keys: [""],
      columns: { transit_switch: "", type: "transit-router", nb_ic_uuid: uuid, tunnel_key: key },
      why,
    });
  }
  reconcile(view, plan, {
    database: "icSb",
    table: "Datapath_Binding",
    existing,
    keysOf: () => [""],
    desired,
    whyNot: () =>
      router === undefined
        ? `transit-routers: no INB Transit_Router ${uuid}`
        : `transit-routers: ${router.name} has another datapath`,
    leader: true,
  });
}

function planRouter(view: View, plan: Plan, name: string): void {
  const router = view.icNbIndexes.transitRouterByName.get(name);
  const { chosen, spare, foreign } = routersOf(view, name);
  if (router !== undefined && chosen !== undefined)
    for (const row of foreign)
      plan.warn(doublyClaimed(`interconn-tr=${name}`, routerSubject(row), routerSubject(chosen)));
  const others = router === undefined ? [...spare, ...foreign] : spare;
  const desired: Desired<"nb", "Logical_Router">[] = [];
  if (router !== undefined) {
    const [datapath] = datapathsOf(view, router._uuid);
    const keys: Record<string, string> = { "interconn-tr": name };
    if (datapath !== undefined) keys["requested-tnl-key"] = String(datapath.tunnel_key);
    desired.push({
      keys: [""],
      columns: {},
      initial: () => ({ name }),
      mapKeys: { options: keys },
      why: `transit-routers: INB Transit_Router ${name}`,
    });
  }
  const existing: readonly LogicalRouter[] = chosen === undefined ? others : [chosen, ...others];
  reconcile(view, plan, {
    database: "nb",
    table: "Logical_Router",
    // Somebody may put a port there meanwhile, and then it has to stay.
    verify: router === undefined ? [] : ["ports"],
    existing,
    keysOf: () => [""],
    desired,
    whyNot: () =>
      router === undefined
        ? `transit-routers: no INB Transit_Router ${name}`
        : `transit-routers: ${name} has another router`,
  });
}

function warnNoKey(plan: Plan, router: TransitRouter): void {
  plan.warn({
    reason: "no-free-tunnel-key",
    text: `Transit_Router ${router.name}: no free tunnel key for a datapath`,
    subject: { database: "icNb", table: "Transit_Router", uuid: router._uuid, name: router.name },
  });
}
