/**
 * The control socket of a C daemon, as a fence: a reply means that its main loop has come round. What it is
 * asked for is to compute everything anew, so that nothing depends on what its incremental engine noticed;
 * releases without one refuse that, which is a reply too.
 */
import { connect } from "node:net";
import { PATIENCE } from "../wait.ts";

/**
 * Sends commands one after the other; each reply is one turn of the daemon's main loop. @throws Error when
 * the daemon is gone.
 */
export function turns(socket: string, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = connect({ path: socket });
    let left = count;
    const ask = () =>
      connection.write(JSON.stringify({ id: left, method: "inc-engine/recompute", params: [] }));
    connection.setTimeout(PATIENCE, () => connection.destroy(new Error(`${socket} doesn't answer`)));
    connection.once("connect", ask);
    connection.once("error", reject);
    connection.once("close", () => reject(new Error(`${socket}: closed`)));
    // A reply is one short line that comes in one piece.
    connection.on("data", () => {
      left--;
      if (left > 0) {
        ask();
        return;
      }
      resolve();
      connection.destroy();
    });
  });
}
