/**
 * The manual page of `ovn-ic`: prose from ovn-ic.mdoc, lists from the program's own tables. Its directives:
 * - `@daemon-options`: the options of the daemon form, each with its block `option:NAME VALUE`,
 * - `@control-commands`: what the control socket knows, each with its block `control:NAME`,
 * - `@options-of SUBCOMMAND`: options as `--help` of the subcommand describes them,
 * - `@metrics`: metrics as `/metrics` describes them.
 */
import type { Command } from "commander";
import { Activity } from "../../src/commands/ovn-ic/daemon/activity.ts";
import { METRICS } from "../../src/commands/ovn-ic/daemon/metrics.ts";
import { DAEMON_OPTIONS, daemonLevels } from "../../src/commands/ovn-ic/daemon/options.ts";
import { controlCommands } from "../../src/commands/ovn-ic/daemon/serve.ts";
import { snapshotCommand } from "../../src/commands/ovn-ic/insight/snapshot.ts";
import { statusCommand } from "../../src/commands/ovn-ic/insight/status.ts";
import { sandboxCommand } from "../../src/commands/ovn-ic/sandbox.ts";
import { syncOptions } from "../../src/commands/ovn-ic/sync-options.ts";
import { PLANNERS, RULES } from "../../src/core/planners/index.ts";
import { Controller } from "../../src/core/sync/run/index.ts";
import { Log } from "../../src/daemon/log.ts";
import { BUILT_IN_COMMANDS } from "../../src/daemon/unixctl-server.ts";
import type { Blocks } from "./blocks.ts";
import { formatFlag } from "./blocks.ts";

const SUBCOMMANDS: readonly (() => Command)[] = [syncOptions, sandboxCommand, statusCommand, snapshotCommand];

/** A subcommand by its words: `snapshot save`. */
function subcommand(words: string): Command | undefined {
  const [first, second] = words.split(" ");
  const found = SUBCOMMANDS.map((make) => make()).find((one) => one.name() === first);
  return second === undefined ? found : found?.commands.find((one) => one.name() === second);
}

export function formatOvnIcPage(blocks: Blocks): string {
  const directives = {
    "@daemon-options": () => list(DAEMON_OPTIONS.flatMap((option) => blocks.option(option))),
    "@control-commands": () => list(formatCommands(blocks)),
    "@options-of": (name: string) => list(formatSubcommand(name)),
    "@metrics": () =>
      list(Object.entries(METRICS).flatMap(([name, text]) => [`.It Cm ${name}`, escapeText(text)])),
  };
  return blocks.format(directives, { PROGRAM: "ovn-ic" });
}

function list(items: readonly string[]): string[] {
  return [".Bl -tag -width Ds", ...items, ".El"];
}

/** All commands of the control socket, by name. None of them is run, and nothing is connected. */
function namesOfCommands(): { readonly name: string; readonly usage: string }[] {
  const nowhere = { nb: "unix:/", sb: "unix:/", icNb: "unix:/", icSb: "unix:/" };
  const activity = new Activity(PLANNERS);
  const controller = new Controller({ remotes: nowhere, rules: RULES });
  const log = new Log({ program: "ovn-ic", levels: daemonLevels() });
  const { commands, close } = controlCommands(
    { controller, activity, outages: { current: [] }, log },
    () => undefined,
  );
  close();
  return [...commands, ...BUILT_IN_COMMANDS].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function formatCommands(blocks: Blocks): string[] {
  return namesOfCommands().flatMap(({ name }) => {
    const { label, lines } = blocks.get(`control:${name}`);
    return [`.It Ic ${name}${label === "" ? "" : ` Ar ${label}`}`, ...lines];
  });
}

/** `-p, --private-key <FILE>` and what it is for. */
function formatSubcommand(name: string): string[] {
  const options = subcommand(name)?.options ?? [];
  return options.flatMap(({ flags, description }) => {
    const [, short, long = "", value] = /^(?:-(\w), )?(--[a-z-]+)(?: <(.*)>)?$/.exec(flags) ?? [];
    const flag = formatFlag(value === undefined ? long : `${long}=${value}`);
    const letter = short === undefined ? "" : `Fl ${short}${value === undefined ? "" : ` Ar ${value}`} , `;
    return [`.It ${letter}${flag}`, `${capitalized(escapeText(description))}.`];
  });
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Text that mandoc takes as it is. */
function escapeText(text: string): string {
  return text.replaceAll("\\", "\\e").replace(/^([.'])/, "\\&$1");
}
