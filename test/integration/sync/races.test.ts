/**
 * Several controllers at once on one global database: every key has one owner, always, and nobody has to be
 * asked twice.
 */
import { describe, expect, it } from "vitest";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import type { LoggedTransaction } from "../../harness/databases/log.ts";
import { followLog } from "../../harness/databases/log.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { addRouter, controller, joinSwitch, settle, write, zones } from "../../harness/zones/zones.ts";

const ZONES = ["az1", "az2", "az3", "az4", "az5"];
const SWITCHES = Array.from({ length: 10 }, (_, i) => `ts${i + 1}`);

/** Replays what was written to a table, and checks after each transaction that no two rows share a value. */
function checkUnique(
  log: readonly LoggedTransaction[],
  table: string,
  read: (row: Record<string, unknown>) => string,
): number {
  const rows = new Map<string, Record<string, unknown>>();
  for (const transaction of log) {
    for (const [uuid, row] of Object.entries(transaction[table] ?? {})) {
      if (row === null) rows.delete(uuid);
      else rows.set(uuid, { ...rows.get(uuid), ...row });
    }
    const values = [...rows.values()].map(read);
    expect(new Set(values).size, `${table}: ${values.join(", ")}`).toBe(values.length);
  }
  return rows.size;
}

function addSwitches(sandbox: Sandbox, names: readonly string[]): Promise<void> {
  return write(icNb, sandbox.icNb, (transaction) => {
    for (const name of names) transaction.insert("Transit_Switch", { name });
  });
}

const schemas: [string, () => { schemas?: string }][] = [
  ["the installed schemas", () => ({})],
  ["the newest schemas", () => ({ schemas: newestSchemas() })],
];

describe.each(schemas)("controllers that start at once, with %s", (_, options) => {
  it("agree on one key for each switch and port", { timeout: 4 * PATIENCE }, async () => {
    const sandbox = await zones({ azs: ZONES, ...options() });
    const log = followLog(sandbox.icSb);
    await addSwitches(sandbox, SWITCHES);
    await Promise.all(ZONES.map((zone, i) => addRouter(sandbox, zone, i + 1)));
    const controllers = ZONES.map((zone) => controller(sandbox, zone));
    for (const one of controllers) one.start();
    await settle(sandbox, ...controllers);
    await Promise.all(
      ZONES.map(async (zone, i) => {
        for (const name of ["ts1", "ts2", "ts3"]) await joinSwitch(sandbox, zone, i + 1, name);
      }),
    );
    await settle(sandbox, ...controllers);

    // Everything at once, from nothing, while the leader goes away.
    await write(icSb, sandbox.icSb, (transaction, replica) => {
      for (const row of replica.table("Datapath_Binding")) transaction.delete("Datapath_Binding", row._uuid);
      for (const row of replica.table("Port_Binding")) transaction.delete("Port_Binding", row._uuid);
    });
    const leader = controllers.find((one) => one.view.leader);
    await leader?.close();
    const others = controllers.filter((one) => one !== leader);
    await settle(sandbox, ...others);
    expect(others.some((one) => one.view.leader)).toBe(true);

    const written = log();
    const text = (row: Record<string, unknown>, ...columns: string[]) =>
      JSON.stringify(columns.map((column) => row[column]));
    expect(checkUnique(written, "Datapath_Binding", (row) => text(row, "transit_switch"))).toBe(10);
    checkUnique(written, "Datapath_Binding", (row) => text(row, "tunnel_key"));
    const ports = checkUnique(written, "Port_Binding", (row) => text(row, "logical_port"));
    checkUnique(written, "Port_Binding", (row) => text(row, "transit_switch", "tunnel_key"));
    expect(ports).toBeGreaterThanOrEqual(12);
    for (const one of others) expect(one.engine.problems).toEqual([]);
  });
});

it("what an older controller wrote without asking is put in order", { timeout: 2 * PATIENCE }, async () => {
  const sandbox = await zones({ azs: ["az1", "az2"], schemas: newestSchemas() });
  const [az1, az2] = [controller(sandbox, "az1"), controller(sandbox, "az2")];
  az1.start();
  az2.start();
  for (const [round, name] of SWITCHES.entries()) {
    // Two rows for a switch, or one key for two switches: these schemas allow both. The rows that are written
    // here have keys of their own: while they name no switch of the global database, no two of them may have
    // the same.
    const key = 16711682 + round;
    await Promise.all([
      addSwitches(sandbox, [name]),
      write(icSb, sandbox.icSb, (transaction) => {
        transaction.insert("Datapath_Binding", { transit_switch: name, tunnel_key: key });
        if (round % 2 === 0)
          transaction.insert("Datapath_Binding", { transit_switch: name, tunnel_key: key + 1000 });
      }),
    ]);
  }
  await settle(sandbox, az1, az2);
  const datapaths = [...az1.view.icSb.Datapath_Binding];
  expect(datapaths.map((row) => row.transit_switch).sort()).toEqual([...SWITCHES].sort());
  expect(new Set(datapaths.map((row) => row.tunnel_key)).size).toBe(SWITCHES.length);
  for (const zone of [az1, az2]) {
    for (const { transit_switch: name, tunnel_key: key } of datapaths) {
      const rows = [...zone.view.nbIndexes.switchByTransitSwitch.find(name)];
      expect(rows.map((row) => row.other_config.get("requested-tnl-key"))).toEqual([String(key)]);
    }
  }
});
