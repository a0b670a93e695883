// Wall time and peak memory of programs.

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A program with its arguments, and what it reads from stdin. */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What several measurements of one thing say. */
export interface Summary {
  readonly median: number;
  /** Half of the measurements lie between these. */
  readonly from: number;
  readonly to: number;
}

const environment = { ...process.env };
// Costs every start of Node 38 ms, and nothing else.
delete environment.NODE_EXTRA_CA_CERTS;

/** Milliseconds from start to end. @throws Error if the program fails. */
function time({ name, command, input, environment: more }: Contender): number {
  const [program = "", ...args] = command;
  const begin = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    input: input ?? "",
    env: { ...environment, ...more },
    maxBuffer: 2 ** 30,
  });
  const milliseconds = performance.now() - begin;
  if (status !== 0) throw new Error(`${name} failed (${status}): ${stderr}`);
  return milliseconds;
}

/** Milliseconds, by name: the contenders take turns, so that all of them have the same noise. */
export function measure(
  contenders: readonly Contender[],
  runs: number,
  before: () => void = () => {},
): ReadonlyMap<string, Summary> {
  const samples = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let run = 0; run < runs; run++) {
    for (const contender of contenders) {
      before();
      samples.get(contender.name)?.push(time(contender));
    }
  }
  return new Map([...samples].map(([name, values]) => [name, summarize(values)]));
}

/** @param values at least one */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { median: at(0.5), from: at(0.25), to: at(0.75) };
}

/** Peak resident memory in MB: the high-water mark that the kernel keeps, read until the program ends. */
export function peakMemory({ name, command }: Contender): Promise<number> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "ignore", "inherit"] });
  let kilobytes = 0;
  const look = () => {
    try {
      const [, text] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "latin1")) ?? [];
      kilobytes = Math.max(kilobytes, Number(text ?? 0));
    } catch {
      // It has ended since.
    }
  };
  const timer = setInterval(look, 2);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      clearInterval(timer);
      if (status === 0) resolve(kilobytes / 1024);
      else reject(new Error(`${name} failed (${status})`));
    });
  });
}
