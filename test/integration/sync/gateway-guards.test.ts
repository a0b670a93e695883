import { describe, expect, it } from "vitest";
import { PATIENCE } from "../../harness/wait.ts";
import { reasons, stranger, warnings } from "../../harness/zones/stranger.ts";
import { controller, rows, settle, twoZones } from "../../harness/zones/zones.ts";

/** Chassis of a zone, with their tunnel addresses. */
async function chassis(
  { sandbox }: Pick<Awaited<ReturnType<typeof twoZones>>, "sandbox">,
  zone: string,
): Promise<Record<string, string[]>> {
  const encaps = await rows(sandbox, `${zone}.sb`, "Encap", "chassis_name,ip");
  const all = await rows(sandbox, `${zone}.sb`, "Chassis", "name");
  return Object.fromEntries(
    all
      .flat()
      .map((name) => [String(name), encaps.filter(([owner]) => owner === name).map(([, ip]) => String(ip))]),
  );
}

const AS_EVER = { gw1: ["10.255.0.1"], gw2: ["10.255.0.2"] };

describe("gateways of other zones", { timeout: 2 * PATIENCE }, () => {
  it("get no tunnel to what can be no gateway's address, or is this zone's own", async () => {
    const zones = await twoZones();
    const az9 = await stranger(zones.sandbox);
    for (const [ip, reason] of [
      ["127.0.0.1", "encap-ip-invalid"],
      ["::1", "encap-ip-invalid"],
      ["224.0.0.9", "encap-ip-invalid"],
      ["ff02::9", "encap-ip-invalid"],
      ["0.0.0.0", "encap-ip-invalid"],
      ["::", "encap-ip-invalid"],
      ["255.255.255.255", "encap-ip-invalid"],
      ["gw9.example", "encap-ip-invalid"],
      ["10.255.0.1", "encap-ip-taken"],
      ["010.255.000.001", "encap-ip-taken"],
      // IPv4 in other words.
      ["::ffff:10.255.0.1", "encap-ip-taken"],
      ["0:0:0:0:0:FFFF:0AFF:0001", "encap-ip-taken"],
      ["::ffff:127.0.0.1", "encap-ip-invalid"],
      ["::127.0.0.1", "encap-ip-invalid"],
    ] as const) {
      // One good address is enough.
      await az9.gateway("gw8", ["stt", ip], ["geneve", "10.255.0.8"]);
      await az9.gateway("gw9", ["vxlan", ip]);
      await zones.settled();
      expect(await chassis(zones, "az1"), ip).toEqual({ ...AS_EVER, gw8: ["10.255.0.8"] });
      expect(reasons(zones.az1), ip).toEqual([reason, reason]);
      expect(warnings(zones.az1).sort(), ip).toEqual([
        expect.stringContaining(`Gateway gw8 of another zone: tunnel address ${ip} (stt) `),
        expect.stringContaining(`Gateway gw9 of another zone: tunnel address ${ip} (vxlan) `),
      ]);
      for (const name of ["gw8", "gw9"]) await az9.gone("Gateway", "name", name);
    }
  });

  it("lose theirs to one of this zone's chassis, and get it back", async () => {
    const zones = await twoZones();
    const az9 = await stranger(zones.sandbox);
    await az9.gateway("gw9", ["geneve", "10.255.0.9"]);
    await zones.settled();
    expect(await chassis(zones, "az1")).toMatchObject({ gw9: ["10.255.0.9"] });
    await zones.sbctl("az1", "chassis-add", "host9", "vxlan", "10.255.0.9");
    await zones.settled();
    expect(await chassis(zones, "az1")).toEqual({ ...AS_EVER, host9: ["10.255.0.9"] });
    expect(reasons(zones.az1)).toEqual(["encap-ip-taken"]);
    await zones.sbctl("az1", "chassis-del", "host9");
    await zones.settled();
    expect(await chassis(zones, "az1")).toEqual({ ...AS_EVER, gw9: ["10.255.0.9"] });
  });

  it("have tunnels only to prefixes that are allowed, if any are named", async () => {
    const zones = await twoZones();
    const az9 = await stranger(zones.sandbox);
    await az9.gateway("gw9", ["geneve", "192.0.2.9"]);
    await zones.nbctl("az1", "set", "NB_Global", ".", 'options:ic-encap-filter="10.255.0.0/16,fd00::/8"');
    await zones.settled();
    expect(await chassis(zones, "az1")).toEqual(AS_EVER);
    expect(reasons(zones.az1)).toEqual(["encap-filter ic-encap-filter"]);
    await zones.nbctl("az1", "remove", "NB_Global", ".", "options", "ic-encap-filter");
    await zones.settled();
    expect(await chassis(zones, "az1")).toEqual({ ...AS_EVER, gw9: ["192.0.2.9"] });
  });

  it("are no more than a zone may have: those that came first", async () => {
    const zones = await twoZones();
    const az9 = await stranger(zones.sandbox);
    const names = async () => Object.keys(await chassis(zones, "az1")).filter((name) => /gw[3-9]/.test(name));
    for (const n of [7, 5]) await az9.gateway(`gw${n}`, ["geneve", `10.255.0.${n}`]);
    await zones.settled();
    await zones.nbctl("az1", "set", "NB_Global", ".", "options:ic-max-gateways=2");
    for (const n of [4, 6]) await az9.gateway(`gw${n}`, ["geneve", `10.255.0.${n}`]);
    await zones.settled();
    expect((await names()).sort()).toEqual(["gw5", "gw7"]);
    expect(reasons(zones.az1)).toEqual(Array(2).fill("too-many-gateways ic-max-gateways"));
    await zones.az1.close();
    const again = controller(zones.sandbox, "az1");
    again.start();
    await settle(zones.sandbox, again, zones.az2);
    expect((await names()).sort()).toEqual(["gw5", "gw7"]);
    await az9.gone("Gateway", "name", "gw5");
    await settle(zones.sandbox, again, zones.az2);
    expect(await names()).toHaveLength(2);
    expect(await names()).toContain("gw7");
    // One that somebody deletes by hand comes back, or the next one in its place.
    await zones.sbctl("az1", "chassis-del", "gw7");
    await settle(zones.sandbox, again, zones.az2);
    expect(await names()).toHaveLength(2);
  });

  it("count for ports of their own zone only", async () => {
    const zones = await twoZones();
    const az9 = await stranger(zones.sandbox);
    const bound = async () =>
      (await rows(zones.sandbox, "az1.sb", "Port_Binding", "logical_port,chassis")).find(
        ([name]) => name === "ts1-az9",
      )?.[1];
    const uuids = await rows(zones.sandbox, "az1.sb", "Chassis", "name,_uuid");
    await az9.gateway("gw9", ["geneve", "10.255.0.9"]);
    await az9.port("ts1-az9", 9, { gateway: "gw9" });
    await zones.settled();
    expect(await bound()).toMatch(/-/);
    // A chassis of this zone, and then one of a third zone.
    for (const gateway of ["gw1", "gw2"]) {
      await az9.sbctl("set", "Port_Binding", "ts1-az9", `gateway=${gateway}`);
      await zones.settled();
      expect(await bound(), gateway).toEqual([]);
      expect(reasons(zones.az1)).toEqual(["gateway-not-of-zone"]);
    }
    await az9.sbctl("set", "Port_Binding", "ts1-az9", "gateway=gw9");
    await zones.settled();
    expect(await bound()).toMatch(/-/);
    expect(uuids.map(([, uuid]) => uuid)).not.toContain(await bound());
  });
});
