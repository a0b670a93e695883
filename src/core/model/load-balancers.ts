/** Load balancers of routers, as far as routes go: their virtual addresses. */

import type { Uuid } from "ovsdb-client-ts";
import type { Prefix } from "../net/prefix.ts";
import { formatPrefix, networkOf } from "../net/prefix.ts";
import { parseVip } from "../net/vips.ts";
import type { LoadBalancer, LoadBalancerGroup, LogicalRouter } from "../schema/nb.ts";
import type { Batch, RowChange } from "./changes.ts";
import { bothRows, changedElements, touched } from "./changes.ts";
import { trait } from "./memo.ts";
import type { View } from "./view.ts";

/** The routers that have a load balancer, by themselves or by a group. */
export function routersOfBalancer(view: View, balancer: LoadBalancer): LogicalRouter[] {
  const { routerByBalancer, routerByBalancerGroup, groupByBalancer } = view.nbIndexes;
  const direct = routerByBalancer.find(balancer._uuid);
  const groups = [...groupByBalancer.find(balancer._uuid)];
  return [
    ...new Set([...direct, ...groups.flatMap((group) => [...routerByBalancerGroup.find(group._uuid)])]),
  ];
}

/** The uuids of a router's load balancers, those of its groups included. */
export function balancersNamedBy(view: View, router: LogicalRouter): Uuid[] {
  const groups = router.load_balancer_group.flatMap((uuid) => view.nb.Load_Balancer_Group.get(uuid) ?? []);
  return [...new Set([...router.load_balancer, ...groups.flatMap((group) => [...group.load_balancer])])];
}

/** The load balancers of a router, those of its groups included. */
export function balancersOf(view: View, router: LogicalRouter): LoadBalancer[] {
  return balancersNamedBy(view, router).flatMap((uuid) => view.nb.Load_Balancer.get(uuid) ?? []);
}

/** Networks of a load balancer's addresses, by prefix length, as far as they were asked for. */
const networksByLength = trait((_: LoadBalancer) => new Map<number, ReadonlySet<string>>());

/** Whether a prefix, exactly as written, is what masking an address of a load balancer gives. */
export function coversVip(balancer: LoadBalancer, prefix: Prefix, text: string): boolean {
  const byLength = networksByLength(balancer);
  const known = byLength.get(prefix.length) ?? new Set(networksOf(balancer, prefix.length));
  byLength.set(prefix.length, known);
  return known.has(text);
}

function networksOf(balancer: LoadBalancer, length: number): string[] {
  return [...balancer.vips.keys()].flatMap((key) => {
    const vip = parseVip(key);
    return vip === null || vip.length < length ? [] : [formatPrefix(networkOf({ ...vip, length }))];
  });
}

/** All prefixes, from the default route to the address itself, that cover an address of a load balancer. */
export function coveringPrefixes(balancer: LoadBalancer): string[] {
  return [...balancer.vips.keys()].flatMap((key) => {
    const vip = parseVip(key);
    if (vip === null) return [];
    return Array.from({ length: vip.length + 1 }, (_, length) => formatPrefix(networkOf({ ...vip, length })));
  });
}

/** The load balancers that a router or a group got or lost. */
export function changedBalancers(
  change: RowChange<LogicalRouter> | RowChange<LoadBalancerGroup>,
  view: View,
  batch: Batch,
): LoadBalancer[] {
  const uuids = changedElements(change.old?.load_balancer, change.new?.load_balancer);
  return uuids.flatMap(
    (uuid) => view.nb.Load_Balancer.get(uuid) ?? batch.before("nb", "Load_Balancer", uuid) ?? [],
  );
}

/** The load balancers that a router got or lost with its groups. */
export function balancersOfChangedGroups(
  change: RowChange<LogicalRouter>,
  view: View,
  batch: Batch,
): LoadBalancer[] {
  if (!touched(change, "load_balancer_group")) return [];
  const uuids = changedElements(change.old?.load_balancer_group, change.new?.load_balancer_group);
  const groups = uuids.flatMap(
    (uuid) => view.nb.Load_Balancer_Group.get(uuid) ?? batch.before("nb", "Load_Balancer_Group", uuid) ?? [],
  );
  return groups.flatMap((group) =>
    group.load_balancer.flatMap(
      (uuid) => view.nb.Load_Balancer.get(uuid) ?? batch.before("nb", "Load_Balancer", uuid) ?? [],
    ),
  );
}

/** The routers of a load balancer that changed; of one that is gone, those that lost it say so themselves. */
export function routersOfChangedBalancer(change: RowChange<LoadBalancer>, view: View): LogicalRouter[] {
  return [...new Set(bothRows(change).flatMap((balancer) => routersOfBalancer(view, balancer)))];
}
