/** `--dump-inc-proc-graph`: what feeds which planner, as a graph in the language DOT. */
import type { TableKey } from "../../../core/model/index.ts";
import type { Planner } from "../../../core/planning/index.ts";
import { tablesOf } from "../../../core/planning/index.ts";

const PREFIXES = { nb: "NB", sb: "SB", icNb: "ICNB", icSb: "ICSB" } as const;

/** @param name of the only planner to be shown; "": all */
export function formatGraph(planners: readonly Planner[], name: string): string {
  const shown = planners.filter((planner) => name === "" || planner.name === name);
  const inputs = new Map(shown.map((planner) => [planner, tablesOf(planner).map(nodeName)]));
  const nodes = new Set([...inputs.values()].flat());
  for (const planner of shown) nodes.add(planner.name);
  const node = (text: string) => `\t"${text}" [style=filled, shape=box, fillcolor=white, label="${text}"];\n`;
  const edges = [...inputs].flatMap(([planner, tables]) =>
    tables.map((table) => `\t"${table}" -> "${planner.name}" [label=""];\n`),
  );
  return `digraph "Incremental-Processing-Engine" {\n\trankdir=LR;\n${[...nodes].map(node).join("")}${edges.join("")}}\n`;
}

function nodeName(key: TableKey): string {
  const prefix = Object.entries(PREFIXES).find(([database]) => key.startsWith(`${database}.`))?.[1];
  return `${prefix}${key.slice(key.indexOf(".")).replace(".", "_").toLowerCase()}`;
}
