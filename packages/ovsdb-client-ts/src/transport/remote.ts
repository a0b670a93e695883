/**
 * Remotes, the addresses of OVSDB: ovsdb(7), "Active Database Connection Methods" and "Passive Database
 * Connection Methods". Invariant: `parseRemote(formatRemote(r))` equals `r`.
 */
import { ConnectionError } from "../errors.ts";

/** The port that IANA assigned to OVSDB (RFC 7047 §6). */
const DEFAULT_PORT = 6640;

/** We connect to the server. */
export type ActiveRemote =
  | { readonly method: "unix"; readonly path: string }
  | { readonly method: "tcp" | "ssl"; readonly host: string; readonly port: number };

/**
 * The server connects to us. `host` is the local address to listen on, null for all. Port 0: the system
 * chooses.
 */
export type PassiveRemote =
  | { readonly method: "punix"; readonly path: string }
  | { readonly method: "ptcp" | "pssl"; readonly port: number; readonly host: string | null };

export type Remote = ActiveRemote | PassiveRemote;

const METHODS =
  "unix:PATH, tcp:HOST[:PORT], ssl:HOST[:PORT], punix:PATH, ptcp:[PORT][:HOST] or pssl:[PORT][:HOST]";

/**
 * Parses one remote. Hosts are IPv4 addresses, IPv6 addresses in brackets (with `%SCOPE` if need be) or DNS
 * names; the port is 6640 when left out.
 *
 * @throws ConnectionError when the text is not a remote.
 * @example
 * parseRemote("tcp:[fe80::1%eth0]"); // { method: "tcp", host: "fe80::1%eth0", port: 6640 }
 */
export function parseRemote(text: string): Remote {
  const colon = text.indexOf(":");
  const method = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  switch (method) {
    case "unix":
    case "punix":
      if (rest === "") fail(text, "the path is missing", "No such file or directory");
      return { method, path: rest };
    case "tcp":
    case "ssl":
      return { method, ...parseHostAndPort(text, rest) };
    case "ptcp":
    case "pssl":
      return { method, ...parsePortAndHost(text, rest) };
    default:
      return fail(text, colon < 0 ? "there is no connection method" : `unknown method "${method}"`);
  }
}

/**
 * Parses a comma separated list of remotes, or several such lists. What is empty between commas is skipped.
 *
 * @throws ConnectionError when one of them is not a remote, or when there is none.
 * @example
 * parseRemotes("tcp:10.0.0.1:6641,tcp:10.0.0.2:6641").length; // 2
 */
export function parseRemotes(remotes: string | readonly string[]): Remote[] {
  const texts = (typeof remotes === "string" ? [remotes] : remotes).flatMap((list) => list.split(","));
  const parsed = texts
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map(parseRemote);
  if (parsed.length === 0) fail(String(remotes), "there is no remote in it");
  return parsed;
}

/**
 * Writes a remote, its port always included.
 *
 * @example
 * formatRemote({ method: "ssl", host: "::1", port: 6640 }); // "ssl:[::1]:6640"
 */
export function formatRemote(remote: Remote): string {
  switch (remote.method) {
    case "unix":
    case "punix":
      return `${remote.method}:${remote.path}`;
    case "tcp":
    case "ssl":
      return `${remote.method}:${formatHost(remote.host)}:${remote.port}`;
    case "ptcp":
    case "pssl":
      return `${remote.method}:${remote.port}${remote.host === null ? "" : `:${formatHost(remote.host)}`}`;
  }
}

/**
 * Whether the server connects to us.
 *
 * @example
 * isPassive(parseRemote("ptcp:6640")); // true
 */
export function isPassive(remote: Remote): remote is PassiveRemote {
  return remote.method.startsWith("p");
}

function formatHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function parseHostAndPort(text: string, rest: string): { host: string; port: number } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(rest);
  // As in C, an IPv6 address without brackets is taken whole: there is no telling a port from its last group.
  const bare = rest.split(":").length > 2 ? [rest, rest, undefined] : /^([^:]*)(?::(.*))?$/.exec(rest);
  const [, host, port] = bracketed ?? bare ?? [];
  return { host: parseHost(text, host), port: port === undefined ? DEFAULT_PORT : parsePort(text, port, 1) };
}

function parsePortAndHost(text: string, rest: string): { port: number; host: string | null } {
  const colon = rest.indexOf(":");
  const port = colon < 0 ? rest : rest.slice(0, colon);
  const host = colon < 0 ? null : rest.slice(colon + 1).replace(/^\[(.*)\]$/, "$1");
  return {
    port: port === "" ? DEFAULT_PORT : parsePort(text, port, 0),
    host: host === null ? null : parseHost(text, host),
  };
}

function parseHost(text: string, host: string | undefined): string {
  if (host === undefined || host === "") return fail(text, "the host is missing");
  // Letters, digits, "-", "_" and "." of names and IPv4, ":" and "%scope" of IPv6; other letters for IDN.
  if (!/^[\p{L}\p{N}\-_.:%]+$/u.test(host)) fail(text, `"${host}" is neither an address nor a host name`);
  return host;
}

function parsePort(text: string, port: string, least: number): number {
  const number = /^[0-9]{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (!(number >= least && number <= 65535)) fail(text, `"${port}" is not a port (${least}…65535)`);
  return number;
}

/** @param reason what the C programs print; for most remotes that they cannot read it is the same. */
function fail(text: string, problem: string, reason = "Address family not supported by protocol"): never {
  throw new ConnectionError(`remote "${text}": ${problem}; a remote is ${METHODS}`, { remote: text, reason });
}
