/** Faults of a database that is a cluster, is reached over TLS, or has a small disk. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates, Cluster, Server } from "../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import {
  makeCertificates,
  makeDirectory,
  ovsdbClient,
  runProgram,
  startCluster,
  startStandalone,
} from "../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { Arena, FULL, times } from "../harness/faults/arena.ts";
import { schemaOf } from "../harness/faults/release.ts";
import type { Database } from "../harness/faults/world.ts";
import { SEED } from "../harness/random.ts";
import { HOUR } from "../harness/wait.ts";

const DATABASES = ["ic.sb", "ic.nb", "az1.nb", "az1.sb"] as const;

/** All databases in the long run; else one by chance, another one for each kind of store. */
function some(kind: number): Database[] {
  const chosen = (SEED + kind) % DATABASES.length;
  return DATABASES.filter((_, i) => FULL || i === chosen);
}

describe.each(some(0))("%s as a cluster", (database) => {
  let cluster: Cluster;
  let arena: Arena;
  beforeAll(async () => {
    cluster = await startCluster({ schema: schemaOf(database), electionTimer: 200 });
    const remotes = new Map([[database, cluster.remotes]]);
    arena = await Arena.open({ foreign: remotes, direct: remotes });
  });
  afterAll(async () => {
    await arena?.close();
    await cluster?.stop();
  });

  const follower = async (): Promise<Server> => {
    const leader = await cluster.leader();
    return arena.pick(cluster.members.filter((one) => one !== leader));
  };

  /** Who leads may be about to lose that, and refuses then. */
  const kick = async (id: string) => {
    const attempt = async () => (await cluster.leader()).appctl("cluster/kick", cluster.database, id);
    await expect.poll(() => attempt().then(() => "", String), { timeout: 20_000 }).toBe("");
  };

  it("loses its leader", { timeout: HOUR }, async () => {
    await arena.endure(`RAFT leader killed: ${database}`, times(2, 30), async () => {
      const leader = await cluster.leader();
      await leader.kill("SIGKILL");
      await arena.moment(1000);
      await leader.restart();
      await arena.world.restartNorthd(database);
    });
  });

  it("has a follower that lags", { timeout: HOUR }, async () => {
    await arena.endure(`RAFT follower stopped: ${database}`, times(1, 20), async () => {
      const one = await follower();
      await one.kill("SIGSTOP");
      await arena.moment(FULL ? 5000 : 1000);
      await one.kill("SIGCONT");
    });
  });

  it("has no quorum for a while", { timeout: HOUR }, async () => {
    await arena.endure(`RAFT without quorum: ${database}`, times(1, 20), async () => {
      const leader = await cluster.leader();
      const one = await follower();
      await Promise.all([one.kill("SIGKILL"), leader.kill("SIGKILL")]);
      await arena.moment(FULL ? 10_000 : 1500);
      await Promise.all([one.restart(), leader.restart()]);
      await arena.world.restartNorthd(database);
    });
  });

  it("has a member replaced", { timeout: HOUR }, async () => {
    await arena.endure(`RAFT member replaced: ${database}`, times(1, 20), async () => {
      const member = arena.pick(cluster.members);
      const number = cluster.members.indexOf(member);
      const others = cluster.members.filter((one) => one !== member);
      const id = await member.appctl("cluster/sid", cluster.database);
      await member.kill("SIGKILL");
      await kick(id.trim().slice(0, 4));
      const file = join(member.dir, `m${number}.db`);
      rmSync(file);
      const addresses = [member, ...others].map(({ dir }) => `unix:${join(dir, "raft")}`);
      await runProgram("ovsdb-tool", ["join-cluster", file, cluster.database, ...addresses]);
      await member.restart();
      await ovsdbClient("wait", member.remote, cluster.database, "connected");
      await arena.world.restartNorthd(database);
    });
  });
});

describe.each(some(1))("%s over TLS", (database) => {
  let directory: string;
  let tls: Certificates;
  let server: Server;
  let arena: Arena;
  beforeAll(async () => {
    directory = makeDirectory();
    tls = await makeCertificates(directory);
    server = await startStandalone({ schema: schemaOf(database), tls });
    arena = await Arena.open({
      foreign: new Map([[database, server.remote]]),
      direct: new Map([[database, server.remotes.ssl ?? ""]]),
      tls: { privateKey: tls.clientKey, certificate: tls.clientCert, caCert: tls.ca },
    });
  });
  afterAll(async () => {
    await arena?.close();
    await server?.stop();
    rmSync(directory, { recursive: true });
  });

  it("has a certificate that has expired", { timeout: HOUR }, async () => {
    await arena.endure(`TLS certificate expired: ${database}`, times(1, 20), async () => {
      copyFileSync(tls.serverCert, `${tls.serverCert}.good`);
      await tls.expire();
      await server.restart();
      await arena.moment(1500);
      copyFileSync(`${tls.serverCert}.good`, tls.serverCert);
      // What a server has read of its files it reads again when they change, but not in the same second.
      await server.restart();
      await arena.world.restartNorthd(database);
    });
  });

  it("gets new keys, certificates and authorities", { timeout: HOUR }, async () => {
    await arena.endure(`TLS certificates rotated: ${database}`, times(2, 20), async () => {
      const fresh = makeDirectory();
      const next = await makeCertificates(fresh);
      for (const name of ["ca", "serverKey", "serverCert", "clientKey", "clientCert"] as const) {
        copyFileSync(next[name], tls[name]);
        await arena.moment(20);
      }
      rmSync(fresh, { recursive: true });
      // Connections of before would live on; all have to use what is new.
      await server.restart();
      await arena.world.restartNorthd(database);
    });
  });
});

describe.each(some(2))("%s on a small disk", (database) => {
  let disk: string;
  let server: Server;
  let arena: Arena;
  beforeAll(async () => {
    disk = makeDirectory();
    await runProgram("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
    const dbFile = join(disk, "s.db");
    await runProgram("ovsdb-tool", ["create", dbFile, schemaOf(database)]);
    server = await startStandalone({ schema: schemaOf(database), dbFile });
    arena = await Arena.open({ foreign: new Map([[database, server.remote]]) });
  });
  afterAll(async () => {
    await arena?.close();
    await server?.stop();
    await runProgram("umount", [disk]);
    rmSync(disk, { recursive: true });
  });

  it("finds it full for a while", { timeout: HOUR }, async () => {
    await arena.endure(`disk full: ${database}`, times(2, 20), async () => {
      fill(join(disk, "filler"));
      await arena.moment(FULL ? 10_000 : 1500);
      rmSync(join(disk, "filler"));
      await server.appctl("ovsdb-server/compact");
      await arena.world.restartNorthd(database);
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
