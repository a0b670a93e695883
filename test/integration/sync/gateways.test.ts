import { describe, expect, it } from "vitest";
import { PATIENCE } from "../../harness/wait.ts";
import { commands } from "../../harness/words.ts";
import { rows, twoZones } from "../../harness/zones/zones.ts";

describe("gateways", { timeout: 2 * PATIENCE }, () => {
  it("are made known to the other zone, and follow their chassis", async () => {
    const { sandbox, settled, sbctl } = await twoZones();
    const remote = async () => {
      const chassis = await rows(sandbox, "az2.sb", "Chassis", "name,hostname,other_config,encaps");
      const encaps = await rows(sandbox, "az2.sb", "Encap", "_uuid,type,ip,options,chassis_name");
      const own = chassis.find(([name]) => name === "gw1");
      const mine = encaps
        .filter(([, , , , name]) => name === "gw1")
        .map(([, type, ip, options]) => [type, ip, options])
        .sort();
      return own && { hostname: own[1], config: own[2], encaps: mine };
    };
    expect(await remote()).toEqual({
      hostname: "",
      config: { "is-remote": "true" },
      encaps: [["geneve", "10.255.0.1", { csum: "true" }]],
    });

    const [gateway] = await rows(sandbox, "ic.sb", "Gateway", "name,_uuid");
    await sbctl("az2", "set", "Chassis", "gw1", "other_config:mine=1");
    await sbctl(
      "az1",
      "--",
      "--id=@e",
      "create",
      "Encap",
      "type=vxlan",
      "ip=10.255.0.1",
      "chassis_name=gw1",
      "--",
      "add",
      "Chassis",
      "gw1",
      "encaps",
      "@e",
    );
    await sbctl("az1", "set", "Chassis", "gw1", "hostname=host1");
    await settled();
    expect(await remote()).toEqual({
      hostname: "host1",
      config: { "is-remote": "true", mine: "1" },
      encaps: [
        ["geneve", "10.255.0.1", { csum: "true" }],
        ["vxlan", "10.255.0.1", {}],
      ],
    });
    const [encap] = await rows(sandbox, "az1.sb", "Encap", "type,_uuid,chassis_name").then((all) =>
      all.filter(([type, , name]) => type === "geneve" && name === "gw1"),
    );
    await sbctl("az1", "set", "Encap", String(encap?.[1]), "options:csum=false");
    await settled();
    expect((await remote())?.encaps).toContainEqual(["geneve", "10.255.0.1", { csum: "false" }]);
    expect((await rows(sandbox, "ic.sb", "Gateway", "name,_uuid"))[0]).toEqual(gateway);

    await sbctl("az1", "set", "Chassis", "gw1", "other_config:is-interconn=false");
    await settled();
    expect(await remote()).toBeUndefined();
    expect((await rows(sandbox, "ic.sb", "Gateway", "name")).flat()).toEqual(["gw2"]);
  });

  it("of other zones that are deleted here behind our back come back", async () => {
    const { sandbox, settled, sbctl } = await twoZones();
    await sbctl("az2", "chassis-del", "gw1");
    await settled();
    expect((await rows(sandbox, "az2.sb", "Chassis", "name")).flat()).toContain("gw1");
  });

  it("that the server refuses don't hold up anything else", async () => {
    const problems: string[] = [];
    const {
      sandbox,
      settled: _settled,
      sbctl,
      nbctl,
      az1,
    } = await twoZones({ problem: ({ unit, text }) => problems.push(`${unit.key}: ${text}`) });
    // The address is taken by a gateway of a third zone already, which gets no tunnel here since it is that
    // of a chassis of ours.
    await sbctl("az1", "chassis-add", "bad", "geneve", "10.255.0.99");
    await sandbox.run(
      "ovn-ic-sbctl",
      commands(
        "--id=@e create Encap type=geneve ip=10.255.0.99 gateway_name=foreign",
        "--id=@z create Availability_Zone name=az3",
        "create Gateway name=foreign availability_zone=@z encaps=@e",
      ),
    );
    await sbctl("az1", "set", "Chassis", "bad", "other_config:is-interconn=true");
    await az1.until(() => az1.engine.problems.length === 1, AbortSignal.timeout(PATIENCE));
    // However often they are tried again, they are reported once.
    const { refused } = az1.engine.counters;
    await az1.until(() => az1.engine.counters.refused >= refused + 2, AbortSignal.timeout(PATIENCE));
    expect(problems.map((text) => text.slice(0, text.indexOf("(")).trim()).sort()).toEqual([
      "bad: icSb: transaction refused at commit: constraint violation",
    ]);
    await nbctl("az1", "lr-route-add", "lr1", "172.16.0.0/16", "10.0.1.77");
    await sbctl(
      "az1",
      "chassis-add",
      "good",
      "geneve",
      "10.255.0.77",
      "--",
      "set",
      "Chassis",
      "good",
      "other_config:is-interconn=true",
    );
    const there = () =>
      az1.view.icSbIndexes.gatewayByName.has("good") &&
      [...az1.view.icSb.Route].some((route) => route.ip_prefix === "172.16.0.0/16");
    await az1.until(there, AbortSignal.timeout(PATIENCE));

    await sandbox.run("ovn-ic-sbctl", ["destroy", "Gateway", "foreign"]);
    await az1.until(
      () => az1.settled && az1.view.icSbIndexes.gatewayByName.has("bad"),
      AbortSignal.timeout(PATIENCE),
    );
    expect(az1.engine.problems).toEqual([]);
  });
});
