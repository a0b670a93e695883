/** Faults of IC-SB where it is a cluster, is reached over TLS, or has a small disk. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Certificates,
  type Cluster,
  makeCertificates,
  makeDirectory,
  ovsdbClient,
  runProgram,
  type Server,
  startCluster,
  startStandalone,
} from "../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { Arena, FULL, times } from "./arena.ts";
import { InProcess } from "./instances.ts";

const HOUR = 3_600_000;
const SCHEMA = "/usr/share/ovn/ovn-ic-sb.ovsschema";

describe("IC-SB as a cluster", () => {
  let cluster: Cluster;
  let arena: Arena;
  beforeAll(async () => {
    cluster = await startCluster({ schema: SCHEMA, electionTimer: 200 });
    const { remotes } = cluster;
    arena = await Arena.open({ foreign: new Map([["ic.sb", remotes]]), remotes: { icSb: remotes } });
  });
  afterAll(async () => {
    await arena?.close();
    await cluster?.stop();
  });

  const follower = async (): Promise<Server> => {
    const leader = await cluster.leader();
    return arena.pick(cluster.members.filter((one) => one !== leader));
  };

  it("loses its leader", { timeout: HOUR }, async () => {
    await arena.endure("RAFT leader killed", times(2, 30), async () => {
      const leader = await cluster.leader();
      await leader.kill("SIGKILL");
      await arena.moment(1000);
      await leader.restart();
    });
  });

  it("has a follower that lags", { timeout: HOUR }, async () => {
    await arena.endure("RAFT follower stopped", times(1, 20), async () => {
      const one = await follower();
      await one.kill("SIGSTOP");
      await arena.moment(FULL ? 5000 : 1000);
      await one.kill("SIGCONT");
    });
  });

  it("has no quorum for a while", { timeout: HOUR }, async () => {
    await arena.endure("RAFT without quorum", times(1, 20), async () => {
      const leader = await cluster.leader();
      const one = await follower();
      await Promise.all([one.kill("SIGKILL"), leader.kill("SIGKILL")]);
      await arena.moment(FULL ? 10_000 : 1500);
      await Promise.all([one.restart(), leader.restart()]);
    });
  });

  it("has a member replaced", { timeout: HOUR }, async () => {
    await arena.endure("RAFT member replaced", times(1, 20), async () => {
      const member = arena.pick(cluster.members);
      const number = cluster.members.indexOf(member);
      const others = cluster.members.filter((one) => one !== member);
      const id = await member.appctl("cluster/sid", cluster.database);
      await member.kill("SIGKILL");
      await (await cluster.leader()).appctl("cluster/kick", cluster.database, id.trim().slice(0, 4));
      const file = join(member.dir, `m${number}.db`);
      rmSync(file);
      const addresses = [member, ...others].map(({ dir }) => `unix:${join(dir, "raft")}`);
      await runProgram("ovsdb-tool", ["join-cluster", file, cluster.database, ...addresses]);
      await member.restart();
      await ovsdbClient("wait", member.remote, cluster.database, "connected");
    });
  });
});

describe("IC-SB over TLS", () => {
  let directory: string;
  let tls: Certificates;
  let server: Server;
  let arena: Arena;
  beforeAll(async () => {
    directory = makeDirectory();
    tls = await makeCertificates(directory);
    server = await startStandalone({ schema: SCHEMA, tls });
    const credentials = { privateKey: tls.clientKey, certificate: tls.clientCert, caCert: tls.ca };
    arena = await Arena.open({
      foreign: new Map([["ic.sb", server.remote]]),
      remotes: { icSb: server.remotes.ssl ?? "" },
      start: (remotes) => new InProcess(remotes, credentials),
    });
  });
  afterAll(async () => {
    await arena?.close();
    await server?.stop();
    rmSync(directory, { recursive: true });
  });

  it("has a certificate that has expired", { timeout: HOUR }, async () => {
    await arena.endure("TLS certificate expired", times(1, 20), async () => {
      copyFileSync(tls.serverCert, `${tls.serverCert}.good`);
      await tls.expire();
      await server.restart();
      await arena.moment(1500);
      copyFileSync(`${tls.serverCert}.good`, tls.serverCert);
      // What a server has read of its files it reads again when they change, but not in the same second.
      await server.restart();
    });
  });

  it("gets new keys, certificates and authorities", { timeout: HOUR }, async () => {
    await arena.endure("TLS certificates rotated", times(2, 20), async () => {
      const fresh = makeDirectory();
      const next = await makeCertificates(fresh);
      for (const name of ["ca", "serverKey", "serverCert", "clientKey", "clientCert"] as const) {
        copyFileSync(next[name], tls[name]);
        await arena.moment(20);
      }
      rmSync(fresh, { recursive: true });
      // Connections of before would live on; all have to use what is new.
      await server.restart();
    });
  });
});

describe("IC-SB on a small disk", () => {
  let disk: string;
  let server: Server;
  let arena: Arena;
  beforeAll(async () => {
    disk = makeDirectory();
    await runProgram("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
    const dbFile = join(disk, "s.db");
    await runProgram("ovsdb-tool", ["create", dbFile, SCHEMA]);
    server = await startStandalone({ schema: SCHEMA, dbFile });
    arena = await Arena.open({ foreign: new Map([["ic.sb", server.remote]]) });
  });
  afterAll(async () => {
    await arena?.close();
    await server?.stop();
    await runProgram("umount", [disk]);
    rmSync(disk, { recursive: true });
  });

  it("finds it full for a while", { timeout: HOUR }, async () => {
    await arena.endure("disk full", times(2, 20), async () => {
      fill(join(disk, "filler"));
      await arena.moment(FULL ? 10_000 : 1500);
      rmSync(join(disk, "filler"));
      await server.appctl("ovsdb-server/compact");
    });
    expect(readFileSync(server.log, "utf8")).toContain("No space left on device");
  });
});

/** Writes until nothing more fits. */
function fill(file: string): void {
  try {
    for (;;) writeFileSync(file, Buffer.alloc(4096), { flag: "a" });
  } catch {
    // Full.
  }
}
