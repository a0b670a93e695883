/**
 * The commonest mistakes leave a trace: in `ovn-ic sync`, in the daemon's log and in its metrics. What is in
 * order leaves none.
 */
import { describe, expect, it } from "vitest";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { Background, OURS } from "../../harness/programs/ic-daemon.ts";
import { run } from "../../harness/programs/sync-program.ts";
import { PATIENCE, until } from "../../harness/wait.ts";
import { learnedRoutes, syncOnce, twoQuietZones } from "../../harness/zones/zones.ts";

/** Two zones with a router each on ts1, in order: their gateways have taken the ports. */
async function twoZonesInOrder(): Promise<Sandbox> {
  const sandbox = await twoQuietZones();
  for (const [zone, gateway] of [
    ["az1", "gw1"],
    ["az2", "gw2"],
  ] as const)
    await setGateway(sandbox, zone, gateway);
  for (const zone of ["az1", "az2", "az1"]) await syncOnce(sandbox, zone);
  return sandbox;
}

/** Gives a zone's port on ts1 a gateway chassis, which takes it. */
async function setGateway(sandbox: Sandbox, zone: string, chassis: string): Promise<void> {
  await sandbox.run("ovn-nbctl", ["--wait=sb", "lrp-set-gateway-chassis", "lr1-ts1", chassis], zone);
  await sandbox.run("ovn-sbctl", ["lsp-bind", "cr-lr1-ts1", chassis], zone);
}

/** Mistakes, one after the other: what is done wrong, what is said of it, and what mends it. */
const MISTAKES: readonly {
  readonly reason: string;
  readonly make: (sandbox: Sandbox) => Promise<unknown>;
  readonly text: RegExp;
  readonly mend: (sandbox: Sandbox) => Promise<unknown>;
}[] = [
  {
    reason: "router-port-missing",
    make: (sandbox) => nbctl(sandbox, "lsp-set-options", "ts1-az1", "router-port=lr1-ts2"),
    text: /^zone az1: port ts1-az1 on ts1: options:router-port is lr1-ts2, and no router has a port of that name$/,
    mend: (sandbox) => nbctl(sandbox, "lsp-set-options", "ts1-az1", "router-port=lr1-ts1"),
  },
  {
    reason: "no-router-port",
    make: (sandbox) => nbctl(sandbox, "clear", "Logical_Switch_Port", "ts1-az1", "options"),
    text: /^zone az1: port ts1-az1 on ts1: options:router-port is not set: no router is behind it$/,
    mend: (sandbox) => nbctl(sandbox, "lsp-set-options", "ts1-az1", "router-port=lr1-ts1"),
  },
  {
    reason: "no-gateway-chassis",
    make: (sandbox) => nbctl(sandbox, "lrp-del-gateway-chassis", "lr1-ts1", "gw1"),
    text: /^zone az1: router lr1, port lr1-ts1 \(169\.254\.100\.1\/24\) behind ts1-az1 on ts1: it has no gateway chassis/,
    mend: (sandbox) => setGateway(sandbox, "az1", "gw1"),
  },
  {
    reason: "gateway-not-bound",
    make: (sandbox) => sandbox.run("ovn-sbctl", ["lsp-unbind", "cr-lr1-ts1"], "az1"),
    text: /^zone az1: router lr1, port lr1-ts1 .* on ts1: none of its gateway chassis has taken it/,
    mend: (sandbox) => sandbox.run("ovn-sbctl", ["lsp-bind", "cr-lr1-ts1", "gw1"], "az1"),
  },
  {
    reason: "gateway-not-interconn",
    make: (sandbox) =>
      sandbox.run("ovn-sbctl", ["remove", "Chassis", "gw1", "other_config", "is-interconn"], "az1"),
    text: /^zone az1: router lr1, port lr1-ts1 .* on ts1: its gateway chassis gw1 is not made known to other zones/,
    mend: (sandbox) =>
      sandbox.run("ovn-sbctl", ["set", "Chassis", "gw1", "other_config:is-interconn=true"], "az1"),
  },
  {
    reason: "nexthop-not-on-network",
    make: (sandbox) => nbctl(sandbox, "set", "Logical_Router_Port", "lr1-ts1", "networks=192.168.9.1/24"),
    text: /^zone az1: router lr1 does not learn 10\.0\.2\.1\/24 of zone az2 on ts1: the next hop 169\.254\.100\.2 is in no network of port lr1-ts1 \(192\.168\.9\.1\/24\)$/,
    mend: (sandbox) => nbctl(sandbox, "set", "Logical_Router_Port", "lr1-ts1", "networks=169.254.100.1/24"),
  },
];

function nbctl(sandbox: Sandbox, ...args: string[]): Promise<string> {
  return sandbox.run("ovn-nbctl", ["--wait=sb", ...args], "az1");
}

/** What `ovn-ic sync` finds: on standard error, and in its JSON. */
async function findings(
  sandbox: Sandbox,
): Promise<[said: string[], notes: [reason: string, text: string][]]> {
  const { status, stderr } = await run(sandbox);
  const json = await run(sandbox, "--json");
  expect([status, json.status]).toEqual([0, 0]);
  const { notes }: { notes: { reason: string; text: string }[] } = JSON.parse(json.stdout);
  const said = stderr.split("\n").filter((line) => line !== "");
  return [
    said.map((line) => line.replace(/^ovn-ic sync: /, "")),
    notes.map(({ reason, text }) => [reason, text]),
  ];
}

describe("findings", { timeout: 3 * PATIENCE }, () => {
  it("are said by sync, until the mistake is mended", async () => {
    const sandbox = await twoZonesInOrder();
    expect(await findings(sandbox)).toEqual([[], []]);
    for (const { reason, make, text, mend } of MISTAKES) {
      await make(sandbox);
      const [said, notes] = await findings(sandbox);
      expect(said, reason).toEqual([expect.stringMatching(text)]);
      expect(notes, reason).toEqual([[reason, said[0]]]);
      expect(await run(sandbox, "--quiet")).toEqual({ status: 0, stdout: "", stderr: "" });
      const plan = await run(sandbox, "--dry-run");
      expect(plan.stderr, reason).toBe(`ovn-ic sync: ${said[0]}\n`);
      await mend(sandbox);
      await run(sandbox);
    }
    expect(await findings(sandbox)).toEqual([[], []]);
    expect(await learnedRoutes(sandbox, "az1")).toEqual(["10.0.2.1/24 169.254.100.2"]);
  });

  it("are in the daemon's log once and in its metrics, and what is mended soon is in neither", async () => {
    const sandbox = await twoZonesInOrder();
    const az1 = sandbox.azs.get("az1");
    const daemon = await Background.start(OURS, {
      args: ["-vconsole:off", "--metrics-listen=0"],
      databases: { ...sandbox.env, OVN_NB_DB: az1?.nb, OVN_SB_DB: az1?.sb },
    });
    const address = /metrics at (\S+)$/m.exec(daemon.log.join("\n"))?.[1] ?? "";
    const metric = async () => {
      const text = await (await fetch(address)).text();
      const lines = text.split("\n").filter((line) => line.startsWith("ovn_ic_findings{"));
      return lines.map((line) => line.replace(/^ovn_ic_findings\{reason="(.*)"\} /, "$1 ")).sort();
    };
    const active = "ovn_ic|INFO|ovn-ic lock acquired. This ovn-ic instance is now active.";
    await until(() => daemon.log.includes(active), "it is active");
    const [first, second] = [MISTAKES[2], MISTAKES[5]];
    if (first === undefined || second === undefined) throw new Error("there are fewer mistakes");
    await first.make(sandbox);
    await until(async () => (await metric()).join() === `${first.reason} 1`, "the first is counted");
    await first.mend(sandbox);
    await until(async () => (await metric()).length === 0, "the first is gone");
    await second.make(sandbox);
    await until(async () => (await metric()).join() === `${second.reason} 1`, "the second is counted");
    const said = () => daemon.log.filter((line) => line.startsWith("ovn_ic|INFO|zone az1: "));
    await until(() => said().length > 0, "the second is said");
    expect(said().map((line) => line.replace("ovn_ic|INFO|", ""))).toEqual([
      expect.stringMatching(second.text),
    ]);
    await daemon.appctl("inc-engine/recompute");
    await second.mend(sandbox);
    await until(async () => (await metric()).length === 0, "the second is gone");
    expect(said()).toHaveLength(1);
    expect(daemon.log.filter((line) => /\|(WARN|ERR|EMER)\|/.test(line))).toEqual([]);
  });
});
