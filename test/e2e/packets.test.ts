/**
 * Real packets from one availability zone to another, by Geneve between gateways.
 *
 *     vm1 -- hv1 == gw1a, gw1b ==(ts1)== gw2 == hv2 -- vm2
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { it, onTestFinished } from "vitest";
import type { Sandbox } from "../../src/sandbox/index.ts";
import { startSandbox } from "../../src/sandbox/index.ts";
import { until } from "../harness/wait.ts";
import { commands } from "../harness/words.ts";
import { Chassis } from "./chassis.ts";
import { Namespace, requireNetworking } from "./network.ts";

/** Milliseconds: packets take a while longer than rows. */
const PATIENCE = 90_000;
const OVN_IC = fileURLToPath(new URL("../../bin/ovn-ic", import.meta.url));

/** What is removed when the test ends, the last first. */
function cleanUp(remove: () => Promise<unknown> | unknown): void {
  onTestFinished(async () => void (await remove()), PATIENCE);
}

async function startZones(): Promise<{ sandbox: Sandbox; chassis: Map<string, Chassis> }> {
  const sandbox = await startSandbox({ azs: ["az1", "az2"], routes: true, ovnIc: OVN_IC });
  cleanUp(() => sandbox.stop());
  const directory = mkdtempSync(join(tmpdir(), "ovn-ic-e2e-"));
  cleanUp(() => rmSync(directory, { recursive: true, force: true }));
  const underlay = await Namespace.make();
  cleanUp(() => underlay.remove());
  const bridge = "underlay";
  await underlay.ip(`link add ${bridge} type bridge`, `link set ${bridge} up`);
  const places: [string, string, boolean][] = [
    ["hv1", "az1", false],
    ["gw1a", "az1", true],
    ["gw1b", "az1", true],
    ["gw2", "az2", true],
    ["hv2", "az2", false],
  ];
  const chassis = await Promise.all(
    places.map(([name, az, gateway], index) => {
      const zone = sandbox.azs.get(az);
      if (zone === undefined) throw new Error(`no zone ${az}`);
      const address = `192.168.100.${index + 1}`;
      return Chassis.start({ name, directory, zone, underlay, bridge, address, gateway }, (made) =>
        cleanUp(() => made.kill()),
      );
    }),
  );
  return { sandbox, chassis: new Map(chassis.map((one) => [one.name, one])) };
}

/** A zone's own network, its router, and the router's port on ts1, as its CMS makes them. */
async function addTopology(sandbox: Sandbox, n: number, gateways: readonly string[]): Promise<void> {
  const zone = `az${n}`;
  const router = `lr${n}`;
  await sandbox.run(
    "ovn-nbctl",
    commands(
      `lr-add ${router}`,
      `ls-add ls${n}`,
      `lrp-add ${router} ${router}-ls${n} aa:aa:aa:aa:0${n}:01 10.0.${n}.1/24`,
      `lsp-add ls${n} ls${n}-${router}`,
      `lsp-set-type ls${n}-${router} router`,
      `lsp-set-addresses ls${n}-${router} router`,
      `lsp-set-options ls${n}-${router} router-port=${router}-ls${n}`,
      `lsp-add ls${n} vm${n}`,
      `lsp-set-addresses vm${n} 'aa:aa:aa:aa:0${n}:10 10.0.${n}.10'`,
      "ls-add ts1",
      "set Logical_Switch ts1 other_config:interconn-ts=ts1",
      `lrp-add ${router} ${router}-ts1 aa:aa:aa:aa:aa:0${n} 169.254.100.${n}/24`,
      `lsp-add ts1 ts1-${zone}`,
      `lsp-set-type ts1-${zone} router`,
      `lsp-set-addresses ts1-${zone} router`,
      `lsp-set-options ts1-${zone} router-port=${router}-ts1`,
    ),
    zone,
  );
  for (const [i, gateway] of gateways.entries()) {
    await sandbox.run(
      "ovn-nbctl",
      ["lrp-set-gateway-chassis", `${router}-ts1`, gateway, String(20 - i)],
      zone,
    );
  }
}

/** What `ping` says. */
async function ping(machine: Namespace, address: string, count: number): Promise<string> {
  const command = ["ping", "-n", "-c", String(count), "-i", "0.2", "-W", "1", address];
  return machine.run("sh", "-c", `${command.join(" ")} || true`);
}

/** Whether a ping is answered. The first are lost: each hop asks for an address. */
async function answers(machine: Namespace, address: string): Promise<boolean> {
  return / 0% packet loss/.test(await ping(machine, address, 1));
}

const converged = (what: string, ask: () => Promise<boolean>) => until(ask, what, PATIENCE);

async function gatewayOf(sandbox: Sandbox, port: string): Promise<string> {
  const found = await sandbox.run("ovn-ic-sbctl", [
    "--bare",
    "--columns=gateway",
    "find",
    "Port_Binding",
    `logical_port=${port}`,
  ]);
  return found.trim();
}

/** Waits until every hypervisor has installed what NB says. */
async function installed(sandbox: Sandbox, chassis: Iterable<Chassis>): Promise<void> {
  for (const zone of ["az1", "az2"])
    await sandbox.run("ovn-nbctl", ["--wait=hv", "--timeout=60", "sync"], zone);
  // 23.03 keeps a stale key for ports whose tunnel key changes after they were made.
  for (const one of chassis) await one.recompute();
}

async function learned(sandbox: Sandbox, zone: string): Promise<boolean> {
  const routes = await sandbox.run("ovn-nbctl", ["lr-route-list", `lr${zone.slice(2)}`], zone);
  return routes.includes("(learned)");
}

it(
  "a ping finds its way as soon as the controller runs, and again when a gateway is lost",
  async ({ annotate }) => {
    // What was seen is part of the report. Packets may get lost, or come late, while flows are installed, or
    // on a busy machine.
    const unanswered = " 0 received, 100% packet loss";
    const answered = " 5 received, 0% packet loss";
    const pings = async (machine: Namespace, address: string, expected: string) => {
      let output = "";
      await converged(`ping ${address}: ${expected}`, async () => {
        output = await ping(machine, address, 5);
        return output.includes(expected);
      });
      await annotate(output);
    };
    await requireNetworking();
    const { sandbox, chassis } = await startZones();
    const [hv1, hv2] = [chassis.get("hv1"), chassis.get("hv2")];
    if (hv1 === undefined || hv2 === undefined) throw new Error("no hypervisor");
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    await Promise.all([addTopology(sandbox, 1, ["gw1a", "gw1b"]), addTopology(sandbox, 2, ["gw2"])]);
    const vm1 = await hv1.addMachine("vm1", "aa:aa:aa:aa:01:10", "10.0.1.10", "10.0.1.1");
    cleanUp(() => vm1.remove());
    const vm2 = await hv2.addMachine("vm2", "aa:aa:aa:aa:02:10", "10.0.2.10", "10.0.2.1");
    cleanUp(() => vm2.remove());

    // Each machine reaches its own router, so what is missing is what the controller does.
    await converged("vm1 reaches its router", () => answers(vm1, "10.0.1.1"));
    await converged("vm2 reaches its router", () => answers(vm2, "10.0.2.1"));
    await installed(sandbox, chassis.values());
    await pings(vm1, "10.0.2.10", unanswered);

    await Promise.all(["az1", "az2"].map((zone) => sandbox.startController(zone, "ours")));
    await converged(
      "both zones learn routes",
      async () => (await learned(sandbox, "az1")) && learned(sandbox, "az2"),
    );
    await converged("gw1a is the gateway", async () => (await gatewayOf(sandbox, "ts1-az1")) === "gw1a");
    await installed(sandbox, chassis.values());
    await pings(vm1, "10.0.2.10", answered);
    await pings(vm2, "10.0.1.10", answered);

    await chassis.get("gw1a")?.kill();
    chassis.delete("gw1a");
    await converged("gw1b takes over", async () => (await gatewayOf(sandbox, "ts1-az1")) === "gw1b");
    await pings(vm1, "10.0.2.10", answered);

    await sandbox.run("ovn-ic-nbctl", ["ts-del", "ts1"]);
    await converged("no answer without a transit switch", async () => !(await answers(vm1, "10.0.2.10")));
  },
  4 * PATIENCE,
);
