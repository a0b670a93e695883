/** Scenarios of service monitors. */
import type { Scenario } from "./scenario.ts";
import { NEWER } from "./scenario.ts";

/** A load balancer of az1 whose backend vm2 is in az2. */
const balanced: readonly (readonly string[])[] = [
  ["az2 ls-add sw2", "az2 lsp-add sw2 vm2", "az2.sb chassis-add hv2 geneve 10.255.1.2"],
  ["az2.sb lsp-bind vm2 hv2", "az2.sb set Port_Binding vm2 up=true"],
  [
    "az1 ls-add sw1",
    "az1 lb-add lb1 172.30.0.1:80 10.0.2.5:80 tcp",
    "az1 ls-lb-add sw1 lb1",
    "az1 set Load_Balancer lb1 'ip_port_mappings:10.0.2.5=\"vm2:10.0.1.1:az2\"'",
    "az1 --id=@h create Load_Balancer_Health_Check 'vip=\"172.30.0.1:80\"'",
    "az1 add Load_Balancer lb1 health_check @h",
  ],
];

export const serviceMonitors: readonly Scenario[] = [
  { name: "are run by the zone of the backend", steps: balanced },
  {
    name: "tell their result, and follow options",
    steps: [
      ...balanced,
      ["az2.sb set Service_Monitor {az2.sb Service_Monitor ic_learned=true} status=online"],
      ["az1 set Load_Balancer_Health_Check {az1 Load_Balancer_Health_Check vip!=x} options:interval=7"],
    ],
  },
  { name: "go with the load balancer", steps: [...balanced, ["az1 lb-del lb1"]] },
  { name: "go with the backend", steps: [...balanced, ["az2 lsp-del vm2"]] },
  { name: "come back when they are deleted", steps: [...balanced, ["ic.sb --all destroy Service_Monitor"]] },
].map((one) => ({ rule: "§9 service monitors", releases: NEWER, ...one }));
