// A JSON-RPC connection to ovsdb-server, for setting up and looking at databases without starting a program
// each time.

import type { Socket } from "node:net";
import { connect } from "node:net";
import { insistOn, MessageBorders } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";

interface Reply {
  readonly id: unknown;
  readonly result: unknown;
  readonly error: unknown;
}

/** One request at a time on one connection. */
export class Rpc {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #next = 0;

  /** @param remote `unix:PATH`. */
  constructor(remote: string) {
    this.#socket = connect(remote.replace(/^unix:/, ""));
    const borders = new MessageBorders();
    this.#socket.on("data", (chunk) => {
      for (let rest = chunk; rest.length > 0; ) {
        const { bytes, text } = borders.take(rest);
        rest = rest.subarray(bytes);
        if (text !== undefined) this.#receive(JSON.parse(text));
      }
    });
  }

  /**
   * "transact" (RFC 7047 §4.1.3).
   *
   * @throws Error if an operation fails.
   */
  async transact(database: string, operations: readonly object[]): Promise<unknown[]> {
    const id = this.#next++;
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.write(JSON.stringify({ id, method: "transact", params: [database, ...operations] }));
    const { result, error } = await reply;
    return insistOn(database, error === null ? result : [{ error }]);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(message: { id: unknown; method?: string; result?: unknown; error?: unknown }): void {
    if (message.method === "echo") {
      this.#socket.write(JSON.stringify({ id: message.id, result: [], error: null }));
      return;
    }
    if (typeof message.id !== "number") return;
    this.#waiting.get(message.id)?.({ id: message.id, result: message.result, error: message.error });
    this.#waiting.delete(message.id);
  }
}
