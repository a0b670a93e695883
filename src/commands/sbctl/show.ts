/** `init` and `show`: availability zones with their gateways, and the ports bound there. */
import { isUuid } from "ovsdb-client-ts";
import type { AnyRow, Behaviour, Behaviours, CommandContext } from "../ctl/command/index.ts";
import { needTable, sortedBy, textOf } from "../ctl/find/index.ts";

const show: Behaviour = {
  needs: (context) => {
    needTable(context, "Availability_Zone", ["name"]);
    needTable(context, "Gateway", ["name", "availability_zone", "hostname", "encaps"]);
    needTable(context, "Encap", ["type", "ip"]);
    const columns = ["logical_port", "transit_switch", "availability_zone", "gateway", "address"];
    needTable(context, "Port_Binding", columns);
  },
  run: (context) => {
    const [wanted] = context.args;
    const gateways = groupBy(context.txn.rows("Gateway"), (row) => textOf(row, "availability_zone"));
    const ports = groupBy(context.txn.rows("Port_Binding"), portPlace);
    for (const zone of sortedBy("name", context.txn.rows("Availability_Zone"))) {
      if (wanted !== undefined && !isCalled(zone, wanted)) continue;
      context.print(`availability-zone ${textOf(zone, "name")}\n`);
      for (const gateway of sortedBy("name", gateways.get(zone._uuid) ?? [])) {
        printGateway(context, gateway);
        const bound = ports.get(place(zone._uuid, textOf(gateway, "name"))) ?? [];
        for (const port of sortedBy("logical_port", bound)) printPort(context, port);
      }
    }
  },
};

function isCalled(row: AnyRow, id: string): boolean {
  const uuid = id.toLowerCase();
  return isUuid(uuid) ? row._uuid === uuid : row.name === id;
}

/** A gateway's name says where a port is only together with the zone: the port's own. */
function place(zone: string, gateway: string): string {
  return `${zone} ${gateway}`;
}

function portPlace(port: AnyRow): string {
  return place(textOf(port, "availability_zone"), textOf(port, "gateway"));
}

function printGateway({ txn, print }: CommandContext, gateway: AnyRow): void {
  print(`    gateway ${textOf(gateway, "name")}\n`);
  const hostname = textOf(gateway, "hostname");
  if (hostname !== "") print(`        hostname: ${hostname}\n`);
  const uuids = Array.isArray(gateway.encaps) ? gateway.encaps : [];
  for (const uuid of uuids) {
    const encap = txn.get("Encap", String(uuid));
    if (encap === undefined) continue;
    print(`        type: ${textOf(encap, "type")}\n            ip: ${textOf(encap, "ip")}\n`);
  }
}

function printPort({ print }: CommandContext, port: AnyRow): void {
  print(`        port ${textOf(port, "logical_port")}\n`);
  print(`            transit switch: ${textOf(port, "transit_switch")}\n`);
  print(`            address: ["${textOf(port, "address")}"]\n`);
}

function groupBy(rows: Iterable<AnyRow>, keyOf: (row: AnyRow) => string): Map<string, AnyRow[]> {
  const groups = new Map<string, AnyRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

export const behaviours: Behaviours = { show };
