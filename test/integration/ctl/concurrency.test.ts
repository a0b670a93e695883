// Twenty shells at once, each running one program after the other on the same few rows.
//
// Every line carries a name of its own as a comment, and the server's file holds the comments of all
// transactions in their order. So it is known what was done and in which order, and a model of the commands,
// run in this order, tells what each line should have been told and what must be left at the end. That is
// serializability: a lost update, a line applied twice, a success that isn't there, or a failure without
// cause all contradict the model.
//
// OVSDB_TEST_FULL=1: 50 lines per shell instead of 10.

import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startStandalone, transact } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { readLog } from "../../harness/databases/log.ts";
import { pick, random, SEED } from "../../harness/random.ts";
import { nbctl } from "./programs.ts";

const SHELLS = 20;
const full = process.env.OVSDB_TEST_FULL === "1";
const LINES = full ? 50 : 10;
const SHARED = ["s0", "s1", "s2"];

interface Switch {
  readonly external_ids: Set<string>;
  readonly other_config: Map<string, string>;
}

/** The transit switches by name. */
type Model = Map<string, Switch>;

interface Line {
  readonly id: string;
  readonly words: readonly string[];
  /** What the line does to the model: whether it changes anything. Throws Refusal. */
  run(model: Model): boolean;
}

class Refusal extends Error {}

interface Told {
  readonly line: Line;
  readonly started: number;
  readonly ended: number;
  readonly status: number | null;
  readonly stderr: string;
}

function find(model: Model, name: string, otherwise: string): Switch {
  const found = model.get(name);
  if (found === undefined) throw new Refusal(otherwise);
  return found;
}

function create(model: Model, name: string): true {
  model.set(name, { external_ids: new Set(), other_config: new Map() });
  return true;
}

const noRow = (name: string) => `no row "${name}" in table Transit_Switch`;

type Kind = (id: string, name: string, mine: string[]) => Omit<Line, "id">;

const kinds: readonly Kind[] = [
  (_, name) => ({
    words: ["ts-add", name],
    run: (model) => {
      if (model.has(name)) throw new Refusal(`${name}: a transit switch with this name already exists`);
      return create(model, name);
    },
  }),
  (_, name) => ({
    words: ["ts-del", name],
    run: (model) => {
      find(model, name, `${name}: switch name not found`);
      return model.delete(name);
    },
  }),
  (_, name) => ({
    words: ["--if-exists", "ts-del", name, "--", "ts-add", name],
    run: (model) => create(model, name),
  }),
  (id, name) => ({
    words: ["--may-exist", "ts-add", name, "--", "add", "Transit_Switch", name, "external_ids", `${id}=1`],
    run: (model) => {
      if (!model.has(name)) create(model, name);
      find(model, name, "").external_ids.add(id);
      return true;
    },
  }),
  (id, name) => ({
    words: ["set", "Transit_Switch", name, `external_ids:${id}=1`],
    run: (model) => {
      find(model, name, noRow(name)).external_ids.add(id);
      return true;
    },
  }),
  (id, _, mine) => {
    mine.push(id);
    return {
      words: ["add", "Transit_Switch", "common", "external_ids", `${id}=1`],
      run: (model) => {
        find(model, "common", noRow("common")).external_ids.add(id);
        return true;
      },
    };
  },
  (_, __, mine) => {
    const key = mine.shift() ?? "nothing";
    return {
      words: ["remove", "Transit_Switch", "common", "external_ids", key],
      run: (model) => find(model, "common", noRow("common")).external_ids.delete(key),
    };
  },
  (id) => ({
    words: ["set", "Transit_Switch", "common", `other_config:last=${id}`],
    run: (model) => {
      find(model, "common", noRow("common")).other_config.set("last", id);
      return true;
    },
  }),
  () => ({
    words: ["remove", "Transit_Switch", "common", "other_config", "last"],
    run: (model) => find(model, "common", noRow("common")).other_config.delete("last"),
  }),
];

async function shell(number: number, remote: string, told: Told[]): Promise<void> {
  const next = random(SEED * 1000 + number);
  const mine: string[] = [];
  for (let count = 0; count < LINES; count++) {
    const id = `shell${number}-${count}`;
    const kind = pick(next, kinds);
    const line = { id, ...kind(id, pick(next, SHARED), mine) };
    const started = Date.now();
    const { status, stderr } = await nbctl(remote, ...line.words, "--", "comment", id);
    told.push({ line, started, ended: Date.now(), status, stderr });
  }
}

/** The state of the model from `since` on until the next one's. */
interface Moment {
  readonly since: number;
  readonly model: Model;
}

function copy(model: Model): Model {
  return new Map(
    [...model].map(([name, { external_ids, other_config }]) => [
      name,
      { external_ids: new Set(external_ids), other_config: new Map(other_config) },
    ]),
  );
}

/** What the model says of a line: "changes", "nothing to do", or the message on stderr. */
function verdict(line: Line, model: Model): string {
  try {
    return line.run(model) ? "changes" : "nothing to do";
  } catch (error) {
    if (error instanceof Refusal) return `ovn-ic-nbctl: ${error.message}\n`;
    throw error;
  }
}

/** Runs what was committed, in this order, on the model. */
function replay(committed: readonly (readonly [date: number, line: Line])[], begin: Model): Moment[] {
  const moments: Moment[] = [{ since: 0, model: begin }];
  let model = begin;
  for (const [since, line] of committed) {
    model = copy(model);
    expect(`${line.id}: ${verdict(line, model)}`).toBe(`${line.id}: changes`);
    moments.push({ since, model });
  }
  return moments;
}

/** What the model says of a line at the moments while it ran. */
function possibleVerdicts({ line, started, ended }: Told, moments: readonly Moment[]): Set<string> {
  const during = moments.filter(
    ({ since }, index) => since <= ended + 1 && (moments[index + 1]?.since ?? Infinity) >= started - 1,
  );
  return new Set(during.map(({ model }) => verdict(line, copy(model))));
}

async function contents(remote: string): Promise<unknown> {
  const columns = ["name", "external_ids", "other_config"];
  const [result] = await transact(remote, "OVN_IC_Northbound", {
    op: "select",
    table: "Transit_Switch",
    where: [],
    columns,
  });
  return result;
}

/** The model as the server answers for it. */
function rowsOf(model: Model): unknown {
  const map = (pairs: Iterable<readonly [string, string]>) => ["map", [...pairs].sort()];
  const rows = [...model].map(([name, { external_ids, other_config }]) => ({
    name,
    external_ids: map([...external_ids].map((key) => [key, "1"] as const)),
    other_config: map(other_config),
  }));
  return { rows: expect.toSatisfy((got: unknown) => sameRows(got, rows)) };
}

function sameRows(got: unknown, rows: readonly object[]): boolean {
  const sorted = (list: readonly unknown[]) =>
    list.map((row) => JSON.stringify(Object.entries(row ?? {}).sort())).sort();
  if (!Array.isArray(got)) return false;
  expect(sorted(got)).toEqual(sorted(rows));
  return true;
}

test(
  `${SHELLS} shells with ${LINES} lines each: what each was told is what happened`,
  async () => {
    const server = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-nb.ovsschema" });
    onTestFinished(() => server.stop());
    await nbctl(server.remote, "ts-add", "common");
    const told: Told[] = [];
    await Promise.all(Array.from({ length: SHELLS }, (_, number) => shell(number, server.remote, told)));

    const lines = new Map(told.map(({ line }) => [line.id, line]));
    const history = readLog(join(server.dir, "s.db")).flatMap(({ date, comment }) => {
      const line = lines.get(/ -- comment (shell\d+-\d+)$/.exec(comment)?.[1] ?? "");
      return line === undefined ? [] : [[date, line] as const];
    });
    const ids = history.map(([, line]) => line.id);
    expect(ids.length, "no line was committed twice").toBe(new Set(ids).size);
    const committed = new Set(ids);

    const begin: Model = new Map();
    create(begin, "common");
    const moments = replay(history, begin);
    const counts = { changes: 0, nothing: 0, refused: 0 };
    for (const one of told) {
      const { line, status, stderr } = one;
      if (status === 0 && committed.has(line.id)) {
        expect({ line: line.id, stderr }).toEqual({ line: line.id, stderr: "" });
        counts.changes += 1;
        continue;
      }
      expect(committed.has(line.id), `${line.words.join(" ")} failed and yet happened: ${stderr}`).toBe(
        false,
      );
      counts[status === 0 ? "nothing" : "refused"] += 1;
      const said = status === 0 ? "nothing to do" : stderr;
      expect([...possibleVerdicts(one, moments)], `${line.id} ${line.words.join(" ")}`).toContain(said);
    }
    const last = moments.at(-1);
    expect(await contents(server.remote)).toEqual(rowsOf(last?.model ?? new Map()));
    console.log(`${SHELLS} × ${LINES} lines: ${JSON.stringify(counts)}`);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
  },
  full ? 600_000 : 120_000,
);
