/** All planners, in the order of one pass, and the rows that they need. */

import type { Planner, Rules } from "../planning/index.ts";
import { addressSets } from "./address-sets.ts";
import { availabilityZone } from "./availability-zone.ts";
import { gateways } from "./gateways.ts";
import { portBindings } from "./ports/port-bindings.ts";
import { transitRouterPorts } from "./ports/transit-router-ports.ts";
import { transitSwitchPorts } from "./ports/transit-switch-ports.ts";
import { advertisedRoutes } from "./routes/advertised-routes.ts";
import { learnedRoutes } from "./routes/learned-routes.ts";
import { ROW_NEEDS } from "./row-needs.ts";
import { sequenceNumbers } from "./sequence-numbers.ts";
import { serviceMonitors } from "./service-monitors.ts";
import { transitRouters } from "./transit-routers.ts";
import { transitSwitches } from "./transit-switches.ts";

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

export const RULES: Rules = { planners: PLANNERS, needs: ROW_NEEDS };
