/**
 * Syslog: where `--syslog-method` and `--syslog-target` (ovs-vswitchd(8), "Logging Options") send log lines,
 * in the forms in which the C programs send them. What nobody takes is lost: a log must not hold up a daemon.
 */
import { isIPv6 } from "node:net";
import type { LogLevel } from "./log-levels.ts";
import type { LogRecord } from "./log-pattern.ts";
import { formatRecord, priority } from "./log-pattern.ts";
import { loadNative, NATIVE_ADVICE } from "./native.ts";

/** A way to syslog. */
export interface SyslogRoute {
  /** The datagram that a message becomes. `line`: as the pattern for syslog has it. */
  readonly format: (record: LogRecord, line: string) => string;
  readonly send: (datagram: string) => void;
}

/** Ways to syslog, and what is to be said in the log about those that were asked for. */
export interface Syslog {
  readonly routes: SyslogRoute[];
  readonly remarks: { readonly level: LogLevel; readonly module: string; readonly text: string }[];
}

/** Where syslog(3) of the C library sends. */
const LOCAL_SOCKET = "/dev/log";
/** Milliseconds that a receiver has for a line … */
const PATIENCE = 500;
/** … and for which one that didn't take a line in that time is not waited for. */
const FORBEARANCE = 10_000;
/** RFC 5424 §6.2.1: the facility when nobody has named one. */
const DAEMON = 3;
const RFC_5424 = "<%B>1 %D{%Y-%m-%dT%H:%M:%S.###Z} %E %A %P %c - \ufeff%m";

const bare: SyslogRoute["format"] = ({ level, facility }, line) =>
  `<${priority(level, facility ?? DAEMON)}>${line}`;
const likeLibc: SyslogRoute["format"] = (record, line) =>
  bare(record, `${formatRecord("%d{%h %e %T} %A: ", record)}${line}`);
const modern: SyslogRoute["format"] = (record) => formatRecord(RFC_5424, record);

export function isSyslogMethod(text: string): boolean {
  return text === "libc" || text === "null" || /^(unix|udp):/.test(text);
}

/**
 * Looks for the ways to syslog.
 *
 * @param method `libc`, `null`, `unix:FILE` or `udp:HOST:PORT`; null: nothing was said about it, so it is
 *   `libc` where that is possible.
 * @param target HOST:PORT, to which everything goes as well, whatever the method is.
 */
export async function findSyslog(method: string | null, target: string | null): Promise<Syslog> {
  const syslog: Syslog = { routes: [], remarks: [] };
  const [, kind, place = ""] = /^([^:]*):?(.*)$/s.exec(method ?? "libc") ?? [];
  if (kind === "udp") await addUdp(syslog, place, bare);
  else if (kind !== "null") await addLocal(syslog, kind === "unix" ? place : null, method);
  if (target !== null) {
    await addUdp(syslog, target, modern);
    const text = "--syslog-target flag is deprecated, use --syslog-method instead";
    syslog.remarks.push({ level: "WARN", module: "vlog", text });
  }
  return syslog;
}

/** @param path of a unix socket; null: as the C library does it. */
async function addLocal(syslog: Syslog, path: string | null, method: string | null): Promise<void> {
  const native = await loadNative();
  if (native !== null) {
    const send = sender((datagram, patience) => native.send(path ?? LOCAL_SOCKET, datagram, patience));
    syslog.routes.push({ format: path === null ? likeLibc : bare, send });
  } else if (method !== null) {
    const text = `nothing is sent to syslog (${method}): ${NATIVE_ADVICE}`;
    syslog.remarks.push({ level: "WARN", module: "vlog", text });
  }
}

/** A receiver that has fallen behind is waited for; one that takes nothing is not, for a while. */
function sender(send: (datagram: string, patience: number) => boolean): SyslogRoute["send"] {
  let stuckUntil = 0;
  return (datagram) => {
    const patience = performance.now() < stuckUntil ? 0 : PATIENCE;
    if (!send(datagram, patience)) stuckUntil = performance.now() + FORBEARANCE;
  };
}

async function addUdp(syslog: Syslog, place: string, format: SyslogRoute["format"]): Promise<void> {
  const [, bracketed, name = "", port = ""] = /^(?:\[(.*)\]|([^:]*))(?::(.*))?$/s.exec(place) ?? [];
  const number = Number(port);
  if (!(/^\d+$/.test(port) && number > 0 && number < 65_536)) {
    syslog.remarks.push({ level: "ERR", module: "socket_util", text: `${place}: bad port number "${port}"` });
    return;
  }
  const host = bracketed ?? name;
  const { createSocket } = await import("node:dgram");
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  socket.on("error", () => undefined);
  socket.unref();
  syslog.routes.push({ format, send: (datagram) => socket.send(datagram, number, host, () => undefined) });
}
