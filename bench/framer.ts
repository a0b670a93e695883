/**
 * Framing and decoding of a 60 MB monitor reply that arrives in 64 kB pieces, against JSON.parse of the whole
 * text.
 *
 *     npm run bench -- framer
 *
 * Prints medians of 10 runs, each in a process of its own, the ratio, and the peak memory (RSS) over that of
 * a process that only holds the pieces' source file open.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Framer } from "../packages/ovsdb-client-ts/src/jsonrpc/framer.ts";

const MEGABYTES = 60;
const RUNS = 10;
const PIECE = 64 * 1024;

interface Sample {
  readonly milliseconds: number;
  readonly peak: number;
}

/** A reply to monitor_cond_since of a southbound database: many rows of many small columns. */
function monitorReply(bytes: number): string {
  const uuid = (n: number) =>
    `${n.toString(16).padStart(8, "0")}-4c21-4d7e-9a3b-${(n * 7919).toString(16).padStart(12, "0")}`;
  const rows: string[] = [];
  for (let n = 0, length = 0; length < bytes; n++) {
    const row = {
      logical_port: `port-${n}`,
      datapath: ["uuid", uuid(n % 500)],
      tunnel_key: n % 32768,
      mac: [`0a:00:00:00:${(n >> 8) % 256}:${n % 256} 10.${(n >> 16) % 256}.${(n >> 8) % 256}.${n % 256}`],
      external_ids: [
        "map",
        [
          ["neutron:device_id", uuid(n + 1)],
          ["neutron:cidrs", `10.0.0.${n % 256}/24`],
          ["name", ""],
        ],
      ],
      options: [
        "map",
        [
          ["requested-chassis", `compute-${n % 100}`],
          ["mcast_flood", "true"],
        ],
      ],
      up: n % 3 === 0,
      gateway_chassis: ["set", []],
      nat_addresses: ["set", []],
      chassis: ["uuid", uuid(n % 100)],
    };
    const text = `"${uuid(n)}":{"initial":${JSON.stringify(row)}}`;
    rows.push(text);
    length += text.length + 1;
  }
  return `{"id":3,"result":[false,"00000000-0000-0000-0000-000000000000",{"Port_Binding":{${rows.join(",")}}}],"error":null}`;
}

/** Reads the file in pieces, timing only what `take` does with each. */
function inPieces(file: string, take: (piece: Buffer) => void): number {
  const descriptor = openSync(file, "r");
  let milliseconds = 0;
  for (;;) {
    const piece = Buffer.allocUnsafeSlow(PIECE);
    const length = readSync(descriptor, piece);
    if (length === 0) break;
    const begin = performance.now();
    take(piece.subarray(0, length));
    milliseconds += performance.now() - begin;
  }
  closeSync(descriptor);
  return milliseconds;
}

const subjects: { readonly [name: string]: (file: string) => number } = {
  nothing: (file) => inPieces(file, () => {}),
  parse: (file) => {
    const text = readFileSync(file, "latin1");
    const begin = performance.now();
    kept = JSON.parse(text);
    return performance.now() - begin;
  },
  framer: (file) => {
    const framer = new Framer((message) => {
      kept = message;
    });
    return inPieces(file, (piece) => framer.push(piece));
  },
};
let kept: unknown = null;

function measure(subject: string, file: string): Sample {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), subject, file], {
    encoding: "utf8",
  });
  if (child.status !== 0) throw new Error(`${subject} failed: ${child.stderr}`);
  return JSON.parse(child.stdout);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function compare(): void {
  const directory = mkdtempSync(join(tmpdir(), "bench-framer-"));
  try {
    const file = join(directory, "reply.json");
    const text = monitorReply(MEGABYTES * 1e6);
    writeFileSync(file, text);
    const size = text.length / 1e6;
    const samples: { readonly subject: string; readonly sample: Sample }[] = [];
    for (let run = 0; run < RUNS; run++) {
      for (const subject of Object.keys(subjects)) samples.push({ subject, sample: measure(subject, file) });
    }
    const of = (subject: string) => samples.filter((s) => s.subject === subject).map((s) => s.sample);
    const time = (subject: string) => median(of(subject).map((sample) => sample.milliseconds));
    const peak = (subject: string) => median(of(subject).map((sample) => sample.peak));
    const memory = (subject: string) => peak(subject) - peak("nothing");
    console.log(
      `message              ${size.toFixed(1)} MB in pieces of ${PIECE / 1024} kB, medians of ${RUNS} runs`,
    );
    for (const subject of ["parse", "framer"]) {
      const row = [`${time(subject).toFixed(0)} ms`, `${((size * 1000) / time(subject)).toFixed(0)} MB/s`];
      console.log(
        `${subject.padEnd(20)} ${row.join(", ")}, peak ${(memory(subject) / size).toFixed(2)} × the message`,
      );
    }
    console.log(`framer / parse       ${(time("framer") / time("parse")).toFixed(2)} (limit 1.40)`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const [subject, file] = process.argv.slice(2);
const run = subjects[subject ?? ""];
if (run !== undefined && file !== undefined) {
  const milliseconds = run(file);
  if (subject !== "nothing" && kept === null) throw new Error("no message");
  process.stdout.write(JSON.stringify({ milliseconds, peak: process.resourceUsage().maxRSS / 1000 }));
} else {
  compare();
}
