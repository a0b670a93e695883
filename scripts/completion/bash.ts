/**
 * Completion of the three programs for bash, from their tables of commands and options.
 *
 * What the generated functions do is the same for `ovn-ic-nbctl` and `ovn-ic-sbctl`; they differ in their
 * lists. Nothing is asked of a database: completing a word must not write, and every line of these programs
 * may.
 */
import type { Command as CommanderCommand } from "commander";
import type { Program } from "../../src/commands/ctl/command/index.ts";
import { globalOptions, OUR_OPTIONS } from "../../src/commands/ctl/line/index.ts";
import { nbctl } from "../../src/commands/nbctl/program.ts";
import { DAEMON_OPTIONS } from "../../src/commands/ovn-ic/daemon/options.ts";
import { snapshotCommand } from "../../src/commands/ovn-ic/insight/snapshot.ts";
import { statusCommand } from "../../src/commands/ovn-ic/insight/status.ts";
import { sandboxCommand } from "../../src/commands/ovn-ic/sandbox.ts";
import { syncCommand } from "../../src/commands/ovn-ic/sync.ts";
import { sbctl } from "../../src/commands/sbctl/program.ts";
import { PLANNERS } from "../../src/core/planners/index.ts";

/**
 * The script.
 *
 * @example writeFileSync("completion/ovn-ic-tools.bash", formatBash());
 */
export function formatBash(): string {
  return [
    HEAD,
    ctlLists("nbctl", nbctl),
    ctlLists("sbctl", sbctl),
    FUNCTIONS,
    valueFunction(),
    umbrella(),
    TAIL,
  ].join("\n");
}

const HEAD = `# Completion of ovn-ic-nbctl, ovn-ic-sbctl and ovn-ic for bash: source it, or put it into a directory of bash-completion.
# Made by \`npm run completion\` from the tables of commands and options.
`;

/** The lists of one program, as shell variables. */
function ctlLists(short: string, program: Program): string {
  const commands = program.groups.flatMap((group) => group.commands);
  const options = [...globalOptions(program.database), ...OUR_OPTIONS];
  const own = [...new Set(commands.flatMap((command) => command.options ?? []))];
  const valued = options.filter(({ value }) => value === "required");
  const onTables = commands.filter(({ usage }) => usage.startsWith("!TABLE")).map(({ name }) => name);
  const lists: Readonly<Record<string, readonly string[]>> = {
    commands: commands.map(({ name }) => name),
    options: options.map(({ name, value }) => `--${name}${value === "required" ? "=" : ""}`),
    command_options: own,
    valued: [
      ...valued.flatMap(({ name, short }) =>
        short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`],
      ),
      ...own.filter((option) => option.endsWith("=")).map((option) => option.slice(0, -1)),
    ],
    table_commands: onTables,
    tables: program.tables.map(([table]) => table),
  };
  return Object.entries(lists)
    .map(([name, words]) => `_ovn_ic_${short}_${name}="${words.join(" ")}"\n`)
    .join("");
}

const FUNCTIONS = String.raw`
# Offers those of the given words that begin with the current one.
_ovn_ic_offer() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
  # What ends in = goes on with its value.
  [[ $COMP_TYPE && \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}

# The words from position $2 on are a line of the program $1 (nbctl or sbctl). bash splits --name=value into three.
_ovn_ic_ctl() {
  local lists=_ovn_ic_$1_ at command="" position=0
  local commands=\${lists}commands options=\${lists}options own=\${lists}command_options
  local on_tables=\${lists}table_commands tables=\${lists}tables valued=\${lists}valued
  local first=yes
  for ((at = $2; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      --) command="" position=0 first=no ;;
      =) [[ $command ]] || at=$((at + 1)) ;;
      -*)
        # Its value is the next word, unless there is a = between.
        [[ -z $command && " \${!valued} " == *" \${COMP_WORDS[at]} "* && \${COMP_WORDS[at + 1]} != = ]] && at=$((at + 1)) ;;
      *) if [[ $command ]]; then position=$((position + 1)); else command=\${COMP_WORDS[at]} position=1; fi ;;
    esac
  done
  local previous=\${COMP_WORDS[COMP_CWORD - 1]} cur=\${COMP_WORDS[COMP_CWORD]}
  [[ $cur == = ]] && cur=""
  [[ \${COMP_WORDS[COMP_CWORD]} == = ]] || { [[ $previous == = ]] && previous=\${COMP_WORDS[COMP_CWORD - 2]}; }
  if [[ -z $command ]]; then
    case $previous in
      --format | -f) _ovn_ic_offer "table list html csv json"; return ;;
      --data | -d) _ovn_ic_offer "string bare json"; return ;;
      --wait) _ovn_ic_offer "none sb"; return ;;
      --private-key | --certificate | --ca-cert | --bootstrap-ca-cert | --log-file | --batch | --unixctl | --pidfile | -p | -c | -C | -u)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      --db) _ovn_ic_offer "unix: tcp: ssl:"; compopt -o nospace 2>/dev/null; return ;;
    esac
    if [[ $cur == -* && $first == yes ]]; then _ovn_ic_offer "\${!options} \${!own}"
    elif [[ $cur == -* ]]; then _ovn_ic_offer "\${!own}"
    else _ovn_ic_offer "\${!commands}"
    fi
  elif [[ $cur == -* ]]; then _ovn_ic_offer "--"
  elif [[ $position -eq 1 && " \${!on_tables} " == *" $command "* ]]; then _ovn_ic_offer "\${!tables}"
  elif [[ $command == set-ssl ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}

_ovn_ic_nbctl() { _ovn_ic_ctl nbctl 1; }
_ovn_ic_sbctl() { _ovn_ic_ctl sbctl 1; }
`.replaceAll("\\$", "$");

/** What values there are for options of the daemon, of `sync` and of `sandbox`. */
function valueFunction(): string {
  const remotes = "--ovnnb-db | --ovnsb-db | --ic-nb-db | --ic-sb-db | -d | -D | -i | -I";
  const files =
    "--private-key | --certificate | --ca-cert | --bootstrap-ca-cert | -p | -c | -C | --unixctl | -u | --from | --config | =--pidfile | =--log-file";
  const graphs = PLANNERS.map(({ name }) => name).join(" ");
  return String.raw`
# Offers values of the option before the current word; fails if it has none, or none that is known. A value that may be missing comes after a =.
_ovn_ic_value() {
  local option=\${COMP_WORDS[COMP_CWORD - 1]} equals=""
  if [[ $cur == = ]]; then cur="" equals==
  elif [[ $option == = ]]; then option=\${COMP_WORDS[COMP_CWORD - 2]} equals==
  fi
  case $option in --pidfile | --log-file | --verbose | --dump-inc-proc-graph) option=$equals$option ;; esac
  case $option in
    ${remotes}) compopt -o nospace 2>/dev/null; _ovn_ic_offer "unix: tcp: ssl:" ;;
    ${files}) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    --dir | --ovn-root | --schemas | --env | --stop) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    --controller) _ovn_ic_offer "none c ours" ;;
    --fail-on) _ovn_ic_offer "info warning error never" ;;
    --log-format) _ovn_ic_offer "text json" ;;
    --syslog-method) compopt -o nospace 2>/dev/null; _ovn_ic_offer "libc null unix: udp:" ;;
    --ssl-protocols) _ovn_ic_offer "TLSv1.2 TLSv1.3" ;;
    --user) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
    =--verbose) _ovn_ic_offer "off emer err warn info dbg" ;;
    =--dump-inc-proc-graph) _ovn_ic_offer "${graphs}" ;;
    *) [[ $equals ]] ;;
  esac
}
`.replaceAll("\\$", "$");
}

/** The daemon's options: those that must have a value end in =. */
function daemonOptions(): string {
  return DAEMON_OPTIONS.map(({ name, value }) => `--${name}${value === "required" ? "=" : ""}`).join(" ");
}

/**
 * `ovn-ic`: the daemon's options, or its subcommands: the two programs, and what commander knows of the
 * others.
 */
function umbrella(): string {
  const cases = [sandboxCommand(), snapshotCommand(), statusCommand(), syncCommand()].flatMap((command) => [
    `    ${command.name()}) _ovn_ic_value || _ovn_ic_offer "${wordsOf(command).join(" ")}" ;;`,
  ]);
  const names = ["nbctl", "sandbox", "sbctl", "snapshot", "status", "sync", "help", "--help", "--version"];
  return `_ovn_ic_daemon_options="${daemonOptions()}"

_ovn_ic() {
  local cur=\${COMP_WORDS[COMP_CWORD]}
  if [[ $COMP_CWORD -eq 1 && $cur != -?* ]]; then _ovn_ic_offer "${names.join(" ")}"; return; fi
  case \${COMP_WORDS[1]} in
    nbctl | sbctl) _ovn_ic_ctl "\${COMP_WORDS[1]}" 2 ;;
    help) _ovn_ic_offer "nbctl sandbox sbctl snapshot status sync" ;;
${cases.join("\n")}
    -*) [[ $COMP_CWORD -gt 1 ]] && _ovn_ic_value || _ovn_ic_offer "$_ovn_ic_daemon_options" ;;
  esac
}
`;
}

/** Subcommands and options, with those of the subcommands. */
function wordsOf(command: CommanderCommand): string[] {
  const options = (one: CommanderCommand) => one.options.flatMap(({ long }) => long ?? []);
  const below = command.commands.flatMap((one) => [one.name(), ...options(one)]);
  return [...new Set([...options(command), ...below, "--help"])];
}

const TAIL = `complete -F _ovn_ic_nbctl ovn-ic-nbctl
complete -F _ovn_ic_sbctl ovn-ic-sbctl
complete -F _ovn_ic ovn-ic
`;
