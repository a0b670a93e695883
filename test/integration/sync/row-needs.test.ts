/** Controllers read what they need, however much more there is. */
import { describe, expect, it } from "vitest";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { nb } from "../../../src/core/schema/nb.ts";
import { sb } from "../../../src/core/schema/sb.ts";
import { followLog, transactionCounts } from "../../harness/databases/log.ts";
import { PATIENCE } from "../../harness/wait.ts";
import type { TestController } from "../../harness/zones/zones.ts";
import { joinSwitch, learnedRoutes, syncOnce, twoZones, write } from "../../harness/zones/zones.ts";

type World = Awaited<ReturnType<typeof twoZones>>;

function names(zone: TestController, database: "nb" | "sb"): string[] {
  const { nb, sb } = zone.connections;
  const ports =
    database === "nb"
      ? [...nb.replica.table("Logical_Switch_Port")].map((port) => port.name)
      : [...sb.replica.table("Port_Binding")].map((port) => port.logical_port);
  return ports.sort();
}

const PORTS = 20_000;

/** Ports of virtual machines, as they are once northd is done with them. */
async function addUnrelated({ sandbox }: World): Promise<void> {
  await sandbox.processes.get("az1/northd")?.stop();
  const az1 = sandbox.azs.get("az1");
  if (az1 === undefined) throw new Error("no zone az1");
  await write(nb, az1.nb, (transaction) => {
    const ports = Array.from({ length: PORTS }, (_, i) =>
      transaction.insert("Logical_Switch_Port", { name: `vm${i}` }),
    );
    transaction.insert("Logical_Switch", { name: "many", ports });
    for (let i = 0; i < 100; i++)
      transaction.insert("Load_Balancer", { name: `lb${i}`, vips: { [`172.16.0.${i}:80`]: "10.0.0.1:80" } });
    for (let i = 0; i < 100; i++) transaction.insert("Address_Set", { name: `as${i}` });
  });
  await write(sb, az1.sb, (transaction) => {
    const datapath = transaction.insert("Datapath_Binding", { tunnel_key: 9999 });
    for (let i = 0; i < PORTS; i++)
      transaction.insert("Port_Binding", { logical_port: `vm${i}`, datapath, tunnel_key: i + 1 });
  });
}

/** Routes of a third zone on a transit switch. */
function addRoutes({ sandbox }: World, transitSwitch: string, count: number): Promise<void> {
  return write(icSb, sandbox.icSb, (transaction, replica) => {
    const az3 = [...replica.table("Availability_Zone")].find(({ name }) => name === "az3");
    const availability_zone = az3?._uuid ?? transaction.insert("Availability_Zone", { name: "az3" });
    for (let i = 0; i < count; i++)
      transaction.insert("Route", {
        transit_switch: transitSwitch,
        availability_zone,
        ip_prefix: `172.${transitSwitch === "ts1" ? 18 : 19}.${i >> 8}.${i & 255}/32`,
        nexthop: `169.254.${transitSwitch === "ts1" ? 100 : 101}.3`,
        origin: "static",
      });
  });
}

const ON_TS1 = ["ts1-az1", "ts1-az2"];

describe("a controller", { timeout: 3 * PATIENCE }, () => {
  it("reads the ports of transit switches and their peers, not those of thousands of machines", async () => {
    const world = await twoZones();
    const { sandbox, az1, settled } = world;
    const bindings = [...ON_TS1, "cr-lr1-ts1", "lr1-ts1"].filter((name) => names(az1, "sb").includes(name));
    await addUnrelated(world);
    await settled();
    expect(names(az1, "nb")).toEqual(ON_TS1);
    expect(names(az1, "sb")).toEqual(bindings.sort());
    expect(bindings).toContain("lr1-ts1");
    expect([...az1.connections.nb.replica.table("Load_Balancer")]).toEqual([]);
    expect([...az1.connections.nb.replica.table("Address_Set")]).toEqual([]);
    expect([...az1.connections.nb.replica.table("Logical_Switch")].map(({ name }) => name)).toContain("many");
    await az1.close();

    const before = transactionCounts(sandbox);
    expect(await syncOnce(sandbox, "az1")).toEqual([]);
    expect(transactionCounts(sandbox)).toEqual(before);
  });

  it("asks for what hundreds of names lead to, and writes nothing before it knows all", async () => {
    const world = await twoZones();
    const { sandbox, az1, settled } = world;
    const ports = Array.from({ length: 450 }, (_, n) => `ts1-az3-${n}`);
    await write(icSb, sandbox.icSb, (transaction) => {
      const availability_zone = transaction.insert("Availability_Zone", { name: "az3" });
      for (const [n, logical_port] of ports.entries())
        transaction.insert("Port_Binding", {
          logical_port,
          transit_switch: "ts1",
          availability_zone,
          tunnel_key: 1000 + n,
          address: `aa:bb:cc:00:${(n >> 8).toString(16)}:${(n & 255).toString(16)} 169.254.100.9/24`,
        });
    });
    await settled();
    expect(names(az1, "nb")).toEqual([...ON_TS1, ...ports].sort());
    await az1.close();
    const before = transactionCounts(sandbox);
    expect(await syncOnce(sandbox, "az1")).toEqual([]);
    expect(transactionCounts(sandbox)).toEqual(before);
  });

  it("reads the routes of those transit switches on which it has a router, and what it advertises itself", async () => {
    const world = await twoZones();
    const { sandbox, az1, az2, settled, nbctl } = world;
    const routes = (zone: TestController) =>
      [...zone.connections.icSb.replica.table("Route")].map((route) => route.transit_switch);
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts2"]);
    await addRoutes(world, "ts1", 50);
    await addRoutes(world, "ts2", 1000);
    await settled();
    expect(new Set(routes(az1))).toEqual(new Set(["ts1"]));
    expect(await learnedRoutes(sandbox, "az1")).toHaveLength(51);

    // The first port on the other switch brings its routes: none is missed, and nothing is taken back for a
    // moment.
    const [nbLog, icSbLog] = [sandbox.azs.get("az1")?.nb ?? "", sandbox.icSb].map(followLog);
    const rowsOf = (log: typeof nbLog, table: string) =>
      (log?.() ?? []).flatMap((one) => Object.values(one[table] ?? {}));
    const deleted = (log: typeof nbLog, table: string) => rowsOf(log, table).filter((row) => row === null);
    await joinSwitch(sandbox, "az1", 1, "ts2");
    await settled();
    expect(new Set(routes(az1))).toEqual(new Set(["ts1", "ts2"]));
    expect(new Set(routes(az2))).toEqual(new Set(["ts1"]));
    expect(await learnedRoutes(sandbox, "az1")).toHaveLength(1051);
    expect(deleted(nbLog, "Logical_Router_Static_Route")).toEqual([]);
    expect(deleted(icSbLog, "Route")).toEqual([]);
    expect(rowsOf(nbLog, "Logical_Router_Static_Route")).toHaveLength(1000);

    await nbctl("az1", "lrp-del", "lr1-ts2", "--", "lsp-del", "ts2-az1");
    await settled();
    expect(new Set(routes(az1))).toEqual(new Set(["ts1"]));
    expect(await learnedRoutes(sandbox, "az1")).toHaveLength(51);
    expect(deleted(nbLog, "Logical_Router_Static_Route")).toHaveLength(1000);
  });

  it("plans nothing for ports while a server has not said that all needed ones are there", async () => {
    const { sandbox, az1, az2, settled, nbctl } = await twoZones();
    const server = sandbox.processes.get("az1/nb");
    server?.kill("SIGSTOP");
    const [planned, written] = [az1.engine.counters.planned, az1.written.length];
    // A new port of the other zone: whether this zone has one of that name is what the silent server is
    // asked.
    const port = [
      "lsp-set-type",
      "second",
      "router",
      "--",
      "lsp-set-options",
      "second",
      "router-port=lr1-second",
    ];
    await nbctl("az2", "lrp-add", "lr1", "lr1-second", "aa:aa:aa:aa:bb:02", "169.254.100.22/24");
    await nbctl("az2", "--wait=sb", "lsp-add", "ts1", "second", "--", ...port);
    const known = (zone: TestController) => zone.view.icSbIndexes.portByName.has("second");
    await az1.until(() => known(az1) && !az1.settled, AbortSignal.timeout(PATIENCE));
    await az2.until(() => known(az2) && az2.settled, AbortSignal.timeout(PATIENCE));
    expect(az1.connections.nb.replica.conditionsAcknowledged("Logical_Switch_Port")).toBe(false);
    expect([az1.engine.counters.planned, az1.written.length]).toEqual([planned, written]);
    server?.kill("SIGCONT");
    await settled();
    expect(az1.view.nbIndexes.switchPortByName.get("second")?.type).toBe("remote");
  });

  it("sees that a port has taken the name of one that was a remote port", async () => {
    const { sandbox, az1, settled, nbctl } = await twoZones();
    // The port was asked for by its name before it was there. Whatever is asked for next, that is not any
    // more.
    await nbctl("az1", "lsp-add", "ts1", "extra");
    await settled();
    // While the world was made, the zones may have wanted the same tunnel key.
    const { refused } = az1.engine.counters;
    await write(nb, sandbox.azs.get("az1")?.nb ?? "", (transaction, replica) => {
      const row = [...replica.table("Logical_Switch_Port")].find(({ name }) => name === "ts1-az2");
      const ls1 = [...replica.table("Logical_Switch")].find(({ name }) => name === "ls1");
      transaction.update("Logical_Switch_Port", row?._uuid ?? "", { name: "was-ts1-az2" });
      const ports = [transaction.insert("Logical_Switch_Port", { name: "ts1-az2" })];
      transaction.mutate("Logical_Switch", ls1?._uuid ?? "", "ports", "insert", ports);
    });
    await settled();
    expect(names(az1, "nb")).toEqual(["extra", ...ON_TS1]);
    expect(az1.view.nbIndexes.switchPortByName.get("ts1-az2")?.type).toBe("");
    expect(az1.engine.counters.refused).toBe(refused);
  });
});
