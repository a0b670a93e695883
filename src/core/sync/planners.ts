/** All planners, in the order of one pass. */
import type { Planner } from "./planner.ts";
import { addressSets } from "./planners/address-sets.ts";
import { advertisedRoutes } from "./planners/advertised-routes.ts";
import { availabilityZone } from "./planners/availability-zone.ts";
import { gateways } from "./planners/gateways.ts";
import { learnedRoutes } from "./planners/learned-routes.ts";
import { portBindings } from "./planners/port-bindings.ts";
import { sequenceNumbers } from "./planners/sequence-numbers.ts";
import { serviceMonitors } from "./planners/service-monitors.ts";
import { transitRouterPorts } from "./planners/transit-router-ports.ts";
import { transitRouters } from "./planners/transit-routers.ts";
import { transitSwitchPorts } from "./planners/transit-switch-ports.ts";
import { transitSwitches } from "./planners/transit-switches.ts";

export const PLANNERS: readonly Planner[] = [
  availabilityZone,
  gateways,
  transitSwitches,
  transitRouters,
  portBindings,
  transitSwitchPorts,
  transitRouterPorts,
  advertisedRoutes,
  learnedRoutes,
  serviceMonitors,
  addressSets,
  sequenceNumbers,
];
