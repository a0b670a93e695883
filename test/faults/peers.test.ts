/**
 * Peers that are no database server, or one that lies: they send garbage, nothing, wrong answers, or far too
 * much. The controller waits for a real server, without a write anywhere and without being busy; when there
 * is one it goes on.
 */
import { rmSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MessageBorders, makeDirectory } from "../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Controller } from "../../src/core/sync/run/controller.ts";
import { Cms } from "../harness/faults/cms.ts";
import { InProcess } from "../harness/faults/instances.ts";
import { Model } from "../harness/faults/model.ts";
import { World, ZONES } from "../harness/faults/world.ts";

/** What a peer does with a new connection. */
type Behaviour = (socket: Socket) => void;

/** Answers each request with what a function makes of it. */
function answering(answer: (id: unknown, method: string) => string): Behaviour {
  return (socket) => {
    const borders = new MessageBorders();
    socket.on("data", (chunk) => {
      for (let rest = chunk; rest.length > 0; ) {
        const { bytes, text } = borders.take(rest);
        rest = rest.subarray(bytes);
        if (text === undefined) continue;
        const { id, method }: { id: unknown; method: string } = JSON.parse(text);
        socket.write(answer(id, method));
      }
    });
  };
}

const result = (id: unknown, value: unknown) => JSON.stringify({ id, result: value, error: null });

const PEERS: Readonly<Record<string, Behaviour>> = {
  "sends garbage": (socket) => void socket.write(Buffer.from("\u0000\u001b[31mGET / HTTP/1.1\r\n\r\n")),
  "sends invalid UTF-8": (socket) =>
    void socket.write(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
  "sends half a message": (socket) => void socket.write('{"id": 1, "result": ['),
  "sends brackets without end": (socket) => void socket.write("[".repeat(1_000_000)),
  "never answers": () => {},
  "hangs up at once": (socket) => void socket.destroy(),
  "answers null": answering((id) => result(id, null)),
  "answers numbers": answering((id) => result(id, 42)),
  "answers with lists of lists": answering((id) => result(id, [[[]]])),
  "answers with errors": answering((id) => JSON.stringify({ id, result: null, error: "no\u001b[31m\nway" })),
  "answers questions that nobody asked": answering(() => result(4711, {})),
  "answers twice": answering((id) => result(id, {}).repeat(2)),
  "has an absurd schema": answering((id, method) =>
    result(
      id,
      method === "get_schema" ? { name: "x", version: "1", tables: { Database: { columns: 7 } } } : {},
    ),
  ),
  "sends notifications without end": (socket) =>
    flood(socket, '{"id":null,"method":"update3","params":["nobody",0,{}]}'),
  "asks without end and never listens": (socket) => {
    socket.pause();
    flood(socket, `{"id":1,"method":"echo","params":["${"x".repeat(1000)}"]}`);
  },
};

/** As much as the other side takes. */
function flood(socket: Socket, message: string): void {
  const many = message.repeat(100);
  const pour = () => {
    while (!socket.destroyed && socket.write(many));
  };
  socket.on("drain", pour);
  pour();
}

/** A peer on a unix socket, whose behaviour can be changed; connections accepted are counted. */
class Peer {
  readonly remote: string;
  connections = 0;
  readonly #directory = makeDirectory();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #behave: Behaviour = () => {};

  constructor() {
    const path = join(this.#directory, "peer");
    this.remote = `unix:${path}`;
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      this.#behave(socket);
    });
    this.#server.listen(path);
  }

  /** Behaves so from now on. */
  become(behave: Behaviour): void {
    this.#behave = behave;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Waits for so many connections more. */
  async accepts(count: number): Promise<void> {
    const target = this.connections + count;
    await expect
      .poll(() => this.connections, { timeout: 20_000, interval: 20 })
      .toBeGreaterThanOrEqual(target);
  }

  async stop(): Promise<void> {
    this.become((socket) => void socket.destroy());
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#directory, { recursive: true });
  }
}

/** Passes everything on to a real server; what that says may become something else. */
function relay(remote: string, change: (text: string) => string = (text) => text): Behaviour {
  return (socket) => {
    const server = connect({ path: remote.replace("unix:", "") });
    const borders = new MessageBorders();
    socket.pipe(server);
    server.on("data", (chunk) => {
      for (let rest = chunk; rest.length > 0; ) {
        const { bytes, text } = borders.take(rest);
        rest = rest.subarray(bytes);
        if (text !== undefined) socket.write(change(text));
      }
    });
    server.on("error", () => socket.destroy());
    server.on("close", () => socket.destroy());
    socket.on("close", () => server.destroy());
  };
}

/** What a liar makes of the answers to transactions, which are told by what is in them. */
const LIES: Readonly<Record<string, (text: string) => string>> = {
  "that nothing came of it": (text) => text.replace(/"result":\[.*\]/, '"result":[]'),
  "something that is no list": (text) => text.replace(/"result":\[.*\]/, '"result":{"rows":7}'),
  "null for every operation": (text) => text.replace(/"result":\[.*\]/, '"result":[null]'),
  "that the server is out of its mind": (text) =>
    text.replace(/"result":\[.*\]/, '"result":[{"error":"\\u001b[31mlunacy\\n"}]'),
};

let world: World;
let cms: Cms;

beforeAll(async () => {
  world = await World.start();
  cms = new Cms(new Model(ZONES), (database) => world.remote(database));
});
afterAll(async () => {
  await cms?.close();
  await world?.stop();
});

/** A controller of az1 whose IC-SB is a peer. */
async function meet(behave: Behaviour, use: (peer: Peer, controller: Controller) => Promise<void>) {
  const peer = new Peer();
  peer.become(behave);
  const [nb, sb, icNb] = [world.remote("az1.nb"), world.remote("az1.sb"), world.remote("ic.nb")];
  const instance = new InProcess({ nb, sb, icNb, icSb: peer.remote });
  try {
    await use(peer, instance.controller);
  } finally {
    await instance.stop();
    await peer.stop();
  }
}

describe.concurrent("the controller at a peer that", () => {
  it.each(Object.entries(PEERS))("%s", async (_, behave) => {
    await meet(behave, async (peer, controller) => {
      const began = performance.now();
      await peer.accepts(1);
      // Whatever it says has been said, and heard.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(controller.state).toBe("connecting");
      expect(controller.engine.counters).toMatchObject({ planned: 0, committed: 0, refused: 0 });
      // At least a quarter of a second lies between attempts.
      expect(peer.connections).toBeLessThanOrEqual(2 + (performance.now() - began) / 250);
      // It is a real server after all.
      peer.become(relay(world.remote("ic.sb")));
      await controller.until(() => controller.state !== "connecting", AbortSignal.timeout(20_000));
    });
  });
});

describe("a server that answers to transactions", () => {
  it.each(Object.entries(LIES))("%s", { timeout: 60_000 }, async (_, lie) => {
    let lies = 0;
    const lying = relay(world.remote("ic.sb"), (text) => {
      const isAnswer = /"result":\[/.test(text) && /"(uuid|count)"|\{\}/.test(text);
      if (!isAnswer || text.includes('"initial"')) return text;
      lies++;
      return lie(text);
    });
    await meet(relay(world.remote("ic.sb")), async (peer, controller) => {
      const settled = () => controller.until(() => controller.settled, AbortSignal.timeout(30_000));
      await settled();
      peer.become(lying);
      await peer.accepts(1);
      const began = performance.now();
      // Something that the controller has to do again, whatever it is told about it.
      await world.transact("ic.sb", [{ op: "delete", table: "Gateway", where: [] }]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(lies).toBeLessThan(10 + (performance.now() - began) / 25);
      peer.become(relay(world.remote("ic.sb")));
      await settled();
      const gateways = await world.transact("ic.sb", [{ op: "select", table: "Gateway", where: [] }]);
      expect(JSON.stringify(gateways)).toContain('"gw1"');
    });
  });
});
