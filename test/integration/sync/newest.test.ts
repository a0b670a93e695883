/** What needs the newest schemas of the interconnection databases. */
import type { Uuid } from "ovsdb-client-ts";
import { describe, expect, it } from "vitest";
import { sb } from "../../../src/core/schema/sb.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { advertisedRoutes, learnedRoutes, rows, twoZones, write } from "../../harness/zones/zones.ts";

describe("with the newest schemas", { timeout: 2 * PATIENCE }, () => {
  it("rows carry type and identity of what they are for", async () => {
    const { sandbox } = await twoZones({}, { schemas: newestSchemas() });
    const [transitSwitch] = (await rows(sandbox, "ic.nb", "Transit_Switch", "_uuid")).flat();
    const client = sandbox.run("ovsdb-client", [
      "dump",
      sandbox.icSb,
      "Datapath_Binding",
      "type",
      "nb_ic_uuid",
    ]);
    expect(await client).toContain(`${String(transitSwitch)} transit-switch`);
    const ports = await sandbox.run("ovsdb-client", [
      "dump",
      sandbox.icSb,
      "Port_Binding",
      "logical_port",
      "type",
      "nb_ic_uuid",
    ]);
    expect(ports).toContain(String(transitSwitch));
    expect(ports.match(/transit-switch-port/g)).toHaveLength(2);
  });

  it("addresses of load balancers are advertised and learned where that is wanted", async () => {
    const { sandbox, settled, nbctl, az1 } = await twoZones({}, { schemas: newestSchemas() });
    // The installed ovn-ic-sbctl does not know this origin.
    const origins = () =>
      [...az1.connections.icSb.replica.table("Route")].map(
        (route) => `${route.ip_prefix} ${route.nexthop} ${route.origin}`,
      );
    const vip = "172.30.0.1/32 169.254.100.1";
    await nbctl("az1", "lb-add", "lb1", "172.30.0.1:80", "10.0.1.5:80", "--", "lr-lb-add", "lr1", "lb1");
    await settled();
    expect(await advertisedRoutes(sandbox, "az1")).toHaveLength(1);
    await nbctl("az1", "set", "NB_Global", ".", "options:ic-route-adv-lb=true");
    await settled();
    expect(origins()).toContain(`${vip} loadbalancer`);
    expect(await learnedRoutes(sandbox, "az2")).not.toContain(vip);
    await nbctl("az2", "set", "NB_Global", ".", "options:ic-route-learn-lb=true");
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).toContain(vip);
    await nbctl("az2", "lb-add", "mine", "172.30.0.1:81", "10.0.2.5:80", "--", "lr-lb-add", "lr1", "mine");
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).not.toContain(vip);
    await nbctl("az2", "lb-del", "mine");
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).toContain(vip);

    await nbctl(
      "az1",
      "lr-lb-del",
      "lr1",
      "lb1",
      "--",
      "create",
      "Load_Balancer_Group",
      "name=g",
      "load_balancer=[]",
    );
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).not.toContain(vip);
    const [balancer] = (await rows(sandbox, "az1.nb", "Load_Balancer", "_uuid")).flat();
    const [group] = (await rows(sandbox, "az1.nb", "Load_Balancer_Group", "_uuid")).flat();
    await nbctl("az1", "set", "Load_Balancer_Group", "g", `load_balancer=${String(balancer)}`);
    await nbctl("az1", "add", "Logical_Router", "lr1", "load_balancer_group", String(group));
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).toContain(vip);
    await nbctl("az1", "lb-del", "lb1");
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).not.toContain(vip);
  });

  it("a network that northd learned is not learned from others, whatever its host bits", async () => {
    const { sandbox, settled, sbctl } = await twoZones({}, { schemas: newestSchemas() });
    expect(await learnedRoutes(sandbox, "az2")).toEqual(["10.0.1.1/24 169.254.100.1"]);
    const uuid = async (table: string, condition: string) =>
      (await sbctl("az2", "--bare", "--columns=_uuid", "find", table, condition)).trim();
    const datapath = await uuid("Datapath_Binding", "external_ids:name=lr1");
    const port = await uuid("Port_Binding", "logical_port=lr1-ls1");
    await write(sb, sandbox.azs.get("az2")?.sb ?? "", (transaction) => {
      const where = {
        datapath: datapath as Uuid<"Datapath_Binding">,
        logical_port: port as Uuid<"Port_Binding">,
      };
      transaction.insert("Learned_Route", { ...where, ip_prefix: "10.0.1.0/24", nexthop: "10.0.2.77" });
    });
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).toEqual([]);
    await write(sb, sandbox.azs.get("az2")?.sb ?? "", (transaction, replica) => {
      for (const route of replica.table("Learned_Route")) transaction.delete("Learned_Route", route._uuid);
    });
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).toEqual(["10.0.1.1/24 169.254.100.1"]);
  });

  it("virtual addresses are advertised if northd takes them for addresses", async () => {
    const { settled, nbctl, sbctl, az1 } = await twoZones({}, { schemas: newestSchemas() });
    // With backends of the same family, with a port where the address has one: else northd refuses these.
    const v4 = [
      "172.30.0.1:80",
      "172.30.0.02:80",
      "0172.30.0.3:80",
      "172.30.0.4:080",
      "[172.30.0.5]:80",
      "172.30.0.6:+80",
      "172.30.0.7: 80",
      "172.30.0.8:80 ",
      " 172.30.0.9:80",
      "172.30.0.10:65536",
      "172.30.0.11:0x50",
      "172.30.0.12:80:1",
      "172.30.0.13/32:80",
      "172.30.14:80",
    ];
    const v6 = [
      "[fd30::1]:80",
      "[fd30::2]80",
      "[FD30::3]:80",
      "[fd30:0::004]:80",
      "[fd30::00005]:80",
      "[]:80",
      "[::ffff:172.30.1.1]:80",
      "[::ffff:172.30.1.02]:80",
    ];
    const commands = [
      ...v4.map((vip) => [vip, "10.0.1.5:80"]),
      ...v6.map((vip) => [vip, "[fd01::5]:80"]),
    ].flatMap(([vip, backend], i) => [
      `--id=@lb${i}`,
      "create",
      "Load_Balancer",
      `name=lb${i}`,
      "protocol=tcp",
      `vips="${vip}"="${backend}"`,
      "--",
      "add",
      "Logical_Router",
      "lr1",
      "load_balancer",
      `@lb${i}`,
      "--",
    ]);
    await nbctl("az1", ...commands, "set", "Logical_Router", "lr1", "options:chassis=gw1");
    await nbctl("az1", "lrp-add", "lr1", "lr1-six", "aa:aa:aa:aa:06:01", "fd06::1/64");
    await nbctl("az1", "set", "Logical_Router_Port", "lr1-ts1", 'networks="169.254.100.1/24","fd64::1/64"');
    await nbctl("az1", "set", "NB_Global", ".", "options:ic-route-adv-lb=true");
    await settled();
    const flows = await sbctl("az1", "lflow-list", "lr1");
    const balanced = [...flows.matchAll(/ip[46]\.dst == ([0-9a-f:.]+) && tcp/g)].map(
      ([, address]) => address ?? "",
    );
    const expected = [...new Set(balanced)].map(
      (address) => address + (address.includes(":") ? "/128" : "/32"),
    );
    expect(expected).toContain("172.30.0.1/32");
    const routes = [...az1.connections.icSb.replica.table("Route")];
    const advertised = routes
      .filter(({ origin }) => origin === "loadbalancer")
      .map((route) => route.ip_prefix);
    expect(advertised.sort()).toEqual(expected.sort());
  });

  it("tunnels of VXLAN get small keys", async () => {
    const { sandbox, settled, nbctl, sbctl } = await twoZones({}, { schemas: newestSchemas() });
    const keys = async () => {
      const southbound = await sandbox.run("ovsdb-client", [
        "dump",
        sandbox.icSb,
        "Datapath_Binding",
        "tunnel_key",
      ]);
      const switches = await rows(sandbox, "az2.nb", "Logical_Switch", "other_config");
      return [
        Number(southbound.split("\n")[3]),
        switches.find(([config]) => JSON.stringify(config).includes("interconn-ts"))?.[0],
      ];
    };
    expect(await keys()).toEqual([
      16711682,
      { "interconn-ts": "ts1", "requested-tnl-key": "16711682", "ic-vxlan_mode": "false" },
    ]);
    await sbctl(
      "az1",
      "chassis-add",
      "gw9",
      "vxlan",
      "10.255.0.9",
      "--",
      "set",
      "Chassis",
      "gw9",
      "other_config:is-interconn=true",
    );
    await sandbox.run("ovn-ic-nbctl", ["set", "IC_NB_Global", ".", "options:vxlan_mode=true"]);
    await settled();
    expect(await keys()).toEqual([
      1025,
      { "interconn-ts": "ts1", "requested-tnl-key": "1025", "ic-vxlan_mode": "true" },
    ]);
    await sbctl("az1", "chassis-del", "gw9");
    await settled();
    expect(await keys()).toEqual([
      16711682,
      { "interconn-ts": "ts1", "requested-tnl-key": "16711682", "ic-vxlan_mode": "false" },
    ]);
    await nbctl("az1", "--wait=sb", "sync");
  });

  it("a route table of the port gets connected networks once more, to go before connected ones", async () => {
    const { sandbox, settled, nbctl } = await twoZones({}, { schemas: newestSchemas() });
    await nbctl("az1", "set", "Logical_Router_Port", "lr1-ts1", "options:route_table=blue");
    await nbctl("az2", "set", "Logical_Router_Port", "lr1-ts1", "options:route_table=blue");
    await settled();
    const learned = await rows(
      sandbox,
      "az2.nb",
      "Logical_Router_Static_Route",
      "ip_prefix,route_table,options",
    );
    expect(learned).toEqual([
      ["10.0.1.1/24", "", { origin: "connected" }],
      ["10.0.1.1/24", "blue", { origin: "connected", "override-connected": "true" }],
    ]);
  });
});
