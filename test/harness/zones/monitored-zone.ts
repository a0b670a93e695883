/**
 * A zone with ports that other zones ask to be monitored, which are rows of the global database here, as any
 * of them might have written them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "ovsdb-client-ts";
import { Dropped } from "../../../src/commands/ovn-ic/daemon/dropped.ts";
import type { Note } from "../../../src/core/model/subject.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { sb } from "../../../src/core/schema/sb.ts";
import { newestSchemas } from "../schemas/newest.ts";
import { controller, settle, write, zones } from "./zones.ts";

type Monitor = Row<typeof icSb, "Service_Monitor">;

/**
 * The newest schemas, but that the global southbound database takes any port and protocol: as a server might
 * that is none of ours.
 */
export function laxSchemas(): string {
  const directory = newestSchemas();
  const file = join(directory, "ovn-ic-sb.ovsschema");
  const schema = JSON.parse(readFileSync(file, "utf8"));
  Object.assign(schema.tables.Service_Monitor.columns, {
    port: { type: "integer" },
    protocol: { type: { key: "string", min: 0, max: 1 } },
  });
  writeFileSync(file, JSON.stringify(schema));
  return directory;
}

/**
 * Zone az2 with ports vm2 (10.0.2.5), vm3 (10.0.2.6), and vm4, whose address is not known. There is no
 * northd: the installed one deletes what it did not make.
 */
export async function monitoredZone(schemas = newestSchemas()) {
  const sandbox = await zones({ azs: ["az2"], northd: false, schemas });
  const warned: Note[] = [];
  const dropped = new Dropped();
  const told = { warn: (note: Note) => warned.push(note), explain: dropped.explain };
  const az2 = controller(sandbox, "az2", { ...told, observers: [dropped] });
  az2.start();
  const southbound = (fill: Parameters<typeof write<typeof sb>>[2]) =>
    write(sb, sandbox.azs.get("az2")?.sb ?? "", fill);
  const global = (fill: Parameters<typeof write<typeof icSb>>[2]) => write(icSb, sandbox.icSb, fill);
  await southbound((transaction, replica) => {
    const options = { svc_monitor_mac: "0a:00:00:00:00:02" };
    const [there] = [...replica.table("SB_Global")];
    if (there === undefined) transaction.insert("SB_Global", { options });
    else transaction.update("SB_Global", there._uuid, { options });
    const datapath = transaction.insert("Datapath_Binding", { tunnel_key: 1 });
    for (const [i, mac] of [
      ["0a:00:00:00:02:05 10.0.2.5 fd00:2::5"],
      ["0a:00:00:00:02:06 10.0.2.6"],
      [],
    ].entries())
      transaction.insert("Port_Binding", {
        logical_port: `vm${i + 2}`,
        datapath,
        tunnel_key: i + 1,
        up: true,
        mac,
      });
  });
  await settle(sandbox, az2);
  /** What a zone asks for: by default the health of vm2. */
  const ask = (zone: string, ...monitors: Partial<Omit<Monitor, "_uuid">>[]) =>
    global((transaction) => {
      for (const monitor of monitors)
        transaction.insert("Service_Monitor", {
          type: "load-balancer",
          ip: "10.0.2.5",
          port: 80,
          protocol: "tcp",
          src_ip: "10.0.1.1",
          logical_port: "vm2",
          source_availability_zone: zone,
          target_availability_zone: "az2",
          ...monitor,
        });
    });
  /** Logical port and port of what is monitored, in order. */
  const monitored = () =>
    [...az2.view.sb.Service_Monitor].map((row) => `${row.logical_port}:${row.port}`).sort();
  const settled = () => settle(sandbox, az2);
  const nbctl = (...args: string[]) => sandbox.run("ovn-nbctl", args, "az2");
  const warnings = (reason: string) =>
    warned.filter((note) => note.reason === reason).map(({ text }) => text);
  return { sandbox, az2, southbound, global, ask, monitored, settled, nbctl, warnings, dropped };
}
