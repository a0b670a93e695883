/** The texts of `--help` and `--version` of the daemon form. */
import type { DatabaseName, Environment } from "../../../core/databases.ts";
import { defaultRemote } from "../../../core/databases.ts";
import { CONNECTIONS } from "../../cli/index.ts";
import { DAEMON_OPTIONS } from "./options.ts";

export const PROGRAM = "ovn-ic";

/**
 * The release whose daemon this one stands in for: scripts take the last word of the first line for the
 * version of OVS or OVN.
 */
const LIKE = "26.03.1";

export function version(): string {
  return `${PROGRAM} ${__OVN_IC_TOOLS_VERSION__} (ovn-ic-tools), compatible with OVN ${LIKE}\n`;
}

/** What `--options` prints. */
export function optionUsages(): string {
  return DAEMON_OPTIONS.map(({ name, short, value }) => {
    const argument = { none: "", required: "ARG", optional: "[ARG]" }[value];
    const long = argument === "" ? `--${name}` : `--${name}=${argument}`;
    return short === undefined ? `${long}\n` : `${long}\n-${short} ${argument}\n`;
  }).join("");
}

export function help(environment: Environment, subcommands: string): string {
  const remote = (option: string, database: DatabaseName, title: string) =>
    `  ${`--${option}=DATABASE`.padEnd(23)}   connect to ${title} database at DATABASE\n` +
    `${" ".repeat(28)}(default: ${defaultRemote(database, environment)})\n`;
  return [
    `${PROGRAM}: OVN interconnection management daemon\n`,
    `usage: ${PROGRAM} [OPTIONS]\n       ${PROGRAM} SUBCOMMAND ...\n\nOptions:\n`,
    remote("ovnnb-db", "nb", "ovn-nb"),
    remote("ovnsb-db", "sb", "ovn-sb"),
    remote("ic-nb-db", "icNb", "ovn-ic-nb"),
    remote("ic-sb-db", "icSb", "ovn-ic-sb"),
    OPTIONS,
    CONNECTIONS,
    `\nSubcommands, each with a --help of its own:\n${subcommands}`,
  ].join("");
}

const OPTIONS = `  --unixctl=SOCKET          override default control socket name
  --metrics-listen=[ADDR:]PORT
                            serve /metrics, /healthz and /readyz there
  --metrics-host=NAME       they may be asked for under this name too
  --max-message-size=MIB    give up a server that sends more at once (default: 128)
  -h, --help                display this help message
  -o, --options             list available options
  -V, --version             display version information

Daemon options:
  --detach                run in background as daemon
  --monitor               creates a process to monitor this daemon
  --user=username[:group] changes the effective daemon user:group
  --no-chdir              do not chdir to '/'
  --pidfile[=FILE]        create pidfile (default: /var/run/ovn/ovn-ic.pid)
  --overwrite-pidfile     with --pidfile, start even if already running

Logging options:
  -vSPEC, --verbose=SPEC   set logging levels
  -v, --verbose            set maximum verbosity level
  --log-file[=FILE]        enable logging to specified FILE
                           (default: /var/log/openvswitch/ovn-ic.log)
  --log-format=(text|json) how log lines look
  --syslog-method=(libc|unix:file|udp:ip:port)
                           specify how to send messages to syslog daemon
  --syslog-target=HOST:PORT  also send syslog msgs to HOST:PORT via UDP
`;
