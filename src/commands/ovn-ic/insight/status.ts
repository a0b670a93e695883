// `ovn-ic status`: how far each zone has come, and what holds up those that are not there.

import { Command } from "commander";
import type { Status, Step, StepState, ZoneStatus } from "../../../core/insight/index.ts";
import { count, statusOf } from "../../../core/insight/index.ts";
import { printable } from "../../../core/printable.ts";
import { CommandError, show } from "../../cli/index.ts";
import type { Paint } from "../colours.ts";
import { paintFor } from "../colours.ts";
import type { FailOn, Severity } from "./output.ts";
import { columns, EXIT, failOnOption, fails, pasted, printJson, run } from "./output.ts";
import type { WorldOptions } from "./world.ts";
import { addWorldOptions, makeWorld, readWorld } from "./world.ts";

interface Options extends WorldOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly failOn: FailOn;
}

export function statusCommand(): Command {
  const command = new Command("status")
    .description("how far each availability zone has come, and what holds it up")
    .argument("[ZONE...]", "these zones only, with all steps")
    .option("-v, --verbose", "all steps of all zones")
    .option("--json", "print JSON")
    .addOption(failOnOption());
  return addWorldOptions(command).action((zones: readonly string[], options: Options) =>
    run("status", () => status(zones, options)),
  );
}

const SEVERITY: Readonly<Record<StepState, Severity | null>> = {
  failed: "error",
  undetermined: "warning",
  off: "info",
  ok: null,
};

async function status(names: readonly string[], options: Options): Promise<number> {
  const world = makeWorld(await readWorld(options, process.env));
  const unknown = names.find((name) => !world.zones.has(name));
  if (unknown !== undefined && world.isKnown("icSb")) {
    const known = [...world.zones.keys()].join(", ") || "none";
    throw new CommandError(`there is no zone ${printable(unknown)}: there are ${printable(known)}`);
  }
  const all = statusOf(world);
  const zones = names.length === 0 ? all.zones : all.zones.filter(({ zone }) => names.includes(zone));
  const shown: Status = { ...all, zones };
  if (options.json === true) printJson("status", shown);
  else {
    const paint = await paintFor(process.stdout, process.env);
    show(1, format(shown, options.verbose === true || names.length > 0, paint));
  }
  for (const { reason, remote } of all.unreachable)
    show(2, `ovn-ic status: ${printable(remote ?? "")}: ${printable(reason)}\n`);
  return exitStatus(shown, options.failOn);
}

function exitStatus({ zones, unreachable }: Status, failOn: FailOn): number {
  const severities = zones.flatMap(({ state }) => SEVERITY[state] ?? []);
  if (severities.includes("error") && fails("error", failOn)) return EXIT.found;
  if (unreachable.length > 0) return EXIT.unknown;
  return severities.some((severity) => fails(severity, failOn)) ? EXIT.found : EXIT.fine;
}

function format(status: Status, verbose: boolean, paint: Paint): string {
  const parts = [`${verdict(status)}\n`];
  if (status.zones.length > 0) parts.push(verbose ? details(status.zones) : overview(status.zones));
  parts.push(`${describeGlobal(status)}\n`);
  const next = nextSteps(status);
  if (next.length > 0) parts.push(`${next.map((line) => paint.heading(line)).join("\n")}\n`);
  return parts.join("\n");
}

function verdict({ zones, unreachable }: Status): string {
  if (unreachable.length > 0 && zones.length === 0)
    return "It can't be told: the global databases could not be read.";
  if (zones.length === 0) return "No availability zone has registered yet.";
  const failed = zones.filter(({ state }) => state === "failed").length;
  const unclear = zones.filter(({ state }) => state === "undetermined").length;
  if (failed > 0)
    return zones.length === 1
      ? `Zone ${printable(zones[0]?.zone ?? "")} is not in order.`
      : `${failed} of ${count(zones.length, "zone")} ${failed === 1 ? "is" : "are"} not in order.`;
  if (unclear > 0)
    return `${count(zones.length, "zone")}, nothing found; of ${unclear} not all could be told.`;
  return `${count(zones.length, "zone")}, all in order.`;
}

const WORDS: Readonly<Record<StepState, string>> = {
  ok: "ok",
  failed: "FAILED",
  off: "off",
  undetermined: "?",
};

/** The step that a zone's line is about: the first that failed, or else the first that is not in order. */
function decisive({ steps }: ZoneStatus): Step | undefined {
  for (const state of ["failed", "undetermined", "off"] as const) {
    const found = steps.find((step) => step.state === state);
    if (found !== undefined) return found;
  }
  return undefined;
}

function overview(zones: readonly ZoneStatus[]): string {
  const rows = zones.map((zone) => {
    const step = decisive(zone);
    const text = step === undefined ? summary(zone) : `${step.rung}: ${step.text}`;
    return [zone.zone, WORDS[zone.state], text];
  });
  return columns(["ZONE", "STATE", ""], rows, process.stdout);
}

/** What of a zone in order is worth a line. */
function summary({ steps }: ZoneStatus): string {
  const told = steps.filter(({ rung }) => ["gateways", "ports", "routes-out", "routes-in"].includes(rung));
  return told.map(({ text }) => text).join(", ");
}

function details(zones: readonly ZoneStatus[]): string {
  const rows = zones.flatMap(({ zone, steps }) =>
    steps.map(({ rung, state, text }, i) => [i === 0 ? zone : "", rung, WORDS[state], text]),
  );
  return columns(["ZONE", "STEP", "STATE", ""], rows, process.stdout);
}

function describeGlobal({ global, unreachable }: Status): string {
  if (unreachable.length > 0) return "Not all of the global databases could be read.";
  const { transitSwitches, transitRouters, routes } = global;
  return `${count(transitSwitches, "transit switch", "transit switches")}, ${count(transitRouters, "transit router")}, ${count(routes, "route")}.`;
}

/** What to type next. */
function nextSteps({ zones, global, unreachable }: Status): string[] {
  if (unreachable.length > 0) return [];
  if (zones.length === 0)
    return [
      "Next: name a zone (ovn-nbctl set NB_Global . name=az1), and run its controller (ovn-ic sync, or ovn-ic).",
    ];
  const remedies = zones.flatMap((zone) => {
    const remedy = decisive(zone)?.remedy;
    return remedy === undefined ? [] : [`${zone.zone}: ${pasted(remedy)}`];
  });
  if (remedies.length > 0) return remedies.map((line) => `Next, in ${printable(line)}`);
  if (global.transitSwitches + global.transitRouters === 0) return ["Next: ovn-ic-nbctl ts-add ts1"];
  return [];
}
