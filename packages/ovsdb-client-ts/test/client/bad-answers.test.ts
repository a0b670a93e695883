// Every request that a client sends, and every way in which a server can answer it wrongly: the connection is
// given up, or, where servers may refuse the request, the refusal is reported. A promise that nobody waits
// for and that is rejected all the same fails the run.

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { OvsdbClient } from "../../src/client.ts";
import { RequestError } from "../../src/errors.ts";
import type { JsonValue } from "../../src/jsonrpc/json.ts";
import { isJsonArray, isJsonObject, parseJson } from "../../src/jsonrpc/json.ts";
import type { MonitorMethod } from "../../src/replica/monitor.ts";
import type { Replica } from "../../src/txn/replica.ts";
import type { Changes, Server } from "../fixtures/index.ts";
import { startFilter, startStandalone } from "../fixtures/index.ts";
import { schema } from "../session/sessions.ts";

/**
 * Within this many milliseconds everything here happens, on however busy a machine: the slowest are two
 * probes.
 */
const WITHIN = 12_000;

/** Greatest size of a message here. */
const LIMIT = 64 * 1024;

/** What is answered instead of what the server says. */
const ANSWERS: Readonly<Record<string, (id: number, honest: string) => string>> = {
  "with an id that nobody used": () => '{"id":4711,"result":{},"error":null}',
  "with an id that is no number": () => '{"id":{},"result":{},"error":null}',
  "with a number": (id) => `{"id":${id},"result":42,"error":null}`,
  "with null": (id) => `{"id":${id},"result":null,"error":null}`,
  "with lists of lists": (id) => `{"id":${id},"result":[[[]]],"error":null}`,
  "with neither a result nor an error": (id) => `{"id":${id}}`,
  "with an error": (id) => `{"id":${id},"result":null,"error":"lunacy"}`,
  "with an error that is a list": (id) => `{"id":${id},"result":null,"error":[[1]]}`,
  twice: (_, honest) => honest + honest,
  "without end": (id) => `{"id":${id},"result":[${"0,".repeat(LIMIT)}`,
  "not at all, nor anything else": () => "",
};
const SILENCE = "not at all, nor anything else";
const ERRORS = ["with an error", "with an error that is a list"];

interface Client {
  readonly client: OvsdbClient;
  readonly replica: Replica;
}

interface Request {
  /** Which message is answered wrongly, the first time that it is sent. */
  readonly is: (method: string, params: readonly JsonValue[]) => boolean;
  /** Has the client send it, once it is up; by itself it sends only what it begins with. */
  readonly send?: (client: Client) => Promise<unknown>;
  /** What the server gets to read as something that it doesn't know. */
  readonly unknown?: (method: string, params: readonly JsonValue[]) => boolean;
  readonly monitor?: MonitorMethod;
  /** Answers to which the connection is not given up. */
  readonly goesOn?: readonly string[];
  /** Of errors among these: what becomes of them. Default: nobody hears of them. */
  readonly reported?: (outcome: PromiseSettledResult<unknown>) => void;
}

const isRefused = (outcome: PromiseSettledResult<unknown>) =>
  expect(outcome).toEqual({ status: "rejected", reason: expect.any(RequestError) });

const ofServer: Request["is"] = (_, params) => params[0] === "_Server";
const held = async ({ client }: Client) => {
  const lock = client.lock("main");
  lock.request();
  while (!lock.held) await new Promise<void>((resolve) => lock.onChange(() => resolve()));
  return lock;
};

const REQUESTS: Readonly<Record<string, Request>> = {
  set_db_change_aware: { is: (method) => method === "set_db_change_aware", goesOn: ERRORS },
  "get_schema of _Server": {
    is: (method, params) => method === "get_schema" && ofServer(method, params),
    goesOn: ERRORS,
  },
  "monitor_cond of _Server": {
    is: (method, params) => method === "monitor_cond" && ofServer(method, params),
  },
  "monitor of _Server": {
    is: (method, params) => method === "monitor" && ofServer(method, params),
    unknown: (method) => method.startsWith("monitor_cond"),
  },
  list_dbs: {
    is: (method) => method === "list_dbs",
    unknown: (method, params) => method === "get_schema" && ofServer(method, params),
  },
  get_schema: { is: (method, params) => method === "get_schema" && params[0] === "Test" },
  ...Object.fromEntries(
    (["monitor_cond_since", "monitor_cond", "monitor"] as const).map((monitor): [string, Request] => [
      monitor,
      { is: (method, params) => method === monitor && params[0] === "Test", monitor },
    ]),
  ),
  monitor_cond_change: {
    is: (method) => method === "monitor_cond_change",
    send: ({ replica }) => replica.setConditions({ T: [["n", "==", 1]] }),
    goesOn: ERRORS,
    reported: isRefused,
  },
  monitor_cancel: {
    is: (method) => method === "monitor_cancel",
    send: async ({ client }) => (await client.replica({ T: {} }).synced()).close(),
    goesOn: ERRORS,
  },
  transact: {
    is: (method) => method === "transact",
    send: ({ client }) => {
      const txn = client.transaction();
      txn.insert("T", { n: 7 });
      return txn.commit();
    },
    goesOn: ERRORS,
    reported: (outcome) =>
      expect(outcome).toMatchObject({ value: { status: "error", error: expect.any(RequestError) } }),
  },
  "transact that reads": {
    is: (method) => method === "transact",
    send: ({ client }) => client.select("T"),
    goesOn: ERRORS,
    reported: isRefused,
  },
  // Whoever answers a probe is alive, whatever the answer is.
  "echo that probes": { is: (method) => method === "echo", goesOn: ERRORS },
  "echo after monitors were cancelled": {
    is: (method) => method === "echo",
    send: async ({ client }) => {
      client.session.request("get_schema", ["cancel the monitors"]).catch(() => {});
      await client.ready();
    },
  },
  lock: { is: (method) => method === "lock", send: held },
  unlock: { is: (method) => method === "unlock", send: async (client) => (await held(client)).release() },
  steal: {
    is: (method) => method === "steal",
    send: ({ client }) => client.lock("main").steal(),
    reported: isRefused,
  },
};

let server: Server;

beforeAll(async () => {
  server = await startStandalone({ schema });
});

afterAll(() => server.stop());

/** A server of one lie: it answers one request wrongly, once. */
async function liar({ is, unknown }: Request, answer: string) {
  const lie = ANSWERS[answer];
  if (lie === undefined) throw new Error(answer);
  const counts = { connections: 0, lies: 0 };
  const each = (): Changes => {
    counts.connections++;
    const asked = new Map<JsonValue | undefined, "lie" | "cancel">();
    let isSilent = false;
    return {
      toServer: (text) => {
        const message = parseJson(text);
        if (!isJsonObject(message) || !isJsonArray(message.params)) return text;
        const { id, method, params } = message;
        if (params[0] === "cancel the monitors") asked.set(id, "cancel");
        if (unknown?.(String(method), params)) return text.replace(`"${method}"`, '"unheard_of"');
        if (counts.lies === 0 && is(String(method), params)) {
          counts.lies++;
          asked.set(id, "lie");
        }
        return text;
      },
      toClient: (text) => {
        const message = parseJson(text);
        const id = isJsonObject(message) ? message.id : undefined;
        const what = asked.get(id);
        if (typeof id !== "number" || what === undefined) return isSilent ? "" : text;
        if (what === "cancel") return `${text}{"id":null,"method":"monitor_canceled","params":["x"]}`;
        isSilent = answer === SILENCE;
        return lie(id, text);
      },
    };
  };
  return { filter: await startFilter({ target: server.remote, each }), counts };
}

describe.each(Object.keys(ANSWERS))("answered %s:", (answer) => {
  test.concurrent.for(Object.entries(REQUESTS))(
    "%s",
    { timeout: 2 * WITHIN },
    async ([, request], context) => {
      const { filter, counts } = await liar(request, answer);
      context.onTestFinished(() => filter.stop());
      const client = new OvsdbClient({
        remotes: filter.remote,
        database: "Test",
        maxMessageSize: LIMIT,
        // A unix socket is not probed unless it is asked for.
        backoff: { min: 20, max: 200 },
        probeInterval: 1000,
      });
      context.onTestFinished(() => client.close());
      client.start();
      const replica = client.replica({ T: {} }, { monitorMethod: request.monitor });
      const { send } = request;
      if (send !== undefined) await replica.synced({ timeout: WITHIN });
      const [outcome] = await Promise.allSettled([send?.({ client, replica })]);
      await vi.waitFor(() => expect(counts.lies).toBe(1), WITHIN);
      const goesOn = request.goesOn?.includes(answer) === true;
      if (!goesOn) await vi.waitFor(() => expect(counts.connections).toBe(2), WITHIN);
      else if (outcome !== undefined) request.reported?.(outcome);
      // Afterwards everything is as ever.
      await replica.synced({ timeout: WITHIN });
      await client.session.request("echo", [], { wait: true, timeout: WITHIN });
      expect(counts.connections).toBe(goesOn ? 1 : 2);
    },
  );
});
