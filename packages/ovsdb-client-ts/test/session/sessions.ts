import { rmSync } from "node:fs";
import { onTestFinished } from "vitest";
import type { OvsdbError } from "../../src/errors.ts";
import type { Connection } from "../../src/jsonrpc/connection.ts";
import { stringifyJson } from "../../src/jsonrpc/json.ts";
import { Session } from "../../src/session/session.ts";
import type { SessionOptions, SessionParticipant, SessionState } from "../../src/session/types.ts";
import { makeDirectory, startStandalone } from "../fixtures/index.ts";

export const schema = {
  name: "Test",
  version: "1.0.0",
  tables: { T: { columns: { n: { type: "integer" } }, isRoot: true } },
};

/** The same with a column more. */
export const newSchema = {
  ...schema,
  version: "2.0.0",
  tables: { T: { columns: { n: { type: "integer" }, m: { type: "integer" } }, isRoot: true } },
};

/** A fresh directory, removed at the end of the test. */
export function directory(): string {
  const dir = makeDirectory();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Within this many milliseconds everything here happens, on however busy a machine. */
export const WITHIN = 25_000;

/** A standalone server of database Test, stopped at the end of the test. */
export async function standalone(options: Partial<Parameters<typeof startStandalone>[0]> = {}) {
  const server = await startStandalone({ schema, ...options });
  onTestFinished(() => server.stop());
  return server;
}

/** Starts a session on database Test, with short pauses, that is closed at the end of the test. */
export function startSession(options: Partial<SessionOptions> & { remotes: string }): Session {
  const session = new Session({
    database: "Test",
    backoff: { min: 20, max: 200 },
    connectTimeout: 10_000,
    ...options,
  });
  onTestFinished(() => session.close());
  session.start();
  return session;
}

/** A participant that notes what it is told. */
export class Witness implements SessionParticipant {
  readonly events: string[] = [];
  readonly connections: Connection[] = [];
  readonly errors: OvsdbError[] = [];

  up(connection: Connection): void {
    this.events.push("up");
    this.connections.push(connection);
  }

  down(error: OvsdbError): void {
    this.events.push("down");
    this.errors.push(error);
  }

  notification(method: string, params: readonly unknown[]): void {
    this.events.push(`${method} ${stringifyJson(String(params[0]))}`);
  }
}

/** Attaches a witness. */
export function witness(session: Session): Witness {
  const it = new Witness();
  session.attach(it);
  return it;
}

/** Waits for an event of a session: until `condition` holds after a change of state, or holds already. */
export function state(session: Session, ...wanted: SessionState[]): Promise<SessionState> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(
        new Error(`session is ${session.state}, not ${wanted.join(" or ")}: ${session.lastError?.message}`),
      );
    }, WITHIN);
    const look = () => {
      if (!wanted.includes(session.state)) return;
      clearTimeout(timer);
      stop();
      resolve(session.state);
    };
    const stop = session.onStateChange(look);
    look();
  });
}
