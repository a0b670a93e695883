/**
 * Asks a daemon to do something, over its control socket: what `ovs-appctl -t SOCKET COMMAND` does
 * (ovs-appctl(8)).
 */
import { connect } from "node:net";
import { getSystemErrorMap } from "node:util";
import { JsonTexts } from "./json-texts.ts";

/** What a daemon answered. */
export type UnixctlReply = { readonly result: string } | { readonly error: string };

/** Nobody listens at a control socket, or what listens there doesn't answer. `message` is the mere reason. */
export class UnixctlConnectionError extends Error {
  override readonly name = "UnixctlConnectionError";
  /** Whether the connection came about. */
  readonly connected: boolean;

  constructor(reason: string, connected: boolean) {
    super(reason);
    this.connected = connected;
  }
}

/**
 * Sends a command to a daemon and waits for its answer; without limit, since commands may take long.
 *
 * @throws UnixctlConnectionError
 * @example await callUnixctl("/var/run/ovn/ovn-ic.1234.ctl", "version", []); // { result: "ovn-ic 0.1.0 …\n" }
 */
export function callUnixctl(path: string, method: string, args: readonly string[]): Promise<UnixctlReply> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const texts = new JsonTexts();
    const socket = connect({ path });
    const fail = (reason: string) => {
      socket.destroy();
      reject(new UnixctlConnectionError(reason, connected));
    };
    socket.once("connect", () => {
      connected = true;
    });
    // Written before it is connected: it leaves as soon as it can.
    socket.write(JSON.stringify({ id: 0, method, params: args }));
    socket.on("data", (chunk) => {
      try {
        const [reply] = texts.push(chunk);
        if (reply === undefined) return;
        resolve(parseReply(reply));
        socket.destroy();
      } catch {
        fail("the answer is not in the protocol of a control socket");
      }
    });
    socket.once("error", (error) => fail(describeError(error)));
    socket.once("end", () => fail("End of file"));
  });
}

function parseReply(reply: unknown): UnixctlReply {
  if (typeof reply === "object" && reply !== null) {
    if ("error" in reply && typeof reply.error === "string") return { error: reply.error };
    if ("result" in reply && typeof reply.result === "string") return { result: reply.result };
  }
  throw new SyntaxError("a reply needs a result or an error");
}

/** The system's words for an error, as strerror(3) has them. */
export function describeError(error: Error): string {
  if (!("errno" in error) || typeof error.errno !== "number") return error.message;
  const text = getSystemErrorMap().get(error.errno)?.[1];
  return text === undefined ? error.message : text.charAt(0).toUpperCase() + text.slice(1);
}
