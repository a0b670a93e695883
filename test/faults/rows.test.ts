/**
 * Absurd values in real databases, written by somebody who may write there. All that is in order has to be
 * kept in order beside them, nothing may be written that isn't asked for, and whoever reads what is said
 * about them must not have his terminal obey it.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { insert, map, named, set } from "../harness/databases/transact.ts";
import { Arena, FULL } from "../harness/faults/arena.ts";
import { environmentOf, PROGRAM, Program } from "../harness/faults/instances.ts";
import type { World } from "../harness/faults/world.ts";

const ESCAPES = "\u001b]0;owned\u0007\u001b[2J\u009b31m\n\r\u202e";
const LONG = "x".repeat(FULL ? 10_000_000 : 1_000_000);
/** Milliseconds: northd and the servers have to get over it too. */
const PATIENCE = FULL ? 120_000 : 30_000;
const MANY = FULL ? 100_000 : 10_000;
const PREFIXES = ["1.2.3.4/33", "::1/129", "", "10.0.0.0/8 ", `10.0.0.0/8${ESCAPES}`, LONG];

let arena: Arena;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "ovn-ic-absurd-"));
  arena = await Arena.open({ start: (remotes, zone) => new Program(remotes, join(directory, zone)) });
});
afterAll(async () => {
  await arena?.close();
  rmSync(directory, { recursive: true });
});

/** What another zone has written to IC-SB. */
async function fillGlobal(world: World): Promise<void> {
  const zone = { availability_zone: named("z"), transit_switch: "ts1" };
  await world.transact("ic.sb", [
    insert("Availability_Zone", "z", { name: `az9${ESCAPES}` }),
    insert("Encap", "e", { type: "geneve", ip: `no address${ESCAPES}`, gateway_name: `gw9${ESCAPES}` }),
    insert("Gateway", "g", {
      name: `gw9${ESCAPES}`,
      hostname: LONG,
      availability_zone: named("z"),
      encaps: set(named("e")),
    }),
    insert("Port_Binding", "p", {
      ...zone,
      logical_port: `p${ESCAPES}`,
      tunnel_key: 901,
      address: "zz:zz 1.2.3.4/33",
    }),
    insert("Port_Binding", "q", { ...zone, logical_port: "", tunnel_key: 902, address: "unknown" }),
    ...PREFIXES.map((ip_prefix, i) =>
      insert("Route", `r${i}`, { ...zone, ip_prefix, nexthop: "169.254.100.9", origin: "static" }),
    ),
    ...["", "nowhere", ESCAPES, "999.1.1.1", LONG].map((nexthop, i) =>
      insert("Route", `n${i}`, { ...zone, ip_prefix: "172.29.0.0/24", nexthop, origin: "static" }),
    ),
    insert("Route", "s", {
      ...zone,
      transit_switch: ESCAPES,
      ip_prefix: "172.29.1.0/24",
      nexthop: "1.1.1.1",
      origin: "static",
    }),
  ]);
  const many = Object.fromEntries(Array.from({ length: MANY }, (_, i) => [`key${i}`, ESCAPES]));
  await world.transact("ic.nb", [
    insert("Transit_Switch", "a", { name: "" }),
    insert("Transit_Switch", "b", { name: ESCAPES, other_config: map(many) }),
    insert("Transit_Switch", "c", { name: "x".repeat(1000), other_config: map({ long: LONG }) }),
  ]);
}

/** What somebody in the zone has written to NB. */
async function fillZone(world: World): Promise<void> {
  const entries = Array.from({ length: LONG.length / 14 }, (_, i) => `1.2.${i}.4/33`);
  const options = map({ "ic-route-denylist": entries.join() });
  await world.transact("az1.nb", [
    { op: "mutate", table: "NB_Global", where: [], mutations: [["options", "insert", options]] },
    insert("Logical_Router_Port", "t", {
      name: "bad-ts1",
      mac: "aa:aa:aa:aa:aa:77",
      networks: set("169.254.100.77/24"),
    }),
    insert("Logical_Router_Port", "n", {
      name: `bad-net${ESCAPES}`,
      mac: ESCAPES,
      networks: set("1.2.3.4/33", ESCAPES),
    }),
    ...PREFIXES.map((ip_prefix, i) =>
      insert("Logical_Router_Static_Route", `s${i}`, { ip_prefix, nexthop: "169.254.100.1" }),
    ),
    insert("Logical_Router_Static_Route", "x", { ip_prefix: "172.28.0.0/24", nexthop: ESCAPES }),
    insert("Logical_Router", "r", {
      name: `bad${ESCAPES}`,
      ports: set(named("t"), named("n")),
      static_routes: set(...PREFIXES.map((_, i) => named(`s${i}`)), named("x")),
    }),
    insert("Logical_Switch_Port", "p", {
      name: "ts1-bad",
      type: "router",
      addresses: set("router"),
      options: map({ "router-port": "bad-ts1" }),
    }),
    {
      op: "mutate",
      table: "Logical_Switch",
      where: [["name", "==", "ts1"]],
      mutations: [["ports", "insert", set(named("p"))]],
    },
  ]);
}

/** Takes it all away again; what followed from it has to go by itself. */
async function clear(world: World): Promise<void> {
  const [zones] = await world.transact("ic.sb", [{ op: "select", table: "Availability_Zone", where: [] }]);
  const uuid =
    /"uuid","([-0-9a-f]+)"\],"name":"az9/.exec(JSON.stringify(zones))?.[1] ??
    /"name":"az9[^}]*"uuid","([-0-9a-f]+)"/.exec(JSON.stringify(zones))?.[1];
  const where = [["availability_zone", "==", ["uuid", uuid ?? ""]]];
  await world.transact("ic.sb", [
    ...["Route", "Port_Binding", "Gateway"].map((table) => ({ op: "delete", table, where })),
    { op: "delete", table: "Availability_Zone", where: [["_uuid", "==", ["uuid", uuid ?? ""]]] },
  ]);
  const names = ["", ESCAPES, "x".repeat(1000)];
  await world.transact(
    "ic.nb",
    names.map((name) => ({ op: "delete", table: "Transit_Switch", where: [["name", "==", name]] })),
  );
  const [ports] = await world.transact("az1.nb", [
    { op: "select", table: "Logical_Switch_Port", where: [["name", "==", "ts1-bad"]], columns: ["_uuid"] },
  ]);
  const port = /"uuid","([-0-9a-f]+)"/.exec(JSON.stringify(ports))?.[1] ?? "";
  const mutations = [["options", "delete", set("ic-route-denylist")]];
  await world.transact("az1.nb", [
    { op: "mutate", table: "NB_Global", where: [], mutations },
    { op: "delete", table: "Logical_Router", where: [["name", "==", `bad${ESCAPES}`]] },
    {
      op: "mutate",
      table: "Logical_Switch",
      where: [["name", "==", "ts1"]],
      mutations: [["ports", "delete", set(["uuid", port])]],
    },
  ]);
}

/** A new route is advertised by az1, and learned by az2. */
async function stillWorks(): Promise<void> {
  const prefix = "172.27.1.0/24";
  arena.model.zone("az1").routes.add(prefix);
  arena.model.mutate(() => 0.01);
  const rows = [{ ip_prefix: prefix }];
  const where = [["ip_prefix", "==", prefix]];
  const wait = { op: "wait", where, columns: ["ip_prefix"], until: "==", rows, timeout: PATIENCE };
  await arena.world.transact("ic.sb", [{ ...wait, table: "Route" }]);
  await arena.world.transact("az2.nb", [{ ...wait, table: "Logical_Router_Static_Route" }]);
}

it("absurd rows are left alone and named, and everything else goes on", {
  timeout: 10 * PATIENCE,
}, async () => {
  await arena.endure("absurd rows", 1, async () => {
    await fillGlobal(arena.world);
    await fillZone(arena.world);
    await stillWorks();
    for (const args of [["--dry-run"], ["--dry-run", "--json"]]) {
      // Less what a terminal makes of the ends of lines, and the line that shows progress.
      const output = (await onTerminal(args)).replaceAll("\r\n", "\n").replaceAll("\r\u001b[K", "");
      expect(output).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
      expect(output).toContain("1.2.3.4/33");
    }
    await clear(arena.world);
  });
  for (const instance of arena.instances.values()) expect(instance).toMatchObject({ running: true });
  const said = readFileSync(join(directory, "az1"), "utf8");
  expect(said).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
  // Which of so many are named is a matter of the limit, and of their uuids.
  expect(said).toMatch(/Logical_Router_Static_Route [-0-9a-f]{36} of router bad\\x1b.* is no prefix/);
  expect(said).toMatch(/ISB Route .* via 169\.254\.100\.9 on ts1 is not learned: invalid-prefix/);
  // Of a list of nonsense the first few are named.
  const named = said.matchAll(/ic-route-denylist: "(\S+)" is no prefix/g);
  expect(new Set([...named].map(([, entry]) => entry))).toEqual(
    new Set(["1.2.0.4/33", "1.2.1.4/33", "1.2.2.4/33"]),
  );
  const lines = said.split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(4000);
  expect(lines.length).toBeLessThan(200);
});

/** Not over the gates, which take longer to look at such rows than a dry run likes to wait. */
function onTerminal(args: readonly string[]): Promise<string> {
  const { world } = arena;
  const remotes = {
    nb: world.remote("az1.nb"),
    sb: world.remote("az1.sb"),
    icNb: world.remote("ic.nb"),
    icSb: world.remote("ic.sb"),
  };
  const env = { ...environmentOf(remotes), TERM: "xterm", NO_COLOR: "1" };
  const line = `'${process.execPath}' '${PROGRAM}' sync --timeout=${PATIENCE / 1000} ${args.join(" ")}`;
  return new Promise((resolve) => {
    const options = { env, encoding: "utf8", maxBuffer: 1 << 28 } as const;
    execFile("script", ["-qec", line, "/dev/null"], options, (_error, stdout) => resolve(stdout));
  });
}
