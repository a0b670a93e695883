/**
 * Three zones on one global database, run by C 23.03.1, C 26.03.1 and ours, end as they do when all three are
 * run by ours. The global schema is that of 26.03, which all can use; az1's own databases are of 23.03.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Contents } from "../../harness/databases/comparable.ts";
import { comparable, difference } from "../../harness/databases/comparable.ts";
import type { Kind, Lab } from "../../harness/lab/lab.ts";
import { startMixedLab } from "../../harness/lab/releases.ts";
import { gateway, join, router } from "../../harness/lab/topology.ts";
import { INSTALLATION_PATIENCE } from "../../harness/programs/ovn-sid.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { forgive } from "./differences.ts";

/** Who runs which zone: what is C in az1 is 23.03.1, elsewhere 26.03.1. */
const FLEETS: readonly Readonly<Record<string, Kind>>[] = [
  { az1: "c", az2: "c", az3: "ours" },
  { az1: "c", az2: "ours", az3: "c" },
  { az1: "c", az2: "ours", az3: "ours" },
  { az1: "ours", az2: "c", az3: "c" },
];

const STEPS: readonly (readonly string[])[] = [
  [
    "ic ts-add ts1",
    "ic ts-add ts2",
    ...["az1", "az2", "az3"].flatMap((zone, i) => [
      ...gateway(zone, `gw${i + 1}`, `10.255.0.${i + 1}`),
      ...router(zone, i + 1),
    ]),
  ],
  ["az1", "az2", "az3"].flatMap((zone, i) => join(zone, i + 1)),
  [...join("az1", 1, 2), ...join("az3", 3, 2)],
  ["az1 lr-route-add lr1 172.16.0.0/16 10.0.1.9", "az2 lr-route-add lr2 172.17.0.0/16 10.0.2.9"],
  ["az2 lrp-set-gateway-chassis lr2-ts1 gw2 10", "az1 lrp-set-gateway-chassis lr1-ts1 gw1 10"],
  ["az2.sb lsp-bind cr-lr2-ts1 gw2", "az1.sb lsp-bind cr-lr1-ts1 gw1"],
  ["az1 lr-route-del lr1 172.16.0.0/16", "az3 lr-route-add lr3 172.18.0.0/16 10.0.3.9", "ic ts-add ts3"],
  ["ic.sb --all destroy Port_Binding"],
  ["ic.sb --all destroy Datapath_Binding"],
  ["az1.sb chassis-del gw1", "az3.sb set Chassis gw3 hostname=host3"],
  ["ic ts-del ts3"],
  // All want keys for the same switches and ports at once.
  [
    ...[4, 5, 6, 7, 8, 9].map((k) => `ic ts-add ts${k}`),
    "ic.sb --all destroy Port_Binding",
    "ic.sb --all destroy Datapath_Binding",
  ],
];

/** No two datapaths have one key, and no two ports on one switch. */
function expectUniqueKeys(contents: Contents): void {
  const tables = contents.get("ic.sb");
  const keys = [
    ...(tables?.get("Datapath_Binding") ?? []).map((row) => `${row.tunnel_key}`),
    ...(tables?.get("Port_Binding") ?? []).map((row) => `${row.transit_switch} ${row.tunnel_key}`),
  ];
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
}

describe("a mixed fleet", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await startMixedLab();
  }, INSTALLATION_PATIENCE);

  afterAll(() => lab?.stop());

  /** What the databases hold after each step. */
  async function play(fleet: (zone: string) => Kind): Promise<string[][]> {
    await lab.reset();
    await lab.startControllers(fleet);
    const history: string[][] = [];
    for (const commands of STEPS) {
      await lab.run(commands);
      await lab.settle();
      expect(lab.leftToDo(), commands.join("\n")).toEqual([]);
      const contents = await lab.contents();
      expectUniqueKeys(contents);
      forgive(contents);
      history.push(comparable(contents, lab.newer));
    }
    return history;
  }

  it.each(FLEETS)("az1 $az1, az2 $az2, az3 $az3", { timeout: 2 * PATIENCE }, async (fleet) => {
    const mixed = await play((zone) => fleet[zone] ?? "ours");
    const ours = await play(() => "ours");
    for (const [i, commands] of STEPS.entries()) {
      expect(difference(ours[i] ?? [], mixed[i] ?? [], ["all ours", "mixed"]), commands.join("\n")).toEqual(
        [],
      );
    }
  });
});
