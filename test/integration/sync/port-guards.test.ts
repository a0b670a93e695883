import { describe, expect, it } from "vitest";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { reasons, stranger, warnings } from "../../harness/zones/stranger.ts";
import { controller, rows, settle, twoZones, write } from "../../harness/zones/zones.ts";

/** The ports of az1 that stand for others. */
async function remotePorts({
  sandbox,
}: Pick<Awaited<ReturnType<typeof twoZones>>, "sandbox">): Promise<string[]> {
  const ports = await rows(sandbox, "az1.nb", "Logical_Switch_Port", "name,type");
  return ports.filter(([, type]) => type === "remote").map(([name]) => String(name));
}

describe("ports of other zones", { timeout: 2 * PATIENCE }, () => {
  it("never have the name of a router's port, of a gateway port, or of another port in SB", async () => {
    const zones = await twoZones();
    const az9 = await stranger(zones.sandbox);
    await zones.nbctl("az1", "lrp-add", "lr1", "lr1-taken", "aa:aa:aa:aa:01:55", "10.55.0.1/24");
    // What northd would make when a gateway chassis is set, and what it has made.
    for (const [n, name] of ["lr1-taken", "cr-lr1-ts1", "cr-new", "fine"].entries())
      await az9.port(name, 20 + n);
    await zones.settled();
    expect(await remotePorts(zones)).toEqual(["fine", "ts1-az2"]);
    expect(reasons(zones.az1).filter((reason) => reason === "port-name-taken")).toHaveLength(3);
    expect(warnings(zones.az1)).toEqual(
      expect.arrayContaining([
        "port lr1-taken of another zone on ts1 can't be made: a router port has this name",
        expect.stringContaining(
          "port cr-new of another zone on ts1 can't be made: names that begin with cr-",
        ),
      ]),
    );
    await zones.nbctl("az1", "lrp-del", "lr1-taken");
    await zones.settled();
    expect(await remotePorts(zones)).toEqual(["fine", "lr1-taken", "ts1-az2"]);
    // The name is taken afterwards: the router's port is the one that counts.
    await zones.nbctl("az1", "lrp-add", "lr1", "fine", "aa:aa:aa:aa:01:56", "10.56.0.1/24");
    await zones.settled();
    expect(await remotePorts(zones)).toEqual(["lr1-taken", "ts1-az2"]);
  });

  it("that SB has another port for wait until that is gone", async () => {
    const zones = await twoZones();
    const az9 = await stranger(zones.sandbox);
    await zones.sandbox.processes.get("az1/northd")?.stop();
    await zones.nbctl("az1", "lsp-add", "ls1", "moves");
    const [datapath] = (await rows(zones.sandbox, "az1.sb", "Datapath_Binding", "_uuid")).flat();
    await zones.sbctl(
      "az1",
      "create",
      "Port_Binding",
      "logical_port=moves",
      `datapath=${datapath}`,
      "tunnel_key=77",
    );
    await zones.nbctl("az1", "lsp-del", "moves");
    await az9.port("moves", 30);
    await settle(zones.sandbox, zones.az1, zones.az2);
    expect(await remotePorts(zones)).toEqual(["ts1-az2"]);
    expect(reasons(zones.az1)).toEqual(["port-name-taken"]);
    const bindings = await rows(zones.sandbox, "az1.sb", "Port_Binding", "logical_port,_uuid");
    await zones.sbctl(
      "az1",
      "destroy",
      "Port_Binding",
      String(bindings.find(([name]) => name === "moves")?.[1]),
    );
    await settle(zones.sandbox, zones.az1, zones.az2);
    expect(await remotePorts(zones)).toEqual(["moves", "ts1-az2"]);
  });

  it("are no more than a zone may have: those that came first", async () => {
    const zones = await twoZones();
    const az9 = await stranger(zones.sandbox);
    const theirs = async () => (await remotePorts(zones)).filter((name) => name !== "ts1-az2");
    for (const name of ["q", "m"]) await az9.port(name, name.charCodeAt(0));
    await zones.settled();
    await zones.nbctl("az1", "set", "NB_Global", ".", "options:ic-max-ports=2");
    for (const name of ["a", "z"]) await az9.port(name, name.charCodeAt(0));
    await zones.settled();
    expect(await theirs()).toEqual(["m", "q"]);
    expect(reasons(zones.az1)).toEqual(Array(2).fill("too-many-ports ic-max-ports"));
    await zones.az1.close();
    const again = controller(zones.sandbox, "az1");
    again.start();
    await settle(zones.sandbox, again, zones.az2);
    expect(await theirs()).toEqual(["m", "q"]);
    await az9.gone("Port_Binding", "logical_port", "m");
    await settle(zones.sandbox, again, zones.az2);
    expect(await theirs()).toHaveLength(2);
    expect(await theirs()).toContain("q");
    // One that somebody deletes by hand comes back, or the next one in its place.
    await zones.nbctl("az1", "lsp-del", "q");
    await settle(zones.sandbox, again, zones.az2);
    expect(await theirs()).toHaveLength(2);
  });
});

describe("the place of a port that IC-NB begins to ask for", { timeout: 2 * PATIENCE }, () => {
  it("is another one's of its zone", async () => {
    const zones = await twoZones({}, { schemas: newestSchemas() });
    const az9 = await stranger(zones.sandbox);
    await zones.nbctl("az1", "set", "NB_Global", ".", "options:ic-max-ports=1");
    for (const name of ["a", "b"]) await az9.port(name, name.charCodeAt(0));
    await zones.settled();
    expect(await remotePorts(zones)).toHaveLength(2);
    const [first = ""] = (await remotePorts(zones)).filter((name) => name !== "ts1-az2");
    await write(icNb, zones.sandbox.icNb, (transaction, replica) => {
      const transitSwitch = replica.table("Transit_Switch").index(["name"]).get("ts1");
      const port = transaction.insert("Transit_Switch_Port", { name: first, type: "router", chassis: "gw9" });
      transaction.mutate("Transit_Switch", transitSwitch?._uuid ?? "", "ports", "insert", [port]);
    });
    await zones.settled();
    const ports = (await rows(zones.sandbox, "az1.nb", "Logical_Switch_Port", "name")).flat();
    expect(ports).toEqual(expect.arrayContaining(["a", "b"]));
  });
});

describe("ports that IC-NB asks for", { timeout: 2 * PATIENCE }, () => {
  it("never have the name of a port of the other sort, nor of a gateway port", async () => {
    const zones = await twoZones({}, { schemas: newestSchemas() });
    // The installed ovn-ic-nbctl does not know these tables.
    await write(icNb, zones.sandbox.icNb, (transaction, replica) => {
      const transitSwitch = replica.table("Transit_Switch").index(["name"]).get("ts1");
      for (const name of ["lr1-ls1", "cr-x", "tsp-fine"]) {
        const port = transaction.insert("Transit_Switch_Port", { name, type: "router" });
        transaction.mutate("Transit_Switch", transitSwitch?._uuid ?? "", "ports", "insert", [port]);
      }
      const ports = ["ls1-lr1", "cr-y", "trp-fine"].map((name) =>
        transaction.insert("Transit_Router_Port", {
          name,
          mac: "aa:aa:aa:aa:07:01",
          networks: ["10.99.0.1/24"],
          chassis: "gw1",
        }),
      );
      transaction.insert("Transit_Router", { name: "tr1", ports });
    });
    await zones.settled();
    const switchPorts = await rows(zones.sandbox, "az1.nb", "Logical_Switch_Port", "name");
    const routerPorts = await rows(zones.sandbox, "az1.nb", "Logical_Router_Port", "name");
    expect(switchPorts.flat()).toEqual(["ls1-lr1", "ts1-az1", "ts1-az2", "tsp-fine"]);
    expect(routerPorts.flat()).toEqual(["lr1-ls1", "lr1-ts1", "trp-fine"]);
    expect(warnings(zones.az1)).toEqual(
      expect.arrayContaining([
        "Transit_Switch_Port lr1-ls1 can't be made: a router port has this name",
        expect.stringContaining("Transit_Switch_Port cr-x can't be made: names that begin with cr-"),
        "Transit_Router_Port ls1-lr1 can't be made: a switch port has this name",
        expect.stringContaining("Transit_Router_Port cr-y can't be made: names that begin with cr-"),
      ]),
    );
  });
});
