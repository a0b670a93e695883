/** `trp-add`, `trp-del`. */
import { formatPrefix, networkOf, parsePrefix } from "../../core/net/prefix.ts";
import { CommandError } from "../cli/index.ts";
import type { AnyRow, Behaviour, Behaviours, CommandContext, NeedsContext } from "../ctl/command/index.ts";
import { applySetting } from "../ctl/commands/database/index.ts";
import { findTable, needTable, textOf } from "../ctl/find/index.ts";
import { findNamed, notFound, requireNamed, requireTable } from "./named-row.ts";

const ROUTER = "Transit_Router";
const PORT = "Transit_Router_Port";

const trpAdd: Behaviour = {
  needs: needPorts,
  run: (context) => {
    const { args, options, schema, txn } = context;
    const [routerId = "", name = "", mac = "", ...rest] = args;
    // The first argument with a "=" is a setting, and so is all that follows it.
    const settingsAt = rest.findIndex((arg) => arg.includes("="));
    const networks = settingsAt === -1 ? rest : rest.slice(0, settingsAt);
    const settings = settingsAt === -1 ? [] : rest.slice(settingsAt);
    const router = requireNamed(context, ROUTER, "router", routerId);
    if (parseMac(mac) === null) throw new CommandError(`${name}: invalid mac address ${mac}`);
    const existing = [...txn.rows(PORT)].find((row) => row.name === name);
    if (existing !== undefined) {
      if (!options.has("may-exist")) throw new CommandError(`${name}: a port with this name already exists`);
      checkExisting(existing, name, mac, networks);
      txn.verify(PORT, existing._uuid, ["name", "mac", "networks"]);
      return;
    }
    const invalid = networks.find((network) => parsePrefix(network) === null);
    if (invalid !== undefined) throw new CommandError(`${name}: invalid network address: ${invalid}`);
    const port = txn.insert(PORT, { name, mac, networks, tr_uuid: router._uuid });
    const table = findTable(schema, PORT);
    for (const setting of settings) applySetting(context, table, port, setting);
    addPort(context, router, port);
  },
};

const trpDel: Behaviour = {
  needs: needPorts,
  run: (context) => {
    const { args, options, txn } = context;
    const [id = ""] = args;
    const port = findNamed(context, PORT, id);
    if (port === undefined) {
      if (options.has("if-exists")) return;
      throw notFound("router port", id);
    }
    txn.verify(PORT, port._uuid, ["name"]);
    for (const router of [...txn.rows(ROUTER)]) {
      if (!Array.isArray(router.ports) || !router.ports.includes(port._uuid)) continue;
      txn.mutate(ROUTER, router._uuid, "ports", "delete", [port._uuid]);
    }
    txn.delete(PORT, port._uuid);
  },
};

function needPorts(context: NeedsContext): void {
  requireTable(context, PORT);
  needTable(context, ROUTER, ["name", "ports"]);
  needTable(context, PORT, ["name", "mac", "networks", "chassis", "other_config", "tr_uuid"]);
}

function addPort({ txn }: CommandContext, router: AnyRow, port: string): void {
  txn.verify(ROUTER, router._uuid, ["name"]);
  txn.mutate(ROUTER, router._uuid, "ports", "insert", [port]);
}

/**
 * What `--may-exist` accepts: the same Ethernet address, and the same networks whatever the addresses in
 * them.
 */
function checkExisting(row: AnyRow, name: string, mac: string, networks: readonly string[]): void {
  const existingMac = textOf(row, "mac");
  if (parseMac(existingMac) !== parseMac(mac)) {
    throw new CommandError(`${name}: port already exists with mac ${existingMac}`);
  }
  const wanted = networkSet(networks);
  if (wanted === null) throw new CommandError(`${name}: Invalid networks configured`);
  const present = networkSet(Array.isArray(row.networks) ? row.networks.map(String) : []);
  if (present === null) throw new CommandError(`${name}: Existing port has invalid networks configured`);
  if (wanted.size !== present.size || [...wanted].some((network) => !present.has(network))) {
    throw new CommandError(`${name}: port already exists with different network`);
  }
}

function networkSet(texts: readonly string[]): ReadonlySet<string> | null {
  const networks = new Set<string>();
  for (const text of texts) {
    const prefix = parsePrefix(text);
    if (prefix === null) return null;
    networks.add(formatPrefix(networkOf(prefix)));
  }
  return networks;
}

/** An Ethernet address in one form, `0:a:…` like `00:0A:…`; null if the text is none. */
function parseMac(text: string): string | null {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(text)) return null;
  const octets = text.split(":").map((octet) => octet.toLowerCase().padStart(2, "0"));
  return octets.join(":");
}

export const behaviours: Behaviours = { "trp-add": trpAdd, "trp-del": trpDel };
