/**
 * Two deployments with the name of one availability zone: nothing tells whose the row is, so that each takes
 * what the other writes for its own.
 */
import { describe, expect, it } from "vitest";
import { PLANNERS, RULES } from "../../../src/core/planners/all.ts";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { Background } from "../../harness/programs/ic-daemon.ts";
import { PATIENCE } from "../../harness/wait.ts";
import type { TestController } from "../../harness/zones/zones.ts";
import {
  addRouter,
  controller,
  joinSwitch,
  learnedRoutes,
  rows,
  settle,
  zones,
} from "../../harness/zones/zones.ts";

const ZONES = ["az1", "az2", "az3"] as const;
const CONFLICT =
  /^two deployments use the name az1: this one has gateway (\S+) \((\S+)\), the other one gateway (\S+) \((\S+)\)/;

interface Watched extends TestController {
  readonly said: string[];
  /** When it wrote to the global southbound database. */
  readonly times: number[];
}

function watched(sandbox: Sandbox, zone: string): Watched {
  const said: string[] = [];
  const times: number[] = [];
  const answered = ({ database }: { readonly database: string }) => {
    if (database === "icSb") times.push(performance.now());
  };
  const problem = ({ text }: { readonly text: string }) => said.push(text);
  // The daemon's planners are copies that count.
  const planners = PLANNERS.map((planner) => ({ ...planner }));
  return Object.assign(controller(sandbox, zone, { problem, answered, rules: { ...RULES, planners } }), {
    said,
    times,
  });
}

const within = () => AbortSignal.timeout(PATIENCE);

/** Three zones on ts1, of which the second one has the name of the first. No controller runs. */
async function copiedZone(): Promise<Sandbox> {
  const sandbox = await zones({ azs: [...ZONES] });
  await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "name=az1"], "az2");
  await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
  for (const [i, zone] of ZONES.entries()) await addRouter(sandbox, zone, i + 1);
  return sandbox;
}

async function join(sandbox: Sandbox, zone: (typeof ZONES)[number], one?: TestController): Promise<void> {
  await one?.until(() => one.view.nbIndexes.switchByTransitSwitch.has("ts1"), within());
  await joinSwitch(sandbox, zone, ZONES.indexOf(zone) + 1);
}

/** Waits until the pauses between its writes have grown to so many milliseconds. */
async function paused(one: Watched, milliseconds: number): Promise<void> {
  const longest = () => Math.max(...one.times.slice(1).map((time, i) => time - (one.times[i] ?? 0)));
  await one.until(() => longest() >= milliseconds, within());
}

/** Zones with their rows, and gateways and ports with the names of their zones. */
async function registered(sandbox: Sandbox) {
  const list = await rows(sandbox, "ic.sb", "Availability_Zone", "name,_uuid");
  const names = new Map(list.map(([name, uuid]) => [uuid, name]));
  const named = async (table: string, column: string) =>
    (await rows(sandbox, "ic.sb", table, `${column},availability_zone`)).map(([name, uuid]) => [
      name,
      names.get(uuid ?? null),
    ]);
  return {
    zones: list,
    gateways: await named("Gateway", "name"),
    ports: await named("Port_Binding", "logical_port"),
  };
}

describe("two deployments with one name", { timeout: 4 * PATIENCE }, () => {
  it("are told so, write ever less, don't hold up others, and are two zones again when one is renamed", async () => {
    const sandbox = await copiedZone();
    const [az1, az2, az3] = ZONES.map((zone) => watched(sandbox, zone)) as [Watched, Watched, Watched];
    for (const one of [az1, az2, az3]) one.start();
    await Promise.all([join(sandbox, "az1", az1), join(sandbox, "az2", az2), join(sandbox, "az3", az3)]);
    for (const one of [az1, az2])
      await one.until(() => one.said.some((text) => CONFLICT.test(text)), within());
    const told = az1.said.find((text) => CONFLICT.test(text))?.match(CONFLICT) ?? [];
    expect(told.slice(1)).toEqual(["gw1", "10.255.0.1", "gw2", "10.255.0.2"]);
    expect(az2.said.find((text) => CONFLICT.test(text))).toMatch(/this one has gateway gw2/);

    await paused(az1, 3000);

    // Zone 3 goes on, and so does what is not contested in the zones that are.
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts2"]);
    for (const one of [az1, az2, az3])
      await one.until(
        () =>
          [...one.view.nbIndexes.switchByTransitSwitch.find("ts2")].some((row) =>
            row.other_config.has("requested-tnl-key"),
          ),
        within(),
      );
    // It may have lost a race for a tunnel key meanwhile.
    expect(az3.said.filter((text) => !/^icSb: transaction refused at commit/.test(text))).toEqual([]);
    expect((await rows(sandbox, "ic.sb", "Availability_Zone", "name")).flat()).toEqual(["az1", "az3"]);

    // What the warning says helps.
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "name=az2"], "az2");
    const three = () => [...az3.view.icSb.Gateway].length === 3;
    await az3.until(three, AbortSignal.timeout(2 * PATIENCE));
    await settle(sandbox, az1, az2, az3);
    expect((await registered(sandbox)).gateways).toEqual([
      ["gw1", "az1"],
      ["gw2", "az2"],
      ["gw3", "az3"],
    ]);
    expect(await learnedRoutes(sandbox, "az3")).toEqual([
      "10.0.1.1/24 169.254.100.1",
      "10.0.2.1/24 169.254.100.2",
    ]);
  });

  it("are two zones for whoever takes over afterwards, and for whoever is renamed later", async () => {
    const sandbox = await copiedZone();
    const [az1, az2, standby] = (["az1", "az2", "az2"] as const).map((zone) => watched(sandbox, zone)) as [
      Watched,
      Watched,
      Watched,
    ];
    az1.start();
    az2.start();
    await Promise.all([join(sandbox, "az1", az1), join(sandbox, "az2", az2)]);
    await az2.until(() => az2.said.some((text) => CONFLICT.test(text)), within());
    standby.start();
    await standby.until(() => standby.state === "standby", within());
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "name=az2"], "az2");
    await az1.until(() => [...az1.view.icSb.Gateway].length === 2, AbortSignal.timeout(2 * PATIENCE));
    await settle(sandbox, az1, az2);
    const before = await registered(sandbox);
    expect(before.gateways).toEqual([
      ["gw1", "az1"],
      ["gw2", "az2"],
    ]);

    await az2.close();
    await standby.until(() => standby.state === "active", within());
    await settle(sandbox, az1, standby);
    expect(await registered(sandbox)).toEqual(before);
    expect(standby.written).toEqual([]);

    // The quarrel is over: a rename keeps the row.
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "name=az9"], "az1");
    await settle(sandbox, az1, standby);
    const after = await registered(sandbox);
    expect(after.zones).toEqual([
      ["az2", before.zones[1]?.[1]],
      ["az9", before.zones[0]?.[1]],
    ]);
    expect(after.ports.map(([name]) => name)).toEqual(before.ports.map(([name]) => name));
  });

  it("are told so, too, when even their gateways have one name", async () => {
    const sandbox = await zones({ azs: ["az1", "az2"] });
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "name=az1"], "az2");
    for (const [zone, ip] of [
      ["az1", "10.255.0.1"],
      ["az2", "10.255.0.2"],
    ] as const) {
      const chassis = [
        "chassis-add",
        "gw1",
        "geneve",
        ip,
        "--",
        "set",
        "Chassis",
        "gw1",
        "other_config:is-interconn=true",
      ];
      await sandbox.run("ovn-sbctl", chassis, zone);
    }
    const [az1, az2] = [watched(sandbox, "az1"), watched(sandbox, "az2")];
    az1.start();
    az2.start();
    const told = /this one has gateway gw1 \(10\.255\.0\.1\), the other one gateway gw1 \(10\.255\.0\.2\)/;
    await az1.until(() => az1.said.some((text) => told.test(text)), within());
    // Renamed, the second one gets a row of its own, and only the name of the gateway is left to be mended.
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "name=az2"], "az2");
    await az2.until(() => az2.view.zoneName === "az2" && az2.view.zone !== az1.view.zone, within());
    await az1.until(() => az1.view.zoneName === "az1", within());
    await settle(sandbox, az1, az2);
    expect((await registered(sandbox)).zones.map(([name]) => name)).toEqual(["az1", "az2"]);
  });

  it("get a row each when one is renamed before either has a gateway", async () => {
    const sandbox = await zones({ azs: ["az1", "az2"] });
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "name=az1"], "az2");
    const [az1, az2] = [watched(sandbox, "az1"), watched(sandbox, "az2")];
    az1.start();
    az2.start();
    await settle(sandbox, az1, az2);
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "name=az2"], "az2");
    await Promise.all([addRouter(sandbox, "az1", 1), addRouter(sandbox, "az2", 2)]);
    await az1.until(() => [...az1.view.icSb.Gateway].length === 2, AbortSignal.timeout(2 * PATIENCE));
    await settle(sandbox, az1, az2);
    expect((await registered(sandbox)).gateways).toEqual([
      ["gw1", "az1"],
      ["gw2", "az2"],
    ]);
  });

  it("are told so, too, when the other one is run by the C controller", async () => {
    const sandbox = await copiedZone();
    const az1 = watched(sandbox, "az1");
    az1.start();
    await join(sandbox, "az1", az1);
    await settle(sandbox, az1);
    const { nb, sb } = sandbox.azs.get("az2") ?? { nb: "", sb: "" };
    const remotes = [
      `--ovnnb-db=${nb}`,
      `--ovnsb-db=${sb}`,
      `--ic-nb-db=${sandbox.icNb}`,
      `--ic-sb-db=${sandbox.icSb}`,
    ];
    const c = await Background.start(["ovn-ic", ...remotes]);
    await az1.until(() => az1.said.some((text) => CONFLICT.test(text)), within());
    await paused(az1, 3000);
    await c.end();
    // The other one is gone, and so is what it left.
    await az1.until(() => az1.settled && az1.view.icSbIndexes.gatewayByName.has("gw1"), within());
    await settle(sandbox, az1);
    expect((await rows(sandbox, "ic.sb", "Gateway", "name")).flat()).toEqual(["gw1"]);
  });
});
