import { describe, expect, it } from "vitest";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { commands } from "../../harness/words.ts";
import { rows, twoZones } from "../../harness/zones/zones.ts";

describe("ports on transit switches", { timeout: 2 * PATIENCE }, () => {
  it("are made known with address, router and gateway, and become remote ports elsewhere", async () => {
    const { sandbox, settled, sbctl } = await twoZones();
    const [router] = await rows(sandbox, "az1.nb", "Logical_Router", "_uuid");
    const binding = async () => {
      const columns = "logical_port,transit_switch,address,gateway,tunnel_key,external_ids";
      return (await rows(sandbox, "ic.sb", "Port_Binding", columns)).find(([name]) => name === "ts1-az1");
    };
    const remote = async () => {
      const ports = await rows(sandbox, "az2.nb", "Logical_Switch_Port", "name,type,addresses,options");
      return ports.find(([name]) => name === "ts1-az1");
    };
    const address = "aa:aa:aa:aa:aa:01 169.254.100.1/24";
    const [, , , , key] = (await binding()) ?? [];
    expect(await binding()).toEqual(["ts1-az1", "ts1", address, "", key, { "router-id": router?.[0] }]);
    expect(await remote()).toEqual(["ts1-az1", "remote", address, { "requested-tnl-key": String(key) }]);

    await sandbox.run("ovn-nbctl", ["--wait=sb", "lrp-set-gateway-chassis", "lr1-ts1", "gw1"], "az1");
    await sbctl("az1", "lsp-bind", "cr-lr1-ts1", "gw1");
    await settled();
    expect((await binding())?.[3]).toBe("gw1");
    const chassis = await rows(sandbox, "az2.sb", "Chassis", "name,_uuid");
    const southbound = await rows(sandbox, "az2.sb", "Port_Binding", "logical_port,chassis");
    expect(southbound.find(([name]) => name === "ts1-az1")?.[1]).toBe(
      chassis.find(([name]) => name === "gw1")?.[1],
    );

    await sbctl("az1", "lsp-unbind", "cr-lr1-ts1");
    await settled();
    const unbound = await rows(sandbox, "az2.sb", "Port_Binding", "logical_port,chassis");
    expect(unbound.find(([name]) => name === "ts1-az1")?.[1]).toEqual([]);

    await sandbox.run("ovn-nbctl", ["lrp-del", "lr1-ts1", "--", "lsp-del", "ts1-az1"], "az1");
    await settled();
    expect(await binding()).toBeUndefined();
    expect(await remote()).toBeUndefined();
  });

  it("are reached by the encapsulation that their zone chose, unless the CMS says another", async () => {
    const { sandbox, settled, sbctl, nbctl, az1 } = await twoZones({}, { schemas: newestSchemas() });
    await sbctl(
      "az1",
      ...commands(
        "--id=@e create Encap type=geneve ip=10.255.9.1 chassis_name=gw1",
        "add Chassis gw1 encaps @e",
      ),
    );
    await nbctl("az1", "--wait=sb", "lrp-set-gateway-chassis", "lr1-ts1", "gw1");
    await sbctl("az1", "lsp-bind", "cr-lr1-ts1", "gw1");
    await settled();
    const chosen = () => {
      const binding = az1.view.icSbIndexes.portByName.get("ts1-az1");
      return binding?.encap == null ? null : az1.view.icSb.Encap.get(binding.encap)?.ip;
    };
    const remote = async () => {
      const ports = await rows(sandbox, "az2.nb", "Logical_Switch_Port", "name,options,external_ids");
      const [, options, ids] = ports.find(([name]) => name === "ts1-az1") ?? [];
      return [JSON.stringify(options).match(/"requested-encap-ip":"([^"]*)"/)?.[1] ?? null, ids];
    };
    expect(chosen()).toBeNull();
    expect(await remote()).toEqual([null, {}]);

    const [uuid] = (await sbctl("az1", "--bare", "--columns=_uuid", "find", "Encap", "ip=10.255.9.1"))
      .trim()
      .split("\n");
    await sbctl("az1", "set", "Port_Binding", "cr-lr1-ts1", `encap=${uuid}`);
    await settled();
    expect(chosen()).toBe("10.255.9.1");
    expect(await remote()).toEqual(["10.255.9.1", { "ic-encap-ip": "10.255.9.1" }]);

    await nbctl("az2", "set", "Logical_Switch_Port", "ts1-az1", "options:requested-encap-ip=10.255.0.1");
    await settled();
    expect(await remote()).toEqual(["10.255.0.1", {}]);
    await nbctl("az2", "remove", "Logical_Switch_Port", "ts1-az1", "options", "requested-encap-ip");
    await settled();
    expect((await remote())[0]).toBe("10.255.9.1");

    await sbctl("az1", "clear", "Port_Binding", "cr-lr1-ts1", "encap");
    await settled();
    expect(chosen()).toBeNull();
    expect(await remote()).toEqual([null, {}]);
  });

  it("come back when somebody deletes or changes them", async () => {
    const { sandbox, settled, nbctl } = await twoZones();
    const remote = async () => {
      const ports = await rows(sandbox, "az2.nb", "Logical_Switch_Port", "name,type,addresses");
      return ports.find(([name]) => name === "ts1-az1");
    };
    const before = await remote();
    await nbctl("az2", "lsp-del", "ts1-az1");
    await settled();
    expect(await remote()).toEqual(before);
    await nbctl("az2", "lsp-set-addresses", "ts1-az1", "00:00:00:00:00:01");
    await settled();
    expect(await remote()).toEqual(before);
    await sandbox.run("ovn-ic-sbctl", ["--all", "destroy", "Port_Binding"]);
    await settled();
    expect(await remote()).toEqual(before);
  });

  it("that are not of interest stay as they are", async () => {
    const { sandbox, settled, nbctl } = await twoZones();
    await nbctl("az1", "lsp-add", "ts1", "other", "--", "lsp-set-type", "other", "localnet");
    await nbctl(
      "az2",
      "set",
      "Logical_Switch_Port",
      "ts1-az1",
      "options:mine=1",
      "options:requested-chassis=nowhere",
    );
    await nbctl("az1", "set", "Logical_Switch", "ts1", "other_config:mine=1");
    await settled();
    const ports = await rows(sandbox, "az2.nb", "Logical_Switch_Port", "name,options");
    expect(ports.find(([name]) => name === "ts1-az1")?.[1]).toMatchObject({
      mine: "1",
      "requested-chassis": "nowhere",
    });
    expect((await rows(sandbox, "az1.nb", "Logical_Switch_Port", "name")).flat()).toContain("other");
    const bindings = await rows(sandbox, "ic.sb", "Port_Binding", "logical_port");
    expect(bindings.flat()).toEqual(["ts1-az1", "ts1-az2"]);
    await sandbox.run("ovn-ic-nbctl", ["ts-del", "ts1"]);
    await settled();
    expect((await rows(sandbox, "az1.nb", "Logical_Switch", "name")).flat()).toEqual(["ls1"]);
    expect(await rows(sandbox, "ic.sb", "Datapath_Binding", "transit_switch")).toEqual([]);
  });

  it("get keys that are free on their switch, the lowest first", async () => {
    const { sandbox, settled, nbctl } = await twoZones();
    for (const name of ["b", "c"]) {
      await nbctl("az1", "lrp-add", "lr1", `lr1-${name}`, "aa:aa:aa:aa:bb:01", "169.254.100.77/24");
      await nbctl(
        "az1",
        "lsp-add",
        "ts1",
        name,
        "--",
        "lsp-set-type",
        name,
        "router",
        "--",
        "lsp-set-options",
        name,
        `router-port=lr1-${name}`,
      );
    }
    await settled();
    const keys = (await rows(sandbox, "ic.sb", "Port_Binding", "tunnel_key")).flat();
    expect(keys.map(Number).sort()).toEqual([1, 2, 3, 4]);
  });
});
