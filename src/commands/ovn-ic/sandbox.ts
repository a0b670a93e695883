// `ovn-ic sandbox`: databases and availability zones on this machine, for as long as a person or a command
// needs them.
//
// Standard output carries only what a shell may `eval` (or JSON); all that is meant for people goes to
// standard error.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { Command, InvalidArgumentError, Option } from "commander";
import { closeDebugger } from "../../daemon/debugger.ts";
import type { ControllerKind, Description, Sandbox, SandboxProcess } from "../../sandbox/index.ts";
import {
  formatForShell,
  identify,
  quoteForShell,
  readRunning,
  recordProcess,
  sandboxEnvironment,
  shellName,
  startSandbox,
  stopSandbox,
} from "../../sandbox/index.ts";
import { EndSignals, signalNumber } from "./end-signals.ts";

interface ControllerChoice {
  /** Undefined: every AZ without a choice of its own. */
  readonly az: string | undefined;
  readonly kind: ControllerKind | "none";
}

interface Options {
  dir?: string;
  az?: string[];
  controller?: ControllerChoice[];
  routes?: boolean;
  northd: boolean;
  ovnRoot?: string;
  schemas?: string;
  keep?: boolean;
  json?: boolean;
  env?: string;
  stop?: string;
}

const afterHelp = `
Without COMMAND it stays in the foreground and stops everything at Ctrl-C or SIGTERM. With COMMAND it runs that in the
sandbox's environment and stops everything when it ends; the exit status is the command's.

  ovn-ic sandbox -- in_az1 ovn-nbctl show one command in one AZ, and nothing is left
  eval "$(ovn-ic sandbox --keep)"         start, and make this shell know the sandbox
  in_az1 ovn-nbctl show                   any command in one AZ: a program, with OVN_NB_DB, OVN_SB_DB, OVN_RUNDIR set
  ovn-ic-sbctl show                       OVN_IC_NB_DB and OVN_IC_SB_DB are set
  ovn-ic sandbox --stop "$OVN_IC_SANDBOX"

In the directory, AZ/ is the run directory of each availability zone with OVN's usual file names, logs included, and ic/
that of the interconnection databases. Stopping removes them. If ovn-ic sandbox itself is killed (SIGKILL), its servers
end with it and only the directory stays; with --keep they live on. --stop DIR cleans up in both cases.
`;

/** The subcommand `sandbox` of `ovn-ic`. */
export function sandboxCommand(): Command {
  return new Command("sandbox")
    .description(
      "Run IC databases and availability zones on this machine, each database in a server of its own.",
    )
    .usage("[options] [-- COMMAND [ARG...]]")
    .argument("[COMMAND...]", "run this in the sandbox, and stop when it ends")
    .option("--dir <DIR>", "use this new or empty directory (default: a temporary one)")
    .option("--az <NAME>", "an availability zone; may be repeated (default: az1 and az2)", collect)
    .addOption(
      new Option(
        "--controller <[AZ=]none|c|ours>",
        "interconnect all AZs, or one, by the C ovn-ic or by ours; may be repeated (default: none)",
      ).argParser(parseController),
    )
    .option("--routes", "advertise and learn routes in every AZ")
    .option("--no-northd", "run no ovn-northd")
    .option("--ovn-root <DIR>", "use the OVN below this prefix or root directory of a Debian system")
    .option("--schemas <DIR>", "take the .ovsschema files from here")
    .option("--keep", "start, and leave everything running")
    .option("--json", "print JSON instead of lines for a shell")
    .addOption(new Option("--env <DIR>", "print the environment of a running sandbox").conflicts("stop"))
    .option("--stop <DIR>", "stop a sandbox, and remove its files")
    .addHelpText("after", afterHelp)
    .action((command: string[], options: Options) => run(command, options));
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

function parseController(value: string, previous: ControllerChoice[] = []): ControllerChoice[] {
  const equals = value.lastIndexOf("=");
  const kind = value.slice(equals + 1);
  if (kind !== "none" && kind !== "c" && kind !== "ours") {
    throw new InvalidArgumentError(`"${kind}" is none of none, c, ours.`);
  }
  return [...previous, { az: equals < 0 ? undefined : value.slice(0, equals), kind }];
}

/** The later choice wins, and one for a single AZ wins over one for all. */
function controllersOf(
  azs: readonly string[],
  choices: readonly ControllerChoice[],
): Map<string, ControllerKind> {
  const general = choices.findLast((choice) => choice.az === undefined)?.kind ?? "none";
  const kinds = new Map<string, ControllerKind | "none">(azs.map((az) => [az, general]));
  for (const { az, kind } of choices) if (az !== undefined) kinds.set(az, kind);
  return new Map([...kinds].filter((entry): entry is [string, ControllerKind] => entry[1] !== "none"));
}

async function run(command: readonly string[], options: Options): Promise<void> {
  if (options.stop !== undefined) return stop(options.stop);
  if (options.env !== undefined) return print(readRunning(options.env), options);
  if (options.keep && command.length > 0) {
    throw new Error(
      "--keep and a COMMAND exclude each other: without --keep the sandbox lasts as long as the command",
    );
  }
  // A reader that has seen enough (`| head -1`) ends neither this program nor its servers.
  process.stdout.on("error", () => {});
  closeDebugger();
  const signals = new EndSignals();
  const started = performance.now();
  let sandbox: Sandbox;
  try {
    sandbox = await startSandbox(sandboxOptions(options, signals.aborted));
  } catch (error) {
    if (signals.first === undefined) throw error;
    say("interrupted: everything that had been started is stopped");
    process.exitCode = signals.exitStatus;
    return;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`${[...sandbox.azs.keys()].join(", ")} up in ${seconds} s in ${sandbox.dir}`);
  if (options.keep) {
    print(sandbox.description, options);
    say(`to stop it: ovn-ic sandbox --stop ${quoteForShell(sandbox.dir)}`);
    signals.release();
    return;
  }
  const me = identify(process.pid);
  if (me !== undefined) recordProcess(sandbox.dir, { name: "ovn-ic sandbox", role: "owner", ...me });
  try {
    if (command.length > 0) await runCommand(command, sandbox, signals);
    else await waitForSignal(sandbox, options, signals);
  } finally {
    await sandbox.stop();
  }
}

function sandboxOptions(options: Options, signal: AbortSignal): Parameters<typeof startSandbox>[0] {
  const azs = options.az ?? ["az1", "az2"];
  const controllers = controllersOf(azs, options.controller ?? []);
  const { dir, northd, routes, ovnRoot, schemas, keep } = options;
  const onUnexpectedEnd = (process: SandboxProcess) => {
    if (!signal.aborted) say(`${process.name} (process ${process.pid}) has ended; its log: ${process.log}`);
  };
  const ovnIc = process.argv[1];
  return { dir, azs, controllers, northd, routes, ovnRoot, schemas, keep, ovnIc, signal, onUnexpectedEnd };
}

async function stop(dir: string): Promise<void> {
  const ended = await stopSandbox(dir);
  say(
    ended.length === 0 ? "nothing was running any more; files removed" : `stopped ${ended.length} processes`,
  );
}

function print(description: Description, options: Options): void {
  const { dir, icNb, icSb, azs } = description;
  const env = sandboxEnvironment(description);
  const text = options.json
    ? `${JSON.stringify({ dir, icNb, icSb, azs, env }, undefined, 2)}\n`
    : formatForShell(description);
  process.stdout.write(text);
}

async function waitForSignal(sandbox: Sandbox, options: Options, signals: EndSignals): Promise<void> {
  print(sandbox.description, options);
  const az = shellName([...sandbox.azs.keys()][0] ?? "");
  say(`in another shell: eval "$(ovn-ic sandbox --env ${sandbox.dir})", then e.g.: in_${az} ovn-nbctl show`);
  say("Ctrl-C stops it");
  // Nothing else may keep the process alive: the servers are watched, but don't count.
  const alive = setInterval(() => {}, 2 ** 30);
  await signals.next;
  clearInterval(alive);
}

async function runCommand(command: readonly string[], sandbox: Sandbox, signals: EndSignals): Promise<void> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { stdio: "inherit", env: { ...process.env, ...sandbox.env } });
  // A terminal's Ctrl-C has reached the command already, and it is the command's business what to do about
  // it.
  signals.onSignal = (signal) => {
    if (signal !== "SIGINT") child.kill(signal);
  };
  process.exitCode = await exitStatus(child, file);
}

function exitStatus(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      say(`cannot run ${file}: ${error.message}`);
      resolve(127);
    });
    child.once("exit", (code, signal) => resolve(code ?? 128 + signalNumber(signal ?? "SIGTERM")));
  });
}

function say(text: string): void {
  process.stderr.write(`ovn-ic sandbox: ${text}\n`);
}
