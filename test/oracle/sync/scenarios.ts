/** Runs every scenario with the C controller of one release, and with ours on the same databases. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLab } from "../../harness/lab/releases.ts";
import type { Release } from "../../harness/programs/ovn-sid.ts";
import { INSTALLATION_PATIENCE } from "../../harness/programs/ovn-sid.ts";
import { PATIENCE } from "../../harness/wait.ts";
import type { Labs } from "./compare.ts";
import { begin, expectNothingToWrite, play, unlike } from "./compare.ts";
import { DIFFERENCES } from "./differences.ts";
import type { Scenario } from "./scenario.ts";
import { advertisedRoutes } from "./scenarios-advertised.ts";
import { deletions } from "./scenarios-deletions.ts";
import { learnedRoutes } from "./scenarios-learned.ts";
import { ports } from "./scenarios-ports.ts";
import { serviceMonitors } from "./scenarios-services.ts";
import { transitRouters, transitSwitches } from "./scenarios-switches.ts";
import { oddAdvertisedRoutes, oddLearnedRoutes } from "./scenarios-values.ts";
import { gateways, zones } from "./scenarios-zones.ts";

const SCENARIOS: readonly Scenario[] = [
  ...zones,
  ...gateways,
  ...transitSwitches,
  ...transitRouters,
  ...ports,
  ...advertisedRoutes,
  ...oddAdvertisedRoutes,
  ...learnedRoutes,
  ...oddLearnedRoutes,
  ...deletions,
  ...serviceMonitors,
];

/** Declares the tests. */
export function compareWith(release: Release): void {
  let labs: Labs;

  beforeAll(async () => {
    const [ours, theirs] = await Promise.all([startLab(release), startLab(release)]);
    labs = { ours, theirs };
  }, INSTALLATION_PATIENCE);

  afterAll(() => Promise.all([labs?.ours.stop(), labs?.theirs.stop()]));

  const mine = SCENARIOS.filter(({ releases }) => releases === undefined || releases.includes(release));
  const rules = [...new Set(mine.map(({ rule }) => rule))];
  describe.each(rules)("%s", { timeout: 2 * PATIENCE }, (rule) => {
    it.each(mine.filter((one) => one.rule === rule))("$name", async ({ steps, differs }) => {
      const expected = differs?.[release];
      let differences = 0;
      await begin(labs);
      for (const commands of steps) {
        const { ours, theirs, forgiven } = await play(labs, commands);
        if (expected === undefined) expect(unlike(ours, forgiven), commands.join("\n")).toEqual([]);
        differences += unlike(ours, theirs).length;
      }
      if (expected !== undefined) expect(differences, DIFFERENCES[expected].what).toBeGreaterThan(0);
      await expectNothingToWrite(labs.ours);
    });
  });
}
