/** What other zones may ask to be monitored here. */
import { describe, expect, it } from "vitest";
import { PATIENCE } from "../../harness/wait.ts";
import { monitoredZone } from "../../harness/zones/monitored-zone.ts";
import { syncOnce } from "../../harness/zones/zones.ts";

describe("service monitors that other zones ask for", { timeout: 2 * PATIENCE }, () => {
  it("watch an address of the port, from an address that is none of ours", async () => {
    const { sandbox, az2, southbound, ask, monitored, settled, nbctl, warnings, dropped } =
      await monitoredZone();
    await ask("az1", {}, { port: 81, ip: "10.0.2.9" }, { port: 82, ip: "fd00:2:0::5", src_ip: "fd00:1::1" });
    await ask(
      "az1",
      { port: 83, src_ip: "10.0.2.5" },
      { port: 84, src_ip: "[fd00:1::1]" },
      { port: 85, src_ip: "x" },
    );
    // What the rows don't tell is not held against it.
    await ask("az1", { logical_port: "vm4", port: 86, ip: "10.0.2.77" });
    await settled();
    expect(monitored()).toEqual(["vm2:80", "vm2:82", "vm2:84", "vm4:86"]);
    expect(warnings("monitor-ip-not-of-port")[0]).toBe(
      "service monitor of vm2, 10.0.2.9 port 81, that zone az1 asks for: 10.0.2.9 is no address of vm2",
    );
    expect(
      warnings("monitor-source-not-remote").some((text) => text.includes("an address of this zone")),
    ).toBe(true);
    expect([...dropped.counts].sort()).toEqual([
      ["monitor-ip-not-of-port", 1],
      ["monitor-source-not-remote", 2],
    ]);

    // A router gets the address that they come from, and gives it back; the port gets one more, and loses
    // that.
    await nbctl("lr-add", "lr1");
    await nbctl("lrp-add", "lr1", "lr1-ls1", "0a:00:00:00:02:01", "10.0.1.1/24");
    await settled();
    expect(monitored()).toEqual(["vm2:82", "vm2:84"]);
    await nbctl("set", "Logical_Router_Port", "lr1-ls1", "networks=10.0.2.1/24");
    await settled();
    expect(monitored()).toEqual(["vm2:80", "vm2:82", "vm2:84", "vm4:86"]);
    const address = (mac: string[]) =>
      southbound((transaction, replica) => {
        for (const row of replica.table("Port_Binding"))
          if (row.logical_port === "vm2") transaction.update("Port_Binding", row._uuid, { mac });
      });
    await address(["0a:00:00:00:02:05 10.0.2.9"]);
    await settled();
    expect(monitored()).toEqual(["vm2:81", "vm4:86"]);
    await address(["0a:00:00:00:02:05 10.0.2.9", "unknown"]);
    await settled();
    expect(monitored()).toEqual(["vm2:80", "vm2:81", "vm2:82", "vm2:83", "vm2:84", "vm4:86"]);
    await az2.close();
    expect(await syncOnce(sandbox, "az2")).toEqual([]);
  });

  it("hand on the options that are known, and no others", async () => {
    const { az2, ask, settled, warnings } = await monitoredZone();
    const known = { interval: "5", timeout: "2", success_count: "3", failure_count: "4", "az-name": "az2" };
    await ask("az1", { options: new Map(Object.entries({ ...known, run: "me" })) });
    await ask("az1", { port: 81, options: new Map([["az-name", "az7"]]) });
    await settled();
    expect(
      [...az2.view.sb.Service_Monitor].map(({ port, options }) => [port, Object.fromEntries(options)]).sort(),
    ).toEqual([
      [80, known],
      [81, {}],
    ]);
    expect(warnings("monitor-option-unknown")[0]).toMatch(/its options run are not known/);
  });

  it("are off where the administrator says so, for all zones or for some", async () => {
    const { az2, southbound, ask, monitored, settled, nbctl, warnings, dropped } = await monitoredZone();
    await ask("az1", {});
    await ask("az3", {}, { port: 81 });
    await settled();
    expect(monitored()).toEqual(["vm2:80", "vm2:81"]);
    await nbctl("set", "NB_Global", ".", 'options:ic-svc-monitor-deny="az9, az3"');
    await settled();
    expect(monitored()).toEqual(["vm2:80"]);
    // Who is refused isn't told of the health either.
    await southbound((transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        transaction.update("Service_Monitor", row._uuid, { status: "online" });
    });
    await settled();
    const status = () =>
      [...az2.view.icSb.Service_Monitor]
        .map((row) => `${row.source_availability_zone}:${row.port} ${row.status}`)
        .sort();
    expect(status()).toEqual(["az1:80 online", "az3:80 null", "az3:81 null"]);
    expect(dropped.counts.get("monitor-zone-denied")).toBe(2);
    await nbctl("set", "NB_Global", ".", "options:ic-svc-monitor-learn=FALSE");
    await settled();
    expect(monitored()).toEqual([]);
    expect(dropped.counts.get("monitors-not-learned")).toBe(3);
    await nbctl("remove", "NB_Global", ".", "options", "ic-svc-monitor-learn", "ic-svc-monitor-deny");
    await settled();
    expect(monitored()).toEqual(["vm2:80", "vm2:81"]);
    expect([...warnings("monitor-zone-denied"), ...warnings("monitors-not-learned")]).toEqual([]);
  });

  it("are no more of each zone than is allowed, and those that are run stay", async () => {
    const { sandbox, az2, global, southbound, ask, monitored, settled, nbctl, warnings, dropped } =
      await monitoredZone();
    await nbctl("set", "NB_Global", ".", "options:ic-max-svc-monitors=2");
    await ask("az1", { port: 90 }, { port: 91 });
    // What can't be run takes nobody's place.
    await ask("az3", { port: 10, logical_port: "vm9" }, { port: 11, ip: "10.0.2.9" }, { port: 95 });
    await settled();
    expect(monitored()).toEqual(["vm2:90", "vm2:91", "vm2:95"]);
    expect(warnings("too-many-monitors")).toEqual([]);
    await ask("az1", { port: 80 }, { port: 81 });
    await settled();
    expect(monitored()).toEqual(["vm2:90", "vm2:91", "vm2:95"]);
    expect([...new Set(warnings("too-many-monitors"))]).toEqual([
      "zone az1 asks for 4 service monitors, and NB_Global.options:ic-max-svc-monitors is 2: those that came later are left out",
    ]);
    expect(dropped.counts.get("too-many-monitors")).toBe(2);

    // One goes, and there is room for one.
    await global((transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        if (row.port === 90) transaction.delete("Service_Monitor", row._uuid);
    });
    await settled();
    expect(monitored()).toEqual(["vm2:80", "vm2:91", "vm2:95"]);
    // A port comes that others wait for.
    await ask("az3", { port: 96 });
    await settled();
    expect(monitored()).toEqual(["vm2:80", "vm2:91", "vm2:95", "vm2:96"]);
    await southbound((transaction, replica) => {
      const [datapath] = [...replica.table("Datapath_Binding")];
      if (datapath === undefined) throw new Error("no datapath");
      const port = { logical_port: "vm9", datapath: datapath._uuid, tunnel_key: 9, up: true };
      transaction.insert("Port_Binding", port);
    });
    await settled();
    expect(monitored()).toEqual(["vm2:80", "vm2:91", "vm2:95", "vm2:96"]);
    await southbound((transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        if (row.port === 95) transaction.delete("Service_Monitor", row._uuid);
    });
    await settled();
    expect(monitored()).toHaveLength(4);
    await nbctl("remove", "NB_Global", ".", "options", "ic-max-svc-monitors");
    await settled();
    expect(monitored()).toEqual(["vm2:80", "vm2:81", "vm2:91", "vm2:95", "vm2:96", "vm9:10"]);
    expect(dropped.counts.get("too-many-monitors")).toBe(0);

    // Whoever takes over leaves those that are run.
    const before = monitored();
    await nbctl("set", "NB_Global", ".", "options:ic-max-svc-monitors=3");
    await settled();
    const some = monitored();
    expect(before.filter((one) => some.includes(one))).toHaveLength(6);
    await az2.close();
    expect(await syncOnce(sandbox, "az2")).toEqual([]);
  });

  it("of one backend are one here, which serves all who ask, whoever was first and whoever goes", async () => {
    const { az2, global, ask, settled, southbound } = await monitoredZone();
    await ask("az1", { src_ip: "10.66.6.6" });
    await settled();
    await ask("az3", { src_ip: "10.77.7.7" });
    await settled();
    const sources = () => [...az2.view.sb.Service_Monitor].map((row) => row.src_ip);
    expect(sources()).toEqual(["10.66.6.6"]);
    await southbound((transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        transaction.update("Service_Monitor", row._uuid, { status: "online" });
    });
    await settled();
    const answers = () =>
      [...az2.view.icSb.Service_Monitor].map((row) => `${row.source_availability_zone} ${row.status}`).sort();
    expect(answers()).toEqual(["az1 online", "az3 online"]);
    await global((transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        if (row.source_availability_zone === "az1") transaction.delete("Service_Monitor", row._uuid);
    });
    await settled();
    expect(sources()).toEqual(["10.77.7.7"]);
    // Two at once.
    await ask("az4", { port: 81, src_ip: "10.1.1.1" }, { port: 81, src_ip: "10.1.1.2" });
    await settled();
    expect(sources()).toHaveLength(2);
  });
});
