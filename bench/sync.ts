/**
 * `ovn-ic sync` beside the C program, on real databases.
 *
 *     npm run bench -- sync [--routes=N | --scenario=NAME | NAME]... [--against=PATH]... [--runs=N] [--full]
 *       [--json]
 *
 * In each scenario every controller gets fresh copies of the same four databases, in turns. What it wrote is
 * compared in the end: a table of times of controllers that do different things would mean nothing, and the
 * exit status says so. Times are between the request to commit a change and its effect in another database;
 * CPU time and memory are the kernel's accounts of the process.
 *
 * Without names the small scenarios are measured, with --full all of them. --against may be given more than
 * once; default: the system's ovn-ic.
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import type { Contender } from "./sync/contender.ts";
import { contenderAt, ours } from "./sync/contender.ts";
import { Template } from "./sync/databases.ts";
import type { Row } from "./sync/report.ts";
import { describeMachine, formatTable, summarize } from "./sync/report.ts";
import type { Scenario } from "./sync/scenarios.ts";
import { routes, SCENARIOS } from "./sync/scenarios.ts";
import type { SessionResult } from "./sync/session.ts";
import { runSession } from "./sync/session.ts";
import { STEPS } from "./sync/steps.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    routes: { type: "string", multiple: true, default: [] },
    scenario: { type: "string", multiple: true, default: [] },
    against: { type: "string", multiple: true, default: ["/usr/bin/ovn-ic"] },
    alone: { type: "boolean", default: false },
    runs: { type: "string" },
    steps: { type: "string" },
    limit: { type: "string", default: "300" },
    profile: { type: "string" },
    full: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const scenarioNames = [...values.scenario, ...positionals];

interface ScenarioResult {
  readonly scenario: string;
  /** In words. */
  readonly title: string;
  readonly rows: readonly Row[];
  /** What went wrong, for people. */
  readonly faults: readonly string[];
}

function chosen(): Scenario[] {
  const named = scenarioNames.map((name) => {
    const found = SCENARIOS.find((one) => one.name === name);
    if (found !== undefined) return found;
    throw new Error(`no scenario ${name}; there are ${SCENARIOS.map((one) => one.name).join(", ")}`);
  });
  const counted = values.routes.flatMap((text) => text.split(",")).map((text) => routes(Number(text)));
  const some = [...named, ...counted];
  return some.length > 0 ? some : SCENARIOS.filter(({ large }) => values.full || !large);
}

/** Whether it was asked for by name. */
function isNamed(scenario: Scenario): boolean {
  return scenarioNames.includes(scenario.name) || values.routes.length > 0;
}

async function measure(scenario: Scenario, contenders: readonly Contender[]): Promise<ScenarioResult> {
  const results: SessionResult[][] = contenders.map(() => []);
  const wanted = values.steps?.split(",");
  const names = scenario.steps.filter((name) => wanted?.includes(name) !== false);
  const steps = Object.fromEntries(names.map((name) => [name, STEPS[name]]));
  const templates = new Map<string, Template>();
  try {
    for (const { schemas } of contenders) {
      if (!templates.has(schemas)) templates.set(schemas, await Template.make(scenario.world, schemas));
    }
    const runs = Number(values.runs ?? (scenario.large ? (scenario.bar ? 2 : 1) : 3));
    for (let run = 0; run < runs; run++) {
      for (const [i, contender] of contenders.entries()) {
        if (i > 1 && !scenario.bar && !isNamed(scenario)) continue;
        const template = templates.get(contender.schemas);
        if (template === undefined) continue;
        const limit = Number(values.limit) * 1000;
        process.stderr.write(`${scenario.name}, run ${run + 1}: ${contender.name}\n`);
        results[i]?.push(await runSession(contender, template, scenario.world, steps, limit));
      }
    }
  } finally {
    for (const template of templates.values()) template.remove();
  }
  return {
    scenario: scenario.name,
    title: describe(scenario),
    rows: summarize(results),
    faults: contenders.flatMap(({ name }, i) => faultsOf(name, results[i] ?? [], results[0] ?? [])),
  };
}

function faultsOf(name: string, runs: readonly SessionResult[], first: readonly SessionResult[]): string[] {
  const expected = first.find(({ failure }) => failure === null)?.digest ?? "";
  return runs.flatMap(({ failure, digest }) => {
    if (failure !== null) return [`${name}: ${failure}`];
    return digest === expected
      ? []
      : [`${name} wrote something else than ours:\n${digest}\nours:\n${expected}`];
  });
}

function describe({ name, world }: Scenario): string {
  const { switches, attached, otherZones, portsPerZone, unrelated } = world;
  const zones =
    otherZones > 1 || portsPerZone > 1
      ? [`${otherZones} other zones with ${portsPerZone} ports on each`]
      : [];
  const beside = unrelated > 0 ? [`${unrelated} ports and as many bindings beside`] : [];
  const own =
    attached === switches ? `${switches} switches` : `${switches} switches, attached to ${attached}`;
  return [`${name}: ${world.routes} routes on ${own}`, ...zones, ...beside].join("; ");
}

const contenders = [
  ours(undefined, undefined, values.profile),
  ...(values.alone ? [] : values.against.map(contenderAt)),
];
const names = contenders.map(({ name }) => name);
const results: ScenarioResult[] = [];
for (const scenario of chosen()) {
  const result = await measure(scenario, contenders);
  results.push(result);
  if (values.json) continue;
  console.log(`\n### ${result.title}\n`);
  console.log(formatTable(names, result.rows));
  for (const fault of result.faults) console.log(`\nFAULT ${fault}`);
}
const versions = contenders.map((one) => one.version());
const machine = describeMachine();
const server = execFileSync("ovsdb-server", ["--version"], { encoding: "utf8" }).split("\n")[0];
if (values.json) console.log(JSON.stringify({ machine, names, versions, server, results }));
else console.log(`\n${[machine, server, ...versions].join("; ")}`);
if (results.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
