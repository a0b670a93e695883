/**
 * A zone attached to hundreds of transit switches reads their routes a few switches at a time, and begins
 * with what has come.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { nb } from "../../../src/core/schema/nb.ts";
import { followLog, transactionCounts } from "../../harness/databases/log.ts";
import { PATIENCE } from "../../harness/wait.ts";
import type { TestController } from "../../harness/zones/zones.ts";
import { controller, learnedRoutes, syncOnce, twoZones, write } from "../../harness/zones/zones.ts";

const SWITCHES = Array.from({ length: 450 }, (_, n) => ({ n, name: `net${n}` }));

/** A zone that has learned one route on each of the switches. Its controller has ended. */
async function attachedToAll() {
  const world = await twoZones();
  const { sandbox, az1, settled } = world;
  // Link-local, so that the network of one switch is not advertised on the others.
  const address = (n: number, host: number) => `169.254.${n >> 5}.${(n & 31) * 8 + host}`;
  await write(icNb, sandbox.icNb, (transaction) => {
    for (const { name } of SWITCHES) transaction.insert("Transit_Switch", { name });
  });
  await settled();
  await write(nb, sandbox.azs.get("az1")?.nb ?? "", (transaction, replica) => {
    const [router] = replica.table("Logical_Router");
    if (router === undefined) throw new Error("no router");
    const byName = new Map([...replica.table("Logical_Switch")].map((row) => [row.name, row._uuid]));
    const routerPorts = SWITCHES.map(({ n, name }) =>
      transaction.insert("Logical_Router_Port", {
        name: `lr1-${name}`,
        networks: [`${address(n, 1)}/29`],
        mac: `aa:bb:dd:00:${(n >> 8).toString(16).padStart(2, "0")}:${(n & 255).toString(16).padStart(2, "0")}`,
      }),
    );
    transaction.mutate("Logical_Router", router._uuid, "ports", "insert", routerPorts);
    for (const { name } of SWITCHES) {
      const options = { "router-port": `lr1-${name}` };
      const port = { name: `${name}-az1`, type: "router", addresses: ["router"], options };
      const added = [transaction.insert("Logical_Switch_Port", port)];
      transaction.mutate("Logical_Switch", byName.get(name) ?? "", "ports", "insert", added);
    }
  });
  await settled();
  await write(icSb, sandbox.icSb, (transaction) => {
    const availability_zone = transaction.insert("Availability_Zone", { name: "az3" });
    for (const { n, name: transit_switch } of SWITCHES) {
      const route = {
        ip_prefix: `172.18.${n >> 8}.${n & 255}/32`,
        nexthop: address(n, 3),
        origin: "static" as const,
      };
      transaction.insert("Route", { ...route, availability_zone, transit_switch });
    }
  });
  await settled();
  expect(await learnedRoutes(sandbox, "az1")).toHaveLength(451);
  await az1.close();
  return sandbox;
}

describe("a controller of a zone on hundreds of transit switches", { timeout: 3 * PATIENCE }, () => {
  it("takes back none of the routes while it reads them", async () => {
    const sandbox = await attachedToAll();
    const before = transactionCounts(sandbox);
    expect(await syncOnce(sandbox, "az1")).toEqual([]);
    expect(transactionCounts(sandbox)).toEqual(before);
  });

  it("learns what is new as it comes, and leaves alone what is there until it knows all", async () => {
    const sandbox = await attachedToAll();
    await write(icSb, sandbox.icSb, (transaction, replica) => {
      for (const row of [...replica.table("Route")].filter(({ ip_prefix }) =>
        ip_prefix.startsWith("172.18."),
      )) {
        const { ip_prefix, nexthop, origin, availability_zone, transit_switch } = row;
        const columns = { nexthop, origin, availability_zone, transit_switch };
        transaction.insert("Route", { ...columns, ip_prefix: ip_prefix.replace("172.18.", "172.20.") });
        if (ip_prefix === "172.18.0.10/32" || ip_prefix === "172.18.0.20/32")
          transaction.delete("Route", row._uuid);
        if (ip_prefix === "172.18.0.20/32") transaction.insert("Route", { ...columns, ip_prefix });
      }
    });
    const nbLog = followLog(sandbox.azs.get("az1")?.nb ?? "");
    const written = () => nbLog().flatMap((one) => Object.values(one.Logical_Router_Static_Route ?? {}));
    const server = sandbox.processes.get("ic-sb");
    onTestFinished(() => server?.kill("SIGCONT"));
    const limit = AbortSignal.timeout(PATIENCE);
    const freshOf = (zone: TestController) =>
      [...zone.view.icSb.Route].filter(({ ip_prefix }) => ip_prefix.startsWith("172.20."));
    /** Starts a controller, and stops the server when it has sent some of the routes. */
    const startWithPart = async (zone: TestController) => {
      zone.start();
      await zone.until(() => {
        // What else this server was asked for has come. It may be on its way with one more portion, of five.
        const missing = [...zone.view.incomplete].filter((table) => table.startsWith("icSb."));
        const begun = freshOf(zone).length > 0 && missing.join() === "icSb.Route";
        if (begun) server?.kill("SIGSTOP");
        return begun;
      }, limit);
    };

    const observer = controller(sandbox, "az1", { readOnly: true });
    await startWithPart(observer);
    await observer.until(() => [...observer.view.incomplete].join() === "icSb.Route", limit);
    expect(observer.state).toBe("connecting");
    server?.kill("SIGCONT");
    await observer.until(() => observer.state === "standby", limit);
    expect(freshOf(observer)).toHaveLength(450);
    await observer.close();

    const again = controller(sandbox, "az1");
    await startWithPart(again);
    const fresh = () => freshOf(again);
    const isLearned = ({ ip_prefix }: { ip_prefix: string }) =>
      again.view.nbIndexes.routeByNetwork.has(ip_prefix);
    await again.until(() => fresh().every(isLearned), limit);
    expect(fresh().length).toBeLessThan(450);
    expect(written()).toHaveLength(fresh().length);
    expect(written()).not.toContain(null);
    server?.kill("SIGCONT");
    await again.until(() => again.settled, limit);
    await again.close();
    expect(written().filter((row) => row === null)).toHaveLength(1);
    expect(written().filter((row) => row !== null && "ip_prefix" in row)).toHaveLength(450);
    // The one that was made anew.
    const others = written().filter((row) => row !== null && !("ip_prefix" in row));
    expect(others).toEqual([{ external_ids: expect.anything() }]);
  });
});
