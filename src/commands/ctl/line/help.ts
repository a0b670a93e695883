/**
 * The texts of `--help`, `--version`, `--commands` and `--options`, from the tables of commands and options.
 */
import type { Environment } from "../../../core/databases.ts";
import { defaultRemote } from "../../../core/databases.ts";
import { CONNECTIONS } from "../../cli/index.ts";
import type { CommandGroup, HelpLine, Program } from "../command/index.ts";
import { globalOptions, OUR_GROUPS, OUR_OPTIONS } from "./options.ts";
import type { Told } from "./settings.ts";

/** What an option like `--help` prints. */
export function describe(program: Program, what: Told, environment: Environment): string {
  switch (what) {
    case "version":
      return version(program);
    case "commands":
      return commandUsages(program);
    case "options":
      return optionUsages(program);
    case "help":
      return help(program, environment);
  }
}

function version({ name, schemaVersion }: Program): string {
  return `${name} ${__OVN_IC_TOOLS_VERSION__} (ovn-ic-tools)\nDB Schema ${schemaVersion}\n`;
}

/** A line per command for shell completion: options, name and arguments, separated by commas. */
function commandUsages({ groups }: Program): string {
  const commands = groups.flatMap((group) => group.commands);
  return commands
    .map(
      ({ name, options = [], usage }) => `${options.map((text) => `[${text}] `).join("")},${name},${usage}\n`,
    )
    .join("");
}

function optionUsages({ database }: Program): string {
  return [...globalOptions(database), ...OUR_OPTIONS]
    .map(({ name, short, value }) => {
      const argument = value === "none" ? ["", ""] : ["=ARG", " ARG"];
      return `--${name}${argument[0]}\n${short === undefined ? "" : `-${short}${argument[1]}\n`}`;
    })
    .join("");
}

function help(program: Program, environment: Environment): string {
  const { database } = program;
  return [
    `${program.name}: ${program.title}\n`,
    `\nusage: ${program.name} [OPTIONS] COMMAND [ARG...]\n`,
    ...program.groups.filter((group) => group.heading !== null).map((group) => `\n${groupHelp(group)}`),
    recordHelp(program),
    database === "icNb" ? SYNCHRONIZATION : "",
    `\n${generalOptions(program, environment)}`,
    OUTPUT_OPTIONS,
    ourOptions("Batch options"),
    ourOptions("Daemon options"),
    loggingOptions(program),
    CONNECTIONS,
  ].join("");
}

function groupHelp({ heading, commands }: CommandGroup): string {
  const lines = commands.flatMap(({ help: text = [] }) => text).map(helpLine);
  return `${heading}:\n${lines.join("")}`;
}

function helpLine(line: HelpLine): string {
  if (typeof line === "string") return `  ${line}\n`;
  const [synopsis, text, column = 29] = line;
  return `${`  ${synopsis}`.padEnd(column)}${text}\n`;
}

function recordHelp({ tables, recordNames }: Program): string {
  const records = [...tables]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([table, singleton]) => {
      const names = (recordNames[table] ?? []).map((column) => `    by "${column}"\n`);
      return `  ${table}:\n    by UUID\n${singleton ? '    as "."\n' : ""}${names.join("")}`;
    });
  return `Potentially unsafe database commands require --force option.
Database commands may reference a row in each table in the following ways:
${records.join("")}`;
}

const SYNCHRONIZATION = `
Synchronization command (use with --wait=sb):
  sync                     wait even for earlier changes to take effect
`;

const WAIT_OPTIONS = `  --no-wait, --wait=none      do not wait for OVN reconfiguration (default)
  --wait=sb                   wait for southbound database update
`;

function generalOptions({ database }: Program, environment: Environment): string {
  return `Options:
  --db=DATABASE               connect to DATABASE
                              (default: ${defaultRemote(database, environment)})
${database === "icNb" ? WAIT_OPTIONS : ""}  --no-leader-only            accept any cluster member, not just the leader
  -t, --timeout=SECS          wait at most SECS seconds
  --dry-run                   do not commit changes to database
  --oneline                   print exactly one line of output per command
`;
}

const OUTPUT_OPTIONS = `
Output formatting options:
  -f, --format=FORMAT         set output formatting to FORMAT
                              ("table", "html", "csv", or "json")
  -d, --data=FORMAT           set table cell output formatting to
                              FORMAT ("string", "bare", or "json")
  --no-headings               omit table heading row
  --pretty                    pretty-print JSON in output
  --bare                      equivalent to "--format=list --data=bare --no-headings"
`;

function ourOptions(heading: keyof typeof OUR_GROUPS): string {
  const lines = OUR_GROUPS[heading].map(([, [synopsis, text]]) => helpLine([synopsis, text, OUR_COLUMN]));
  return `\n${heading}:\n${lines.join("")}`;
}

/** Where the words about an option begin: as among the daemon options of ovn-nbctl(8). */
const OUR_COLUMN = 26;

function loggingOptions({ name, logModule }: Program): string {
  return `
Logging options:
  -vSPEC, --verbose=SPEC   set logging levels
  -v, --verbose            set maximum verbosity level
  --log-file[=FILE]        enable logging to specified FILE
                           (default: /var/log/openvswitch/${name}.log)
  --syslog-method=(libc|unix:file|udp:ip:port)
                           specify how to send messages to syslog daemon
  --syslog-target=HOST:PORT  also send syslog msgs to HOST:PORT via UDP
  --no-syslog             equivalent to --verbose=${logModule}:syslog:warn

Other options:
  -h, --help                  display this help message
  -V, --version               display version information
`;
}
