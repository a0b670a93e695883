// The two sides of a differential test: the C programs and ours, each with servers of its own, and what they
// answer in a form that can be compared.

import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { makeDirectory, runProgram } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { ServerProcess } from "../../../packages/ovsdb-client-ts/test/fixtures/process.ts";
import type { Release } from "../../harness/programs/ovn-sid.ts";
import type { Answer } from "./answer.ts";
import { plainAnswer } from "./answer.ts";
import type { Which } from "./fixture.ts";
import { contentsOf, databases, tablesOf } from "./fixture.ts";
import type { ReleaseFiles } from "./release.ts";
import { Rpc } from "./rpc.ts";

/** What a program printed, and how it ended. */
export type Ended = Omit<Answer, "contents">;

/** Runs a command line to its end. */
export type Runner = (
  which: Which,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
) => Promise<Ended>;

const root = join(import.meta.dirname, "../../..");

/** Runs the C programs of a release. */
export function oracleRunner(files: ReleaseFiles): Runner {
  return (which, args, environment) =>
    run([files.program(databases[which].program), ...args], environment, databases[which].program);
}

/** Runs our programs as they are published. */
export const ourRunner: Runner = (which, args, environment) =>
  run([process.execPath, join(root, `dist/${databases[which].program}.cjs`), ...args], environment);

/** Two databases, and a program that is run on them, always from the same contents. */
export class Contender {
  readonly #release: Release;
  readonly #runner: Runner;
  readonly #directory = makeDirectory();
  readonly #server: ServerProcess;
  #rpc: Rpc | undefined;
  /** What a database is filled with, as the server tells it. */
  readonly #initial = new Map<Which, string>();

  constructor(release: Release, files: ReleaseFiles, runner: Runner) {
    this.#release = release;
    this.#runner = runner;
    const args = [`--remote=punix:${this.#socket}`, `--unixctl=${this.#path("ctl")}`, "-vsyslog:off"];
    const files_ = (["nb", "sb"] as const).map((which) => this.#path(which));
    this.#server = new ServerProcess(files.program("ovsdb-server"), [...args, ...files_], this.#path("log"));
  }

  /** Starts the server and fills the databases. */
  async start(files: ReleaseFiles): Promise<void> {
    for (const which of ["nb", "sb"] as const) {
      const schema = files.schema(databases[which].schema);
      await runProgram(files.program("ovsdb-tool"), ["create", this.#path(which), schema]);
    }
    await this.#server.start([{ path: this.#socket }]);
    this.#rpc = new Rpc(`unix:${this.#socket}`);
    for (const which of ["nb", "sb"] as const) {
      await this.#fill(which);
      this.#initial.set(which, (await this.#dump(which)).join("\n"));
    }
  }

  async stop(): Promise<void> {
    this.#rpc?.close();
    await this.#server.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async answer(
    which: Which,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const ended = await this.#runner(which, args, {
      PATH: process.env.PATH ?? "",
      [databases[which].variable]: `unix:${this.#socket}`,
      OVN_RUNDIR: this.#directory,
      ...environment,
    });
    const contents = await this.#dump(which);
    if (contents.join("\n") !== this.#initial.get(which)) await this.#reset(which);
    return plainAnswer({ ...ended, contents });
  }

  get #socket(): string {
    return this.#path("sock");
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  async #transact(which: Which, operations: readonly object[]): Promise<unknown[]> {
    if (this.#rpc === undefined) throw new Error("not started");
    return await this.#rpc.transact(databases[which].database, operations);
  }

  /** All rows of a database, a line each. */
  async #dump(which: Which): Promise<string[]> {
    const tables = tablesOf(which, this.#release);
    const results = await this.#transact(
      which,
      tables.map((table) => ({ op: "select", table, where: [] })),
    );
    const rows = tables.flatMap((table, index) => rowsOf(table, results[index]));
    return rows.map((row) => withoutDangling(row, rows)).sort();
  }

  async #reset(which: Which): Promise<void> {
    const tables = tablesOf(which, this.#release);
    await this.#transact(
      which,
      tables.map((table) => ({ op: "delete", table, where: [] })),
    );
    // On its own: the uuid of a row can't be used again in the transaction that deletes the row.
    await this.#fill(which);
  }

  async #fill(which: Which): Promise<void> {
    await this.#transact(which, contentsOf(which, this.#release));
  }
}

/**
 * @param argv0 what the program takes for its name: the C programs print it where getopt_long(3) complains.
 */
function run(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  argv0?: string,
): Promise<Ended> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"], argv0 });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    }
    // Some commands wait for what never comes; a test that expects that says -t.
    const impatient = setTimeout(() => child.kill("SIGKILL"), 20_000);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(impatient);
      resolve({ ...texts, status: signal === null ? (code ?? -1) : 128 + constants.signals[signal] });
    });
  });
}

/**
 * A row without a weak reference to a row that is gone. ovsdb-server leaves it there if the transaction that
 * makes the other row go writes this one before that, and clears it if after; the order of operations is
 * nobody's promise.
 */
function withoutDangling(row: string, rows: readonly string[]): string {
  return row.replace(/(\["encap",)\["uuid",("[^"]+")\]/, (reference, column, uuid) =>
    rows.some((other) => other.startsWith("Encap ") && other.includes(`["_uuid",["uuid",${uuid}]]`))
      ? reference
      : `${column}["set",[]]`,
  );
}

function rowsOf(table: string, result: unknown): string[] {
  if (typeof result !== "object" || result === null || !("rows" in result) || !Array.isArray(result.rows)) {
    throw new Error(`no rows of ${table} in ${JSON.stringify(result)}`);
  }
  return result.rows.map((row: object) => {
    const columns = Object.entries(row).filter(([name]) => name !== "_version");
    return `${table} ${JSON.stringify(columns.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
  });
}
