// What a line's transaction depends on: its `wait` operations (RFC 7047 §5.2.6), seen by a proxy between
// program and server. Whatever the C program makes a prerequisite, we do too; besides these only what is
// listed here.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  makeDirectory,
  runProgram,
  startProxy,
  startStandalone,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Release } from "../../harness/programs/ovn-sid.ts";
import { INSTALLATION_PATIENCE } from "../../harness/programs/ovn-sid.ts";
import { splitWords } from "../../harness/words.ts";
import type { Runner } from "./contender.ts";
import { oracleRunner, ourRunner } from "./contender.ts";
import type { Which } from "./fixture.ts";
import { contentsOf, databases, id } from "./fixture.ts";
import { findRelease } from "./release.ts";
import { Rpc } from "./rpc.ts";

/** Makes a line write something, since only then there is a transaction. */
const WRITE = {
  nb: "set IC_NB_Global . options:z=1",
  sb: "set IC_SB_Global . options:z=1",
};

/**
 * What each line reads is to be the same when it is committed. `set` and `add` of keys are not here: C
 * overwrites the whole column and must have it unchanged, ours touches only the key.
 */
const LINES: Readonly<Record<Which, string>> = {
  nb: `
    get Transit_Switch ts1 name external_ids
    get Transit_Switch ts1 external_ids:vendor
    --if-exists get Transit_Switch ts1 external_ids:nope
    --if-exists get Transit_Switch nope external_ids
    get Transit_Switch ts1 _uuid
    get Transit_Switch ${id.ts1} other_config
    get Transit_Switch abcd1 other_config
    get IC_NB_Global . external_ids
    --id=@x get Transit_Switch ts1 name
    get SSL . private_key
    get Connection . target status
    list Transit_Switch ts1
    find Transit_Switch name=ts1
    wait-until Transit_Switch ts1 external_ids:vendor=kube-ovn
    set Transit_Switch ts1 name=q
    set Transit_Switch ts1 external_ids:vendor=kube-ovn
    add Transit_Switch ts1 external_ids vendor=kube-ovn
    remove Transit_Switch ts1 external_ids vendor
    remove Transit_Switch ts1 external_ids nope
    remove Transit_Switch ts1 external_ids vendor=kube-ovn
    remove Transit_Switch ${id.ts1} external_ids vendor
    --if-exists remove Transit_Switch ts1 external_ids nope
    --if-exists remove Transit_Switch nope external_ids a
    remove IC_NB_Global . external_ids a
    remove Connection . inactivity_probe 60000
    clear Transit_Switch ts1 external_ids
    destroy Transit_Switch ts1
    --all destroy Transit_Switch
    create Transit_Switch name=new
    ts-add new
    --may-exist ts-add ts1
    ts-del ts1
    ts-list
    show
    init
    get-connection
    del-connection
    set-connection ptcp:6645
    --inactivity-probe=5000 set-connection ptcp:6645
    get-ssl
    del-ssl
    set-ssl /a /b /c
    --bootstrap set-ssl /a /b /c TLSv1.2 HIGH
    get-connection -- del-connection
    get-ssl -- set-ssl /a /b /c
    get Transit_Switch ts1 external_ids -- destroy Transit_Switch ts1
    get Transit_Switch ts1 external_ids -- destroy Transit_Switch ts2
    get Transit_Switch ts1 external_ids -- wait-until Transit_Switch ts1 external_ids:vendor=kube-ovn -- destroy Transit_Switch ts1
    get Transit_Switch ts1 name -- ts-del ts1
    get Transit_Switch ts1 name -- get Transit_Switch ts1 name external_ids
    get Transit_Switch ts1 external_ids -- set Transit_Switch ts1 external_ids:a=1
    set Transit_Switch ts1 external_ids:a=1 -- get Transit_Switch ts1 external_ids
    remove Transit_Switch ts1 external_ids vendor -- get Transit_Switch ts1 external_ids
    remove Transit_Switch ts1 external_ids vendor -- destroy Transit_Switch ts1
    add Transit_Switch ts1 external_ids a=1 -- get Transit_Switch ts1 external_ids
    --id=@n create Transit_Switch name=n -- get Transit_Switch n name external_ids
    ts-add a -- get Transit_Switch a name`,
  sb: `
    show
    get Availability_Zone az1 name
    get Gateway gw1 hostname encaps external_ids
    remove Gateway gw1 external_ids a
    remove Gateway gw1 encaps ${id.encap1}
    get Port_Binding p1 gateway address encap
    remove Port_Binding p1 encap ${id.encap1}
    get Datapath_Binding ts1 tunnel_key
    get Encap ${id.encap1} ip options:csum
    remove Encap ${id.encap1} options csum
    get Gateway gw1 external_ids -- wait-until Gateway gw1 external_ids:a=b -- destroy Gateway gw1
    list Gateway gw1
    get-connection
    del-connection
    set-connection ptcp:6645
    get-ssl
    del-ssl
    set-ssl /a /b /c`,
};

const NEWER_LINES = `
    get Transit_Router tr1 ports
    get Transit_Router_Port p1 networks
    remove Transit_Router_Port p1 networks 10.0.0.1/24
    --may-exist tr-add tr1
    tr-del tr1
    trp-add tr1 new 00:00:00:00:00:09 10.0.0.9/24 fd00::9/64 chassis=c
    --may-exist trp-add tr1 p1 00:00:00:00:00:01 10.0.0.1/24 fd00::1/64 chassis=c
    trp-del p1`;

/** That a row is there, or is called as when it was found; and what is listed in differences.md. */
const OURS =
  /^\S+ \S+ (_uuid|name|tr_uuid|transit_switch|logical_port|target)$|^Transit_Router_Port \S+ (mac|networks)$/;
const OURS_OF: Readonly<Record<string, RegExp>> = {
  "wait-until Transit_Switch ts1 external_ids:vendor=kube-ovn": /^Transit_Switch \S+ external_ids$/,
};

type Send = (lines: readonly string[]) => Promise<unknown>;

/** Compares what lines depend on with the C programs of a release. */
export function comparePrerequisites(release: Release): void {
  test.each(["nb", "sb"] as const)(
    `%s: what a line has read is a prerequisite of its transaction, as with ${release}`,
    async (which) => {
      const newer = release === "26.03.1" && which === "nb" ? NEWER_LINES : "";
      const lines = `${LINES[which]}${newer}`.split("\n").flatMap((line) => line.trim() || []);
      const { seen, environment } = await startWatch(which, release);
      const files = await findRelease(release, makeDirectory());
      const expected = await seen(oneByOne(oracleRunner(files), which, environment), lines);
      for (const [way, send] of await ourWays(which, environment)) {
        const actual = await seen(send, lines);
        const wrong = lines.flatMap((line, index) =>
          differences(line, expected[index] ?? [], actual[index] ?? []).map(
            (what) => `${way}: ${line}: ${what}`,
          ),
        );
        expect(wrong).toEqual([]);
      }
    },
    INSTALLATION_PATIENCE,
  );
}

function differences(line: string, expected: readonly string[], actual: readonly string[]): string[] {
  const more = actual.filter(
    (one) => !expected.includes(one) && !OURS.test(one) && !OURS_OF[line]?.test(one),
  );
  return [
    ...expected.filter((one) => !actual.includes(one)).map((one) => `lacks ${one}`),
    ...more.map((one) => `needs ${one} too`),
  ];
}

function words(which: Which, line: string): string[] {
  return ["--dry-run", ...splitWords(line), "--", ...splitWords(WRITE[which])];
}

type Environment = Readonly<Record<string, string>>;

function oneByOne(run: Runner, which: Which, environment: Environment, ...options: string[]): Send {
  return async (lines) => {
    for (const line of lines) {
      const { stderr, status } = await run(which, [...options, ...words(which, line)], environment);
      expect({ line, stderr, status }).toEqual({ line, stderr: "", status: 0 });
    }
  };
}

/** The ways on which our programs get a line to the server. */
async function ourWays(which: Which, environment: Environment): Promise<ReadonlyMap<string, Send>> {
  const { stdout } = await ourRunner(which, ["--detach"], environment);
  const socket = stdout.trim();
  onTestFinished(async () => {
    await runProgram("ovs-appctl", ["-t", socket, "exit"]);
  });
  const file = join(makeDirectory(), "lines");
  const batch: Send = async (lines) => {
    writeFileSync(file, lines.map((line) => `${words(which, line).slice(1).join(" ")}\n`).join(""));
    const { stderr, status } = await ourRunner(which, ["--dry-run", "--batch", file], environment);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  };
  return new Map([
    ["direct", oneByOne(ourRunner, which, environment)],
    ["--batch", batch],
    ["daemon", oneByOne(ourRunner, which, environment, "-u", socket)],
  ]);
}

/** A database with contents, and the prerequisites of each of some lines that are sent to it. */
async function startWatch(which: Which, release: Release) {
  const { database, schema, variable } = databases[which];
  const directory = makeDirectory();
  const files = await findRelease(release, directory);
  const server = await startStandalone({ schema: files.schema(schema) });
  onTestFinished(() => server.stop());
  const rpc = new Rpc(server.remote);
  await rpc.transact(database, contentsOf(which, release));
  rpc.close();
  const proxy = await startProxy({ target: server.remote });
  onTestFinished(() => proxy.stop());
  const transactions: string[][] = [];
  proxy.onMessage(({ from, text }) => {
    if (from === "client" && text.includes('"transact"')) transactions.push(waitsOf(text));
  });
  const seen = async (send: Send, lines: readonly string[]): Promise<string[][]> => {
    await send(lines);
    const all = transactions.splice(0);
    expect(all).toHaveLength(lines.length);
    return all;
  };
  return {
    seen,
    environment: { PATH: process.env.PATH ?? "", OVN_RUNDIR: directory, [variable]: proxy.remote },
  };
}

interface Wait {
  readonly table: string;
  readonly where: readonly (readonly [string, string, readonly [string, string]])[];
  readonly columns: readonly string[];
}

/** Each column of each row that a transaction depends on, as `TABLE UUID COLUMN`, in order and once each. */
function waitsOf(text: string): string[] {
  const { params }: { params: unknown[] } = JSON.parse(text);
  return [...new Set(params.flatMap((operation) => (isWait(operation) ? waited(operation) : [])))].sort();
}

function isWait(operation: unknown): operation is Wait {
  return typeof operation === "object" && operation !== null && "op" in operation && operation.op === "wait";
}

/** That a row is there is a wait for no column of it. */
function waited({ table, where, columns }: Wait): string[] {
  const row = `${table} ${where[0]?.[2][1]}`;
  return columns.length === 0 ? [`${row} _uuid`] : columns.map((column) => `${row} ${column}`);
}
