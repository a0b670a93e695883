// `ovn-ic snapshot`: all that can be read, in one file, and what such a file has.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import type { Reading, Readings } from "../../../core/insight/index.ts";
import {
  capturesOf,
  isCapture,
  readSnapshot,
  SnapshotError,
  writeSnapshot,
} from "../../../core/insight/index.ts";
import { printable, printableJson } from "../../../core/printable.ts";
import { CommandError, show } from "../../cli/index.ts";
import { columns, EXIT, printJson, run } from "./output.ts";
import type { WorldOptions } from "./world.ts";
import { addWorldOptions, readWorld } from "./world.ts";

interface SaveOptions extends WorldOptions {
  readonly force?: boolean;
}

interface ShowOptions {
  readonly table?: string;
  readonly json?: boolean;
}

export function snapshotCommand(): Command {
  const save = new Command("save")
    .description("write what the databases hold to a file")
    .argument("<FILE>")
    .option("--force", "write over a file that is there");
  const print = new Command("show")
    .description("print what a snapshot has")
    .argument("<FILE>")
    .option("--table <TABLE>", "print the rows of a table")
    .option("--json", "print JSON");
  return new Command("snapshot")
    .description("all databases in one file: save it, look at it")
    .addCommand(
      addWorldOptions(save, true).action((file: string, options: SaveOptions) =>
        run("snapshot save", () => saveSnapshot(file, options)),
      ),
    )
    .addCommand(
      print.action((file: string, options: ShowOptions) =>
        run("snapshot show", () => showSnapshot(file, options)),
      ),
    );
}

async function saveSnapshot(file: string, options: SaveOptions): Promise<number> {
  if (options.force !== true && existsSync(file))
    throw new CommandError(`${file}: it is there already: --force writes over it`);
  const readings = await readWorld(options, process.env);
  const away = allOf(readings).filter(([, reading]) => !isCapture(reading));
  for (const [zone, reading] of away) {
    if (!isCapture(reading))
      show(2, `ovn-ic snapshot: ${nameOf(zone, reading)} is left out: ${printable(reading.reason)}\n`);
  }
  const captures = [...capturesOf(readings)];
  if (captures.length === 0) throw new CommandError("no database could be read: nothing is written");
  const bytes = await writeSnapshot(readings, new Date().toISOString());
  writeWhole(file, bytes);
  show(1, `${file}: ${captures.length} databases, ${Math.ceil(bytes.length / 1024)} KiB\n`);
  return away.length === 0 ? EXIT.fine : EXIT.found;
}

/** Writes a file that is there whole, or not at all. */
function writeWhole(file: string, bytes: Buffer): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    // What is in the databases is not for everybody on this machine.
    writeFileSync(temporary, bytes, { mode: 0o600, flag: "wx" });
    renameSync(temporary, file);
  } catch (error) {
    throw new CommandError(
      `${file}: could not be written (${error instanceof Error ? error.message : error})`,
    );
  }
}

async function showSnapshot(file: string, { table, json }: ShowOptions): Promise<number> {
  const bytes = readBytes(file);
  const { readings, taken } = await readSnapshot(bytes).catch((error: unknown) => {
    throw error instanceof SnapshotError ? new CommandError(`${file}: ${error.message}`) : error;
  });
  if (table !== undefined) return showTable(readings, table);
  const databases = allOf(readings).map(([zone, reading]) => describe(zone, reading));
  if (json === true) printJson("snapshot show", { taken, sha256: sha256(bytes), databases });
  else {
    show(1, `Taken ${taken}, SHA-256 ${sha256(bytes)}\n\n`);
    const rows = databases.map(({ zone, database, schemaVersion, remote, rows, reason }) => [
      zone ?? "",
      database,
      schemaVersion ?? "",
      reason ??
        (Object.entries(rows ?? {})
          .map(([name, size]) => `${name} ${size}`)
          .join(", ") ||
          "no rows"),
      remote ?? "",
    ]);
    show(1, columns(["ZONE", "DATABASE", "SCHEMA", "ROWS", "FROM"], rows, process.stdout));
  }
  return EXIT.fine;
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The rows of one table, in all databases that have it, a line of JSON each. */
function showTable(readings: Readings, table: string): number {
  let found = false;
  for (const [zone, capture] of capturesOf(readings)) {
    const rows = capture.tables[table];
    if (rows === undefined) continue;
    found = true;
    for (const row of rows) show(1, `${printableJson({ zone, database: capture.database, row })}\n`);
  }
  if (!found) throw new CommandError(`no database of it has a table ${printable(table)}`);
  return EXIT.fine;
}

function allOf({ icNb, icSb, zones }: Readings): (readonly [string | null, Reading])[] {
  const own = zones.flatMap(({ name, nb, sb }) => [[name, nb] as const, [name, sb] as const]);
  return [[null, icNb], [null, icSb], ...own];
}

function nameOf(zone: string | null, { database }: Reading): string {
  return zone === null ? database : `${database} of ${printable(zone)}`;
}

function describe(zone: string | null, reading: Reading) {
  const { database, remote } = reading;
  if (!isCapture(reading)) return { zone, database, remote, reason: reading.reason };
  const rows = Object.entries(reading.tables).flatMap(([name, list]) =>
    list.length === 0 ? [] : [[name, list.length] as const],
  );
  const { schema, taken, server } = reading;
  return {
    zone,
    database,
    remote,
    taken,
    server,
    schemaVersion: typeof schema["version"] === "string" ? schema["version"] : null,
    rows: Object.fromEntries(rows),
  };
}
