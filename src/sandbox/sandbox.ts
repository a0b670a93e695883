// OVN Interconnection on one machine: the IC databases and any number of availability zones, on unix sockets
// in one directory. One ovsdb-server per database, as in reality. Everything starts in parallel.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onAbort } from "ovsdb-client-ts";
import type { Description, Zone } from "./directory.ts";
import { claimDirectory, removeDirectory } from "./directory.ts";
import { sandboxEnvironment, zoneEnvironment, zonePrograms } from "./environment.ts";
import { SandboxError } from "./error.ts";
import type { Installation, Program, SchemaFile } from "./installation.ts";
import { findInstallation, linkPrograms, requirePrograms } from "./installation.ts";
import type { ControllerKind, SandboxOptions } from "./options.ts";
import { checkOptions, neededPrograms } from "./options.ts";
import type { SandboxProcess } from "./processes.ts";
import { ProcessGroup, runToEnd } from "./processes.ts";

/** A running sandbox. */
export interface Sandbox {
  readonly dir: string;
  /** Remotes of the IC databases. */
  readonly icNb: string;
  readonly icSb: string;
  readonly azs: ReadonlyMap<string, Zone>;
  /** For child processes: see `sandboxEnvironment`. */
  readonly env: Record<string, string>;
  readonly description: Description;
  /** All that was started, by name: `ic-nb`, `ic-sb`, `az1/nb`, `az1/sb`, `az1/northd`, `az1/ovn-ic`. */
  readonly processes: ReadonlyMap<string, SandboxProcess>;
  /** Starts a controller, one more if the AZ has some; resolves when the AZ is in the IC-SB. */
  startController(az: string, kind: ControllerKind): Promise<SandboxProcess>;
  /**
   * Runs one of the installation's programs to its end with the sandbox's environment, in an AZ if `az` says
   * so.
   *
   * @throws SandboxError with the program's standard error if the exit status isn't 0.
   */
  run(program: Program, args: readonly string[], az?: string): Promise<string>;
  /** Ends all processes and removes the directory. */
  stop(): Promise<void>;
}

/**
 * Starts a sandbox; resolves when the databases are filled by northd and the controllers have registered
 * their AZs.
 *
 * @throws SandboxError with everything stopped again, if a program is missing, the directory is in use, or a
 *   server fails.
 * @example
 * const sandbox = await startSandbox({ azs: ["az1", "az2"], routes: true, controllers: new Map([["az1", "c"]]) });
 * await sandbox.run("ovn-nbctl", ["lr-add", "lr1"], "az1");
 * await sandbox.stop();
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const azs = options.azs ?? ["az1", "az2"];
  checkOptions(options, azs);
  const installation = findInstallation(options.ovnRoot, options.schemas);
  requirePrograms(installation, neededPrograms(options));
  const setpriv = findInstallation().programs.get("setpriv");
  if (setpriv === undefined)
    throw new SandboxError("not found on this system's PATH: setpriv. Debian: util-linux");
  options.signal?.throwIfAborted();
  const description = claimDirectory(azs, options.dir, installation.root !== undefined);
  const group = new ProcessGroup(description.dir, setpriv, options.keep ?? false);
  group.onUnexpectedEnd = (process) => options.onUnexpectedEnd?.(process);
  const sandbox = new RunningSandbox(description, group, installation, options);
  const leave = onAbort(options.signal, () => sandbox.abandon());
  try {
    await sandbox.start();
    options.signal?.throwIfAborted();
    return sandbox;
  } catch (error) {
    await sandbox.stop();
    throw options.signal?.aborted ? options.signal.reason : error;
  } finally {
    leave();
  }
}

/** The caller's environment less what would lead OVN's programs elsewhere. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^OV[NS]_/.test(name)));
}

class RunningSandbox implements Sandbox {
  readonly description: Description;
  readonly azs: ReadonlyMap<string, Zone>;
  readonly #group: ProcessGroup;
  readonly #installation: Installation;
  readonly #options: SandboxOptions;
  readonly #abandoned = new AbortController();
  #commands: ReadonlyMap<Program, string> = new Map();
  /** Programs that are being run to their end. */
  readonly #running = new Set<Promise<string>>();

  constructor(
    description: Description,
    group: ProcessGroup,
    installation: Installation,
    options: SandboxOptions,
  ) {
    this.description = description;
    this.azs = new Map(description.azs.map((zone) => [zone.name, zone]));
    this.#group = group;
    this.#installation = installation;
    this.#options = options;
  }

  get dir(): string {
    return this.description.dir;
  }

  get icNb(): string {
    return this.description.icNb;
  }

  get icSb(): string {
    return this.description.icSb;
  }

  get env(): Record<string, string> {
    return sandboxEnvironment(this.description);
  }

  get processes(): ReadonlyMap<string, SandboxProcess> {
    return this.#group.processes;
  }

  async start(): Promise<void> {
    for (const [name, script] of zonePrograms(this.description))
      writeFileSync(join(this.description.azBin, name), script, { mode: 0o755 });
    this.#commands = linkPrograms(this.#installation, this.dir);
    const ic = this.#startIc();
    await Promise.all([ic, ...this.description.azs.map((zone) => this.#startZone(zone, ic))]);
  }

  async #startIc(): Promise<void> {
    const { icDir, icNb, icSb } = this.description;
    await Promise.all([
      this.#startDatabase("ic-nb", join(icDir, "ovn_ic_nb_db"), "ovn-ic-nb.ovsschema").then(() =>
        this.#run("ovn-ic-nbctl", [`--db=${icNb}`, "init"]),
      ),
      this.#startDatabase("ic-sb", join(icDir, "ovn_ic_sb_db"), "ovn-ic-sb.ovsschema").then(() =>
        this.#run("ovn-ic-sbctl", [`--db=${icSb}`, "init"]),
      ),
    ]);
  }

  async #startZone(zone: Zone, ic: Promise<void>): Promise<void> {
    const { name, dir, nb, sb } = zone;
    const routes = this.#options.routes ? ["options:ic-route-adv=true", "options:ic-route-learn=true"] : [];
    await Promise.all([
      this.#startDatabase(`${name}/nb`, join(dir, "ovnnb_db"), "ovn-nb.ovsschema").then(() =>
        this.#run("ovn-nbctl", [`--db=${nb}`, "set", "NB_Global", ".", `name=${name}`, ...routes]),
      ),
      this.#startDatabase(`${name}/sb`, join(dir, "ovnsb_db"), "ovn-sb.ovsschema").then(() =>
        this.#run("ovn-sbctl", [`--db=${sb}`, "init"]),
      ),
    ]);
    if (this.#options.northd !== false) await this.#startNorthd(zone);
    const kind = this.#options.controllers?.get(name);
    if (kind === undefined) return;
    await ic;
    await this.startController(name, kind);
  }

  async #startDatabase(name: string, base: string, schema: SchemaFile): Promise<void> {
    const file = `${base}.db`;
    await this.#run("ovsdb-tool", ["create", file, this.#installation.schemas.get(schema) ?? schema]);
    await this.#group.start({
      name,
      role: "server",
      file: this.#command("ovsdb-server"),
      args: [`--remote=punix:${base}.sock`, `--unixctl=${base}.ctl`, ...daemonArgs(base), file],
      env: cleanEnvironment(),
      log: `${base}.log`,
      socket: `${base}.sock`,
    });
  }

  async #startNorthd(zone: Zone): Promise<void> {
    const base = join(zone.dir, "ovn-northd");
    const northd = await this.#group.start({
      name: `${zone.name}/northd`,
      role: "client",
      file: this.#command("ovn-northd"),
      args: [`--ovnnb-db=${zone.nb}`, `--ovnsb-db=${zone.sb}`, ...daemonArgs(base)],
      env: this.#zoneEnv(zone),
      log: `${base}.log`,
    });
    await northd.whileUp(this.#run("ovn-nbctl", [`--db=${zone.nb}`, "--wait=sb", "sync"]));
  }

  async startController(az: string, kind: ControllerKind): Promise<SandboxProcess> {
    const zone = this.#zone(az);
    let base = join(zone.dir, "ovn-ic");
    let name = `${az}/ovn-ic`;
    for (let number = 2; this.processes.has(name); number++) {
      base = join(zone.dir, `ovn-ic-${number}`);
      name = `${az}/ovn-ic-${number}`;
    }
    const [file = "", ...before] = this.#controllerCommand(kind);
    const databases = [`--ovnnb-db=${zone.nb}`, `--ovnsb-db=${zone.sb}`];
    databases.push(`--ic-nb-db=${this.icNb}`, `--ic-sb-db=${this.icSb}`);
    const args = [...before, ...databases, ...(kind === "c" ? daemonArgs(base) : [])];
    const log = `${base}.log`;
    const controller = await this.#group.start({
      name,
      role: "client",
      file,
      args,
      env: this.#zoneEnv(zone),
      log,
    });
    try {
      const wait = [`--db=${this.icSb}`, "--timeout=60", "wait-until", "Availability_Zone", az];
      await controller.whileUp(this.#run("ovn-ic-sbctl", wait));
    } catch (error) {
      await controller.stop();
      throw error;
    }
    return controller;
  }

  #controllerCommand(kind: ControllerKind): string[] {
    if (kind === "c") return [this.#command("ovn-ic")];
    const { ovnIc } = this.#options;
    if (ovnIc === undefined)
      throw new SandboxError('a controller of kind "ours" needs the path of our ovn-ic');
    return [process.execPath, ovnIc, "sync", "--watch"];
  }

  async run(program: Program, args: readonly string[], az?: string): Promise<string> {
    const zone = az === undefined ? {} : zoneEnvironment(this.#zone(az));
    return runToEnd(this.#command(program), args, { ...cleanEnvironment(), ...this.env, ...zone });
  }

  /** Breaks off what is under way. */
  abandon(): void {
    this.#abandoned.abort();
  }

  async stop(): Promise<void> {
    this.abandon();
    await this.#group.stop();
    await Promise.allSettled(this.#running); // else one of them may yet write into the directory
    removeDirectory(this.description);
  }

  async #run(program: Program, args: readonly string[]): Promise<string> {
    const { signal } = this.#abandoned;
    signal.throwIfAborted();
    const run = runToEnd(this.#command(program), args, cleanEnvironment(), signal);
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  #command(program: Program): string {
    const command = this.#commands.get(program);
    if (command === undefined) throw new SandboxError(`not found in this OVN installation: ${program}`);
    return command;
  }

  #zone(az: string): Zone {
    const zone = this.azs.get(az);
    if (zone === undefined)
      throw new SandboxError(`this sandbox has no AZ ${az}, only ${[...this.azs.keys()].join(", ")}`);
    return zone;
  }

  #zoneEnv(zone: Zone): NodeJS.ProcessEnv {
    return { ...cleanEnvironment(), OVN_RUNDIR: zone.dir };
  }
}

/** What every OVS or OVN daemon is told: its pidfile, and to log to its file only. */
function daemonArgs(base: string): string[] {
  return [`--pidfile=${base}.pid`, `--log-file=${base}.log`, "-vconsole:off", "-vsyslog:off"];
}
