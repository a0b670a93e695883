/** The texts of `--help`, `--version`, `--commands` and `--options`, from the tables of commands and options. */
import { defaultRemote, type Environment } from "../../core/databases.ts";
import type { CommandGroup, HelpLine } from "./command.ts";
import { globalOptions, OUR_OPTIONS, type OurOption, type Settings } from "./global-options.ts";
import type { Program } from "./program.ts";

/** Replaced by the build with the version in package.json. */
declare const __OVN_IC_TOOLS_VERSION__: string;

/** What an option like `--help` prints. */
export function describe(
  program: Program,
  action: Exclude<Settings["action"], "run">,
  environment: Environment,
): string {
  switch (action) {
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

function ourOptions(heading: OurOption["heading"]): string {
  return `\n${heading}:\n${ourLines(heading)}`;
}

function ourLines(heading: OurOption["heading"]): string {
  const options = OUR_OPTIONS.filter((option) => option.heading === heading);
  return options.map(({ help: [synopsis, text] }) => helpLine([synopsis, text, OUR_COLUMN])).join("");
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

export const CONNECTIONS = `
Active database connection methods:
  tcp:HOST:PORT           PORT at remote HOST
  ssl:HOST:PORT           SSL/TLS PORT at remote HOST
  unix:FILE               Unix domain socket named FILE
Passive database connection methods:
  ptcp:PORT[:IP]          listen to TCP PORT on IP
  pssl:PORT[:IP]          listen for SSL/TLS on PORT on IP
  punix:FILE              listen on Unix domain socket FILE
PKI configuration (required to use SSL/TLS):
  -p, --private-key=FILE  file with private key
  -c, --certificate=FILE  file with certificate for private key
  -C, --ca-cert=FILE      file with peer CA certificate
  --bootstrap-ca-cert=FILE  file with peer CA certificate to read or create
SSL/TLS options:
  --ssl-protocols=PROTOS    range of SSL/TLS protocols to enable
  --ssl-ciphers=CIPHERS     list of SSL/TLS ciphers to enable
                            with TLSv1.2
  --ssl-ciphersuites=SUITES list of SSL/TLS ciphersuites to
                            enable with TLSv1.3 and later
  --ssl-server-name=NAME    server name for TLS Server Name
                            Indication (SNI)
${ourLines("SSL/TLS options")}`;
