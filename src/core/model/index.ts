/**
 * What is known: the rows of four databases, how they hang together, who we are, and what the servers can do.
 * What others may use of it.
 */
export type { Batch, RowChange } from "./changes.ts";
export { bothRows, changedElements, optionChanged, touched } from "./changes.ts";
export type { DatabaseName, RowOf, Schemas, TableKey, TableOf } from "./databases.ts";
export { DATABASE_NAMES, SCHEMAS } from "./databases.ts";
export { describeDerived, portGroupOf, setsOfPortGroup } from "./derived-sets.ts";
export { describeMissing } from "./features.ts";
export { sameIdentity } from "./identity.ts";
export { localAddresses } from "./indexes.ts";
export {
  addressKey,
  backendKey,
  isLearned,
  joinKey,
  learnedFrom,
  monitorHostKey,
  monitorKey,
  networkKey,
  prefixKey,
  splitKey,
} from "./keys.ts";
export {
  balancersNamedBy,
  balancersOf,
  balancersOfChangedGroups,
  changedBalancers,
  coveringPrefixes,
  coversVip,
  routersOfBalancer,
  routersOfChangedBalancer,
} from "./load-balancers.ts";
export { fact, trait } from "./memo.ts";
export type { FilterList, Setting } from "./settings.ts";
export { filterList, globalSubject, parseNumber, zoneFilter, zoneNumber, zoneOption } from "./settings.ts";
export type { Owned } from "./stolen-rows.ts";
export type { Decision, Note, Subject } from "./subject.ts";
export type { RowSource } from "./tables.ts";
export type { TransitPort } from "./topology.ts";
export {
  contendedRouter,
  contendedSwitch,
  doublyClaimed,
  dynamicRoutesOf,
  icPortSubject,
  icRouteSubject,
  isGloballyManaged,
  isLocalChassis,
  isTransitPort,
  leadsToTransitSwitch,
  networksOfPort,
  routerBehind,
  routerOf,
  routerOfDatapath,
  routerOfTransitRouter,
  routerPortBehind,
  routerPortSubject,
  routerSubject,
  routersBehindPort,
  routersOf,
  routersOfDatapath,
  routersOnSwitch,
  routesOfChangedDatapath,
  sortedByKey,
  switchesOf,
  switchOf,
  switchPortSubject,
  switchSubject,
  transitPortsOn,
  transitSwitchesOfRouter,
  transitSwitchOf,
} from "./topology.ts";
export type { Circumstances, Sources } from "./view.ts";
export { isTrue, View } from "./view.ts";
