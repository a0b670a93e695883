// Which databases a command looks at, and reading them: live, or from a file.

import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import type { TlsOptions } from "ovsdb-client-ts";
import { ConnectionError, parseRemotes } from "ovsdb-client-ts";
import type { Environment } from "../../../core/databases.ts";
import { defaultRemote, runDirectory } from "../../../core/databases.ts";
import type { Reading, Readings, ZoneReadings } from "../../../core/insight/index.ts";
import { capture, readSnapshot, SnapshotError, World } from "../../../core/insight/index.ts";
import type { DatabaseName } from "../../../core/model/index.ts";
import { CommandError } from "../../cli/index.ts";
import { addConnectionOptions, parseSeconds, tlsOf } from "../tls-options.ts";
import type { Config, Place } from "./config.ts";
import { ConfigError, defaultConfig, readConfig } from "./config.ts";

export interface WorldOptions {
  readonly from?: string;
  readonly az?: readonly string[];
  readonly config?: string;
  readonly icNbDb?: string;
  readonly icSbDb?: string;
  readonly timeout: number;
  readonly maxMessageSize?: number;
}

/** Adds what says where zones are. */
export function addWorldOptions(command: Command, live = false): Command {
  if (!live) command.option("--from <FILE>", "a snapshot, instead of live databases");
  command
    .option(
      "--az <NAME,nb=REMOTES,sb=REMOTES>",
      "a zone's own databases; may be repeated",
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option(
      "--config <FILE>",
      "zones and their databases (default: $OVN_IC_CONFIG or ~/.config/ovn-ic/config.toml)",
    )
    .option(
      "--ic-nb-db <REMOTES>",
      "OVN_IC_Northbound (default: the config's, $OVN_IC_NB_DB or the local socket)",
    )
    .option(
      "--ic-sb-db <REMOTES>",
      "OVN_IC_Southbound (default: the config's, $OVN_IC_SB_DB or the local socket)",
    )
    .option("--timeout <SECONDS>", "give up a server that doesn't answer for so long", parseSeconds, 10);
  return addConnectionOptions(command);
}

/**
 * Reads all that can be read.
 *
 * @throws CommandError for what somebody typed or wrote into a config, and for a file that is no snapshot
 */
export async function readWorld(options: WorldOptions, environment: Environment): Promise<Readings> {
  if (options.from !== undefined) return readFile(options.from);
  const config = configOf(options, environment);
  const tls = tlsOf(options);
  const places = placesOf(options, config, environment);
  const read = async (database: DatabaseName, place: Place | null): Promise<Reading> => {
    if (place === null) return { database, remote: null, reason: "nobody said where it is" };
    return capture(database, checked(place.remotes), {
      tls: { ...place.tls, ...tls },
      timeout: options.timeout * 1000,
      ...(options.maxMessageSize === undefined ? {} : { maxMessageSize: options.maxMessageSize }),
    });
  };
  const zones = places.zones.map(async ({ name, nb, sb }): Promise<ZoneReadings> => {
    const [ofNb, ofSb] = await Promise.all([read("nb", nb), read("sb", sb)]);
    return { name, nb: ofNb, sb: ofSb };
  });
  const [icNb, icSb, ...rest] = await Promise.all([
    read("icNb", places.icNb),
    read("icSb", places.icSb),
    ...zones,
  ]);
  return { icNb, icSb, zones: rest };
}

/** @throws CommandError */
export function makeWorld(readings: Readings): World {
  try {
    return new World(readings);
  } catch (error) {
    throw new CommandError(
      `what was read is no OVN database: ${error instanceof Error ? error.message : error}`,
    );
  }
}

async function readFile(path: string): Promise<Readings> {
  try {
    return (await readSnapshot(readFileSync(path))).readings;
  } catch (error) {
    if (error instanceof SnapshotError) throw new CommandError(`${path}: ${error.message}`);
    if (error instanceof Error && "code" in error) throw new CommandError(`${path}: ${error.message}`);
    throw error;
  }
}

function configOf({ config }: WorldOptions, environment: Environment): Config {
  try {
    return readConfig(config ?? defaultConfig(environment), config !== undefined);
  } catch (error) {
    throw error instanceof ConfigError ? new CommandError(error.message) : error;
  }
}

interface ZonePlaces {
  readonly name: string | null;
  readonly nb: Place | null;
  readonly sb: Place | null;
}

interface Places {
  readonly icNb: Place;
  readonly icSb: Place;
  readonly zones: readonly ZonePlaces[];
}

/** What is typed counts most, then the config, then the environment, which knows one zone. */
function placesOf(options: WorldOptions, config: Config, environment: Environment): Places {
  const at = (remotes: string, tls: TlsOptions = {}): Place => ({ remotes, tls });
  const global = (database: "icNb" | "icSb", typed: string | undefined): Place =>
    typed !== undefined ? at(typed) : (config[database] ?? at(defaultRemote(database, environment)));
  const zones = new Map<string, ZonePlaces>();
  for (const [name, place] of config.zones) zones.set(name, { name, ...place });
  for (const text of options.az ?? []) {
    const zone = parseZone(text);
    zones.set(zone.name, { ...zones.get(zone.name), ...zone });
  }
  const known = [...zones.values()];
  return {
    icNb: global("icNb", options.icNbDb),
    icSb: global("icSb", options.icSbDb),
    zones: known.length > 0 || !isLocalZone(environment) ? known : [localZone(environment)],
  };
}

/** @throws CommandError */
function parseZone(text: string): ZonePlaces & { readonly name: string } {
  const wrong = (what: string) => new CommandError(`--az ${text}: ${what}: it is NAME,nb=REMOTES,sb=REMOTES`);
  // Remotes may have commas themselves: the next database begins at `,nb=` or `,sb=`.
  const [name = "", ...parts] = text.split(/,(?=(?:nb|sb)=)/);
  if (name === "" || name.includes("=")) throw wrong("it has no name");
  const places = new Map<string, Place>();
  for (const part of parts) {
    const remotes = part.slice(3);
    if (remotes === "") throw wrong(`${part} names no server`);
    places.set(part.slice(0, 2), { remotes: checked(remotes), tls: {} });
  }
  if (places.size === 0) throw wrong("it names no database");
  return { name, nb: places.get("nb") ?? null, sb: places.get("sb") ?? null };
}

/** @throws CommandError for what is no list of remotes */
function checked(remotes: string): string {
  try {
    parseRemotes(remotes);
    return remotes;
  } catch (error) {
    throw error instanceof ConnectionError ? new CommandError(error.message) : error;
  }
}

/** Whether this machine has, or knows of, a zone of its own. */
function isLocalZone(environment: Environment): boolean {
  const isNamed = (environment["OVN_NB_DB"] ?? "") !== "" || (environment["OVN_SB_DB"] ?? "") !== "";
  return isNamed || existsSync(`${runDirectory(environment)}/ovnnb_db.sock`);
}

function localZone(environment: Environment): ZonePlaces {
  const place = (database: DatabaseName): Place => ({
    remotes: defaultRemote(database, environment),
    tls: {},
  });
  return { name: null, nb: place("nb"), sb: place("sb") };
}
