/**
 * A file with all that could be read, at one time: for a colleague, for a support case, for later.
 *
 * It is gzip, and in it lines of JSON: a head, a line for each database, and the SHA-256 of all lines before
 * the last. So it can be looked at with `zcat`, and a file that was cut off or changed is found out.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { JsonObject, JsonValue } from "ovsdb-client-ts";
import { isJsonObject, parseJson, stringifyJson } from "ovsdb-client-ts";
import type { DatabaseName } from "../model/index.ts";
import { DATABASE_NAMES } from "../model/index.ts";
import type { Capture, Reading, ServerState } from "./capture.ts";
import { isCapture } from "./capture.ts";
import type { Readings, ZoneReadings } from "./world.ts";

const FORMAT = "ovn-ic snapshot";
const VERSION = 1;
/** What a file may become: it must not take all memory. */
const MAX_SIZE = 1024 * 1024 * 1024;

/** A file that is no snapshot, or none that can be read. */
export class SnapshotError extends Error {}

/** @returns the bytes of the file. */
export async function writeSnapshot(readings: Readings, taken: string): Promise<Buffer> {
  const hash = createHash("sha256");
  const lines: string[] = [];
  const add = (line: JsonObject) => {
    const text = `${stringifyJson(line)}\n`;
    hash.update(text);
    lines.push(text);
  };
  add({ format: FORMAT, version: VERSION, taken });
  add({ zone: null, reading: encode(readings.icNb) });
  add({ zone: null, reading: encode(readings.icSb) });
  for (const { name, nb, sb } of readings.zones) {
    add({ zone: name ?? "", reading: encode(nb) });
    add({ zone: name ?? "", reading: encode(sb) });
  }
  lines.push(`${stringifyJson({ sha256: hash.digest("hex") })}\n`);
  return promisify(gzip)(lines.join(""));
}

export interface Snapshot {
  readonly readings: Readings;
  /** ISO 8601, UTC. */
  readonly taken: string;
}

/** @throws SnapshotError */
export async function readSnapshot(bytes: Buffer): Promise<Snapshot> {
  const text = (await unpack(bytes)).toString("utf8");
  const end = text.lastIndexOf("\n", text.length - 2) + 1;
  const [body, last] = [text.slice(0, end), text.slice(end)];
  const sum = member(parseLine(last.trimEnd()), "sha256");
  if (typeof sum !== "string") throw new SnapshotError("it is cut off: its last line is no checksum");
  if (createHash("sha256").update(body).digest("hex") !== sum)
    throw new SnapshotError("it was changed, or is damaged: the checksum is another one");
  const [head, ...lines] = body.trimEnd().split("\n").map(parseLine);
  const taken = checkHead(head);
  const readings = lines.map((line) => ({ zone: zoneOf(line), reading: decode(member(line, "reading")) }));
  const global = (database: DatabaseName) => {
    const found = readings.find(({ zone, reading }) => zone === null && reading.database === database);
    if (found === undefined) throw new SnapshotError(`it has no ${database}`);
    return found.reading;
  };
  return { taken, readings: { icNb: global("icNb"), icSb: global("icSb"), zones: zonesOf(readings) } };
}

async function unpack(bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_SIZE });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SnapshotError(`it is no snapshot, or cut off (${reason})`);
  }
}

function parseLine(line: string): JsonValue {
  try {
    return parseJson(line);
  } catch {
    throw new SnapshotError("it is no snapshot: a line is no JSON");
  }
}

function checkHead(head: JsonValue | undefined): string {
  const version = member(head, "version");
  const taken = member(head, "taken");
  if (member(head, "format") !== FORMAT || typeof version !== "number" || typeof taken !== "string")
    throw new SnapshotError("it is no snapshot");
  if (version > VERSION)
    throw new SnapshotError(`it has version ${version}, and this program knows ${VERSION}: use a newer one`);
  return taken;
}

function zoneOf(line: JsonValue): string | null {
  const zone = member(line, "zone");
  if (zone === null || typeof zone === "string") return zone;
  throw new SnapshotError("it is no snapshot: a database of no zone");
}

function zonesOf(
  readings: readonly { readonly zone: string | null; readonly reading: Reading }[],
): ZoneReadings[] {
  const zones: ZoneReadings[] = [];
  let pending: { readonly zone: string; readonly reading: Reading } | null = null;
  for (const { zone, reading } of readings) {
    if (zone === null) continue;
    if (pending === null) pending = { zone, reading };
    else {
      const [nb, sb] = [pending.reading, reading];
      if (pending.zone !== zone || nb.database !== "nb" || sb.database !== "sb")
        throw new SnapshotError(`it is no snapshot: zone ${zone} has not both databases`);
      zones.push({ name: zone || null, nb, sb });
      pending = null;
    }
  }
  if (pending !== null)
    throw new SnapshotError(`it is no snapshot: zone ${pending.zone} has not both databases`);
  return zones;
}

function encode(reading: Reading): JsonObject {
  if (!isCapture(reading)) return { ...reading };
  const { server, tables, ...rest } = reading;
  return { ...rest, server: server === null ? null : { ...server }, tables: { ...tables } };
}

function decode(json: JsonValue | undefined): Reading {
  const name = member(json, "database");
  const database = DATABASE_NAMES.find((one) => one === name);
  if (database === undefined)
    throw new SnapshotError(`it is no snapshot: there is no database ${String(name)}`);
  const [remote, reason, taken] = [member(json, "remote"), member(json, "reason"), member(json, "taken")];
  if (typeof reason === "string")
    return { database, reason, remote: typeof remote === "string" ? remote : null };
  const [schema, tables] = [member(json, "schema"), member(json, "tables")];
  if (
    typeof remote !== "string" ||
    typeof taken !== "string" ||
    !isJsonObject(schema) ||
    !isJsonObject(tables)
  )
    throw new SnapshotError(`it is no snapshot: ${database} is incomplete`);
  const rows = Object.entries(tables).map(([table, list]): [string, readonly JsonValue[]] => {
    if (!Array.isArray(list))
      throw new SnapshotError(`it is no snapshot: ${database} ${table} is no list of rows`);
    return [table, list];
  });
  const server = decodeServer(member(json, "server"));
  return { database, remote, taken, schema, server, tables: Object.fromEntries(rows) } satisfies Capture;
}

function decodeServer(json: JsonValue | undefined): ServerState | null {
  if (!isJsonObject(json)) return null;
  const text = (name: string) => (typeof json[name] === "string" ? json[name] : null);
  return {
    model: text("model") ?? "",
    leader: json.leader === true,
    connected: json.connected === true,
    cid: text("cid"),
    sid: text("sid"),
    index: typeof json.index === "number" ? json.index : null,
  };
}

function member(json: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(json) && Object.hasOwn(json, name) ? json[name] : undefined;
}
