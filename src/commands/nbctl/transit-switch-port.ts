/** `tsp-add`, `tsp-set-addr`, `tsp-del`. */
import { parsePortAddresses } from "../../core/net/addresses.ts";
import { formatAddress, parseAddress } from "../../core/net/prefix.ts";
import { CommandError } from "../cli/index.ts";
import type { AnyRow, Behaviour, Behaviours, CommandContext, NeedsContext } from "../ctl/command/index.ts";
import { applySetting, needSettings } from "../ctl/commands/database/index.ts";
import { findTable, needTable, textOf } from "../ctl/find/index.ts";
import { findNamed, notFound, requireNamed, requireTable } from "./named-row.ts";

const SWITCH = "Transit_Switch";
const PORT = "Transit_Switch_Port";

const tspAdd: Behaviour = {
  needs: (context) => {
    needPorts(context);
    needSettings(context, findTable(context.schema, PORT), context.args.slice(2));
  },
  run: (context) => {
    const { args, options, schema, txn } = context;
    const [switchId = "", name = "", ...settings] = args;
    const transitSwitch = requireNamed(context, SWITCH, "switch", switchId);
    const existing = [...txn.rows(PORT)].find((row) => row.name === name);
    if (existing !== undefined && !options.has("may-exist")) {
      throw new CommandError(`${name}: a port with this name already exists`);
    }
    const port = existing?._uuid ?? txn.insert(PORT, { name });
    txn.verify(PORT, port, ["name"]);
    for (const setting of settings) applySetting(context, findTable(schema, PORT), port, setting);
    if (existing !== undefined) return;
    txn.verify(SWITCH, transitSwitch._uuid, ["name"]);
    txn.mutate(SWITCH, transitSwitch._uuid, "ports", "insert", [port]);
  },
};

const tspSetAddr: Behaviour = {
  needs: needPorts,
  run: (context) => {
    const [id = "", ...addresses] = context.args;
    const { txn } = context;
    const port = requireNamed(context, PORT, "switch port", id);
    const invalid = addresses.find((address) => !isValid(address));
    if (invalid !== undefined) {
      throw new CommandError(
        `${invalid}: Invalid address format. See ovn-ic-nb(5). ` +
          "Hint: An Ethernet address must be listed before an IP address, together as a single argument.",
      );
    }
    checkDuplicates(context, port, addresses);
    txn.verify(PORT, port._uuid, ["name"]);
    txn.update(PORT, port._uuid, { addresses });
  },
};

const tspDel: Behaviour = {
  needs: needPorts,
  run: (context) => {
    const { args, options, txn } = context;
    const [id = ""] = args;
    const port = findNamed(context, PORT, id);
    if (port === undefined) {
      if (options.has("if-exists")) return;
      throw notFound("switch port", id);
    }
    txn.verify(PORT, port._uuid, ["name"]);
    const owner = ownerOf(context, port);
    if (owner !== undefined) txn.mutate(SWITCH, owner._uuid, "ports", "delete", [port._uuid]);
    txn.delete(PORT, port._uuid);
  },
};

function needPorts(context: NeedsContext): void {
  requireTable(context, PORT);
  needTable(context, SWITCH, ["name", "ports"]);
  needTable(context, PORT, ["name", "addresses"]);
}

function portsOf(transitSwitch: AnyRow): readonly unknown[] {
  return Array.isArray(transitSwitch.ports) ? transitSwitch.ports : [];
}

function ownerOf({ txn }: CommandContext, port: AnyRow): AnyRow | undefined {
  return [...txn.rows(SWITCH)].find((transitSwitch) => portsOf(transitSwitch).includes(port._uuid));
}

/** What follows an Ethernet address isn't looked at. */
function isValid(address: string): boolean {
  if (["unknown", "dynamic", "router"].includes(address)) return true;
  const [, ip] = /^dynamic\s+(\S+)$/.exec(address) ?? [];
  if (ip !== undefined) return parseAddress(ip) !== null;
  return parsePortAddresses(address) !== null;
}

/** The IP addresses that some addresses hold, in the form in which they are compared and shown. */
function ipAddresses(addresses: readonly string[]): Map<string, 4 | 6> {
  const found = new Map<string, 4 | 6>();
  for (const address of addresses) {
    const parsed = parsePortAddresses(address);
    if (parsed === null) continue;
    for (const prefix of [...parsed.ipv4, ...parsed.ipv6]) found.set(formatAddress(prefix), prefix.family);
  }
  return found;
}

/** No IP address may be at two ports of one switch. */
function checkDuplicates(context: CommandContext, port: AnyRow, addresses: readonly string[]): void {
  const transitSwitch = ownerOf(context, port);
  if (transitSwitch === undefined) return;
  const wanted = ipAddresses(addresses);
  // Nobody may add a port, or an address to one, meanwhile.
  if (wanted.size > 0) context.txn.verify(SWITCH, transitSwitch._uuid, ["ports"]);
  for (const uuid of portsOf(transitSwitch)) {
    const other = uuid === port._uuid ? undefined : context.txn.get(PORT, String(uuid));
    if (other === undefined) continue;
    if (wanted.size > 0) context.txn.verify(PORT, other._uuid, ["addresses"]);
    const taken = ipAddresses(Array.isArray(other.addresses) ? other.addresses.map(String) : []);
    for (const [ip, family] of wanted) {
      if (!taken.has(ip)) continue;
      throw new CommandError(
        `Error on switch ${textOf(transitSwitch, "name")}: duplicate IPv${family} address '${ip}' ` +
          `found on logical switch port '${textOf(other, "name")}'`,
      );
    }
  }
}

export const behaviours: Behaviours = { "tsp-add": tspAdd, "tsp-set-addr": tspSetAddr, "tsp-del": tspDel };
