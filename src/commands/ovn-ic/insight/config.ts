// Where zones are, as a file says it: a config of ours (config.toml), which a sandbox makes of itself too.

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { TlsOptions } from "ovsdb-client-ts";
import { parse, TomlError } from "smol-toml";
import type { Environment } from "../../../core/databases.ts";
import { setTls, TLS_OPTIONS } from "../../cli/index.ts";
import { absoluteRemotes } from "../../cli/remotes.ts";

/** A database's server, and how it is to be spoken to. */
export interface Place {
  readonly remotes: string;
  readonly tls: TlsOptions;
}

export interface Config {
  readonly icNb: Place | null;
  readonly icSb: Place | null;
  readonly zones: ReadonlyMap<string, { readonly nb: Place | null; readonly sb: Place | null }>;
}

export const NO_CONFIG: Config = { icNb: null, icSb: null, zones: new Map() };

/** A config that can't be used. */
export class ConfigError extends Error {}

/** The file that is read if nobody names one. */
export function defaultConfig(environment: Environment): string {
  const directory = environment.XDG_CONFIG_HOME || join(homedir(), ".config");
  return environment.OVN_IC_CONFIG || join(directory, "ovn-ic", "config.toml");
}

/**
 * Reads a config.
 *
 * @param needed whether it must be there: the default one need not.
 * @throws ConfigError with the file's name, and the line of what is wrong, as far as that is known.
 */
export function readConfig(path: string, needed: boolean): Config {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (!needed && isMissing(error)) return NO_CONFIG;
    throw new ConfigError(`${path}: could not be read (${error instanceof Error ? error.message : error})`);
  }
  try {
    return new Reader(dirname(path)).read(parse(text));
  } catch (error) {
    if (error instanceof TomlError)
      throw new ConfigError(`${path}:${error.line}: ${error.message.split("\n")[0]}`);
    throw error instanceof ConfigError ? new ConfigError(`${path}: ${error.message}`) : error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

type Table = Readonly<Record<string, unknown>>;

/**
 * Looks at what the file says; a word that nothing stands for is a mistake that somebody wants to know of.
 */
class Reader {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  read(root: Table): Config {
    this.#check("", root, ["ic", "tls", "zones"]);
    const tls = this.#tls("tls", this.#table("tls", root["tls"] ?? {}));
    const ic = this.#databases("ic", this.#table("ic", root["ic"] ?? {}), tls);
    const zones = Object.entries(this.#table("zones", root["zones"] ?? {}));
    return {
      icNb: ic.nb,
      icSb: ic.sb,
      zones: new Map(
        zones.map(([name, zone]) => {
          const where = `zones.${name}`;
          return [name, this.#databases(where, this.#table(where, zone), tls)];
        }),
      ),
    };
  }

  #databases(where: string, table: Table, above: TlsOptions) {
    this.#check(where, table, ["nb", "sb", "tls"]);
    const own = this.#tls(`${where}.tls`, this.#table(`${where}.tls`, table["tls"] ?? {}));
    const tls = { ...above, ...own };
    const place = (name: "nb" | "sb"): Place | null => {
      const remotes = table[name];
      if (remotes === undefined) return null;
      return { remotes: absoluteRemotes(this.#text(`${where}.${name}`, remotes), this.#directory), tls };
    };
    return { nb: place("nb"), sb: place("sb") };
  }

  /** By the names of the options. */
  #tls(where: string, table: Table): TlsOptions {
    this.#check(
      where,
      table,
      TLS_OPTIONS.map(({ name }) => name),
    );
    const tls: TlsOptions = {};
    for (const spec of TLS_OPTIONS) {
      const value = table[spec.name];
      if (value === undefined || value === false) continue;
      const text = spec.value === "none" ? "" : this.#text(`${where}.${spec.name}`, value);
      setTls(tls, spec, text);
    }
    return tls;
  }

  #check(where: string, table: Table, known: readonly string[]): void {
    const unknown = Object.keys(table).find((name) => !known.includes(name));
    if (unknown === undefined) return;
    const place = where === "" ? "" : `in [${where}] `;
    throw new ConfigError(`${place}"${unknown}" is nothing that is known there: ${known.join(", ")}`);
  }

  #table(where: string, value: unknown): Table {
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date)
      throw new ConfigError(`${where} must be a table`);
    return { ...value };
  }

  #text(where: string, value: unknown): string {
    if (typeof value === "string" && value !== "") return value;
    throw new ConfigError(`${where} must be a text`);
  }
}
