/**
 * Servers that listen on TCP and ask silent clients whether they are still there; over unix sockets servers
 * don't ask.
 */
import { runProgram } from "../../packages/ovsdb-client-ts/test/fixtures/programs.ts";
import { GLOBAL_TABLES, nameOf, serverNameOf } from "../harness/databases/names.ts";
import type { Database, World } from "../harness/faults/world.ts";

/**
 * Milliseconds after which a server asks when nothing is said to it about that: it waits for an answer as
 * long.
 */
export const DEFAULT_PROBE = 5000;

/** Lets the server of a database listen so, and ask every second. Returns where. */
export async function probingRemote(world: World, database: Database): Promise<string> {
  const table = GLOBAL_TABLES[nameOf(database)];
  const row = { target: "ptcp:0:127.0.0.1", inactivity_probe: 1000 };
  const connections = ["set", [["named-uuid", "c"]]];
  await world.transact(database, [
    { op: "insert", table: "Connection", row, "uuid-name": "c" },
    { op: "update", table, where: [], row: { connections } },
  ]);
  const control = world.file(database).replace(/db$/, "ctl");
  const remote = `db:${serverNameOf(database)},${table},connections`;
  await runProgram("ovs-appctl", ["-t", control, "ovsdb-server/add-remote", remote]);
  for (;;) {
    const select = { op: "select", table: "Connection", where: [], columns: ["status"] };
    const [result] = await world.transact(database, [select]);
    const port = /"bound_port","(\d+)"/.exec(JSON.stringify(result))?.[1];
    if (port !== undefined) return `tcp:127.0.0.1:${port}`;
  }
}

/** Changes how often the servers that listen so ask. */
export async function setProbe(world: World, databases: readonly Database[], probe: number): Promise<void> {
  for (const database of databases)
    await world.transact(database, [
      { op: "update", table: "Connection", where: [], row: { inactivity_probe: probe } },
    ]);
}
