/**
 * The ways of one controller to its databases: a proxy before each, where connections are cut or stalled, and
 * where it is seen what it writes.
 */
import type { Proxy as Gate, PassedMessage } from "../../../packages/ovsdb-client-ts/test/fixtures/proxy.ts";
import { startProxy } from "../../../packages/ovsdb-client-ts/test/fixtures/proxy.ts";
import type { DatabaseName } from "../../../src/core/model/databases.ts";
import { DATABASE_NAMES } from "../../../src/core/model/databases.ts";
import type { Remotes } from "../databases/names.ts";
import { databaseOf } from "../databases/names.ts";
import type { Database, Zone } from "./world.ts";

export interface Gates {
  readonly zone: Zone;
  readonly proxies: { readonly [D in DatabaseName]: Gate };
  readonly remotes: Remotes;
  onMessage(listener: (database: DatabaseName, message: PassedMessage) => void): void;
  stop(): Promise<void>;
}

export async function openGates(
  zone: Zone,
  remote: (database: Database) => string,
  tcp = false,
): Promise<Gates> {
  const start = (name: DatabaseName) => startProxy({ target: remote(databaseOf(zone, name)), tcp });
  const [nb, sb, icNb, icSb] = await Promise.all([start("nb"), start("sb"), start("icNb"), start("icSb")]);
  const proxies = { nb, sb, icNb, icSb };
  return {
    zone,
    proxies,
    remotes: { nb: nb.remote, sb: sb.remote, icNb: icNb.remote, icSb: icSb.remote },
    onMessage(listener) {
      for (const name of DATABASE_NAMES) proxies[name].onMessage((message) => listener(name, message));
    },
    async stop() {
      await Promise.all(DATABASE_NAMES.map((name) => proxies[name].stop()));
    },
  };
}
