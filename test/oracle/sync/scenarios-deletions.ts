/** Scenarios in which somebody deletes what is not theirs to delete. */
import { gateway, routed } from "../../harness/lab/topology.ts";
import type { Scenario } from "./scenario.ts";

export const deletions: readonly Scenario[] = (
  [
    ["a gateway", ["az1.sb chassis-del gw1"]],
    ["the router's own network", ["az1 lrp-del lr1-ls"]],
    ["the router", ["az1 lr-del lr1"]],
    ["the transit switch", ["ic ts-del ts1"]],
    ["the local switch", ["az1 ls-del ts1"]],
    ["all ports of the global database", ["ic.sb --all destroy Port_Binding"]],
    ["all routes of the global database", ["ic.sb --all destroy Route"]],
    ["all datapaths of the global database", ["ic.sb --all destroy Datapath_Binding"]],
    ["all gateways of the global database", ["ic.sb --all destroy Gateway"]],
    [
      "everything in the global database",
      [
        "ic.sb --all destroy Route",
        "ic.sb --all destroy Port_Binding",
        "ic.sb --all destroy Datapath_Binding",
        "ic.sb --all destroy Gateway",
        "ic.sb --all destroy Availability_Zone",
      ],
    ],
  ] as const
).map(([name, commands]) => ({
  rule: "deletions",
  name: `of ${name}`,
  steps: [...routed, gateway("az1", "gw5", "10.255.0.5"), commands],
  ...(name.startsWith("the") && name !== "the router's own network"
    ? { differs: { "23.03.1": "orphans" as const } }
    : {}),
}));
