// How to reach a sandbox: environment variables, and lines for a shell to `eval`.

import type { Description, Zone } from "./directory.ts";
import { configOf } from "./directory.ts";
import { SandboxError } from "./error.ts";
import { quoteForShell } from "./installation.ts";

/** The name of an AZ as a part of a shell name: `eu-west.1` is `eu_west_1`. */
export function shellName(az: string): string {
  return az.replaceAll(/[^A-Za-z0-9_]/g, "_");
}

/** @throws SandboxError if two AZs would share their variables. */
export function checkShellNames(azs: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const az of azs) {
    const name = shellName(az);
    const other = seen.get(name);
    if (other === az) throw new SandboxError(`--az ${az}: given twice`);
    if (other !== undefined) {
      throw new SandboxError(
        `--az ${az}: shell variables end in _${name} for this AZ and for ${other}: rename one`,
      );
    }
    seen.set(name, az);
  }
}

/** What programs need to find one AZ's databases and its daemons' control sockets. */
export function zoneEnvironment(zone: Zone): Record<string, string> {
  return {
    OVN_NB_DB: zone.nb,
    OVN_SB_DB: zone.sb,
    OVN_RUNDIR: zone.dir,
    OVN_NB_DAEMON: "",
    OVN_SB_DAEMON: "",
  };
}

/**
 * By these variables programs find a daemon of theirs, which has databases of its own. Empty ones count as
 * unset.
 */
const DAEMONS = ["OVN_IC_NB_DAEMON", "OVN_IC_SB_DAEMON", "OVN_NB_DAEMON", "OVN_SB_DAEMON"];

/**
 * The variables that describe a whole sandbox: `OVN_IC_NB_DB` and `OVN_IC_SB_DB`, which all OVN programs
 * know, and per AZ `OVN_NB_DB_az1`, `OVN_SB_DB_az1` and `OVN_RUNDIR_az1`. PATH begins with the programs of
 * another OVN installation, if one is used, and `in_az1`.
 */
export function sandboxEnvironment(description: Description): Record<string, string> {
  const env: Record<string, string> = {
    OVN_IC_SANDBOX: description.dir,
    OVN_IC_CONFIG: configOf(description),
    OVN_IC_NB_DB: description.icNb,
    OVN_IC_SB_DB: description.icSb,
  };
  for (const zone of description.azs) {
    for (const [name, value] of Object.entries(zoneEnvironment(zone)).filter(([, value]) => value !== ""))
      env[`${name}_${shellName(zone.name)}`] = value;
  }
  // A program that talks to a daemon asks that one, whatever the other variables say.
  for (const name of DAEMONS) env[name] = "";
  env.PATH = `${description.path}:${process.env.PATH ?? ""}`;
  return env;
}

/**
 * The same as lines for a POSIX shell, and per AZ a function that runs a command in it:
 * `in_az1 ovn-nbctl show`, `in_az1 ovn-appctl -t ovn-northd status`, `in_az1 ovn-ic sync --once`.
 */
export function formatForShell(description: Description): string {
  const { PATH: _, ...variables } = sandboxEnvironment(description);
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
  lines.push(`export PATH=${quoteForShell(description.path)}:"$PATH"`);
  for (const zone of description.azs)
    lines.push(`in_${shellName(zone.name)}() { ${assignments(zone)} "$@"; }`);
  return `${lines.join("\n")}\n`;
}

function assignments(zone: Zone): string {
  const variables = Object.entries(zoneEnvironment(zone));
  return variables.map(([name, value]) => `${name}=${quoteForShell(value)}`).join(" ");
}

/**
 * The same as programs, for what is no shell, and for whatever a shell starts: `in_az1 COMMAND [ARG...]`.
 *
 * @returns scripts by their names.
 */
export function zonePrograms(description: Description): Map<string, string> {
  return new Map(
    description.azs.map((zone) => {
      const name = `in_${shellName(zone.name)}`;
      const usage = `${name}: say which command: ${name} COMMAND [ARG...]`;
      const refuse = `[ $# -gt 0 ] || { echo '${usage}' >&2; exit 2; }`;
      return [name, `#!/bin/sh\n${refuse}\n${assignments(zone)} exec "$@"\n`];
    }),
  );
}
