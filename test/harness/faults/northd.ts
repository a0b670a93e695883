/** The northd of a zone, whatever databases that has. */
import { join } from "node:path";
import { ServerProcess } from "../../../packages/ovsdb-client-ts/test/fixtures/process.ts";

export interface Northd {
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param sandbox the directory of the sandbox */
export async function startNorthd(zone: string, sandbox: string, nb: string, sb: string): Promise<Northd> {
  const path = join(sandbox, zone, "northd.ctl");
  const words = [`--ovnnb-db=${nb}`, `--ovnsb-db=${sb}`, `--unixctl=${path}`, "-vsyslog:off"];
  const northd = new ServerProcess("ovn-northd", words, join(sandbox, zone, "northd.log"));
  const listeners = [{ path }];
  await northd.start(listeners);
  return {
    async restart() {
      await northd.kill("SIGKILL");
      await northd.start(listeners);
    },
    stop: () => northd.stop(),
  };
}
