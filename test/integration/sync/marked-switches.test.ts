/**
 * Several switches or routers of a zone that claim to stand for one transit switch or router: what the CMS
 * made and marked is never lost.
 */
import { describe, expect, it } from "vitest";
import type { Note } from "../../../src/core/model/subject.ts";
import { PLANNERS } from "../../../src/core/planners/all.ts";
import { planFullPass } from "../../../src/core/planning/full-pass.ts";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { commands } from "../../harness/words.ts";
import { addRouter, controller, rows, settle, twoZones, write, zones } from "../../harness/zones/zones.ts";

describe("switches with the mark of one transit switch", { timeout: 3 * PATIENCE }, () => {
  it("the one with ports of the CMS is kept, whichever came first", async () => {
    const { sandbox, settled, nbctl } = await twoZones();
    const names = Array.from({ length: 6 }, (_, i) => `vpc${i}`);
    for (const [i, name] of names.entries()) {
      await nbctl(
        "az1",
        ...commands(
          `ls-add ${name}`,
          `lrp-add lr1 lr1-${name} aa:aa:aa:aa:bb:01 169.254.20${i}.1/24`,
          `lsp-add ${name} ${name}-lr1`,
          `lsp-set-type ${name}-lr1 router`,
          `lsp-set-addresses ${name}-lr1 router`,
          `lsp-set-options ${name}-lr1 router-port=lr1-${name}`,
        ),
      );
    }
    const theirs = (await rows(sandbox, "az1.nb", "Logical_Switch", "name,_uuid")).filter(([name]) =>
      names.includes(String(name)),
    );
    for (const name of names) await sandbox.run("ovn-ic-nbctl", ["ts-add", name]);
    await settled();
    for (const [name, uuid] of theirs)
      await nbctl("az1", "set", "Logical_Switch", String(uuid), `other_config:interconn-ts=${name}`);
    await settled();
    const left = await rows(sandbox, "az1.nb", "Logical_Switch", "name,_uuid,ports,other_config");
    expect(left.filter(([name]) => names.includes(String(name))).map(([name, uuid]) => [name, uuid])).toEqual(
      theirs,
    );
    for (const [name, , , config] of left)
      if (names.includes(String(name))) expect(config).toHaveProperty("requested-tnl-key");
    const ports = await rows(sandbox, "ic.sb", "Port_Binding", "logical_port");
    expect(ports.flat()).toEqual(expect.arrayContaining(names.map((name) => `${name}-lr1`)));
  });

  it("a second one with ports of the CMS is left alone, with a warning", async () => {
    const warned: Note[] = [];
    const {
      sandbox,
      settled: began,
      nbctl,
      az1,
      az2,
    } = await twoZones({ warn: (note) => warned.push(note) });
    await nbctl(
      "az1",
      ...commands(
        "ls-add other",
        "lsp-add other vm1",
        "set Logical_Switch other other_config:interconn-ts=ts1",
      ),
    );
    await began();
    const left = await rows(sandbox, "az1.nb", "Logical_Switch", "name,_uuid");
    expect(left.map(([name]) => name)).toEqual(["ls1", "other", "ts1"]);
    const uuids = Object.fromEntries(left.map(([name, uuid]) => [String(name), String(uuid)]));
    const notes = warned.filter(({ reason }) => reason === "doubly-claimed");
    expect(notes.map(({ subject }) => subject.name)).toContain("other");
    expect(notes[0]?.text).toContain(`Logical_Switch other (${uuids["other"]}) has interconn-ts=ts1`);
    expect(notes[0]?.text).toContain(`ts1 (${uuids["ts1"]})`);
    // A spare one goes only if nobody puts a port on it meanwhile.
    await az1.close();
    await nbctl(
      "az1",
      "ls-add",
      "spare",
      "--",
      "set",
      "Logical_Switch",
      "spare",
      "other_config:interconn-ts=ts1",
    );
    const observer = controller(sandbox, "az1", { readOnly: true });
    observer.start();
    await observer.until(() => observer.state === "standby", AbortSignal.timeout(PATIENCE));
    const deletions = planFullPass(observer.view, PLANNERS).flatMap(({ parts }) =>
      parts.flatMap(({ operations }) => operations.filter((one) => one.kind === "delete")),
    );
    expect(deletions.map(({ old, verify }) => [old.name, verify])).toEqual([["spare", ["ports"]]]);
    await observer.close();
    const again = controller(sandbox, "az1", { warn: (note) => warned.push(note) });
    again.start();
    const settled = () => settle(sandbox, again, az2);
    await settled();
    // More ports make it the one that stands for the transit switch.
    await nbctl("az1", "lsp-add", "other", "vm2");
    await settled();
    expect(warned.filter(({ reason }) => reason === "doubly-claimed").at(-1)?.subject.name).toBe("ts1");
    const remote = await rows(sandbox, "az1.nb", "Logical_Switch_Port", "name,_uuid");
    const [other] = await rows(sandbox, "az1.nb", "Logical_Switch", "name,ports").then((list) =>
      list.filter(([name]) => name === "other"),
    );
    expect(other?.[1]).toContain(remote.find(([name]) => name === "ts1-az2")?.[1]);
    await nbctl("az1", "lsp-del", "vm1");
    await nbctl("az1", "lsp-del", "vm2");
    await settled();
    expect((await rows(sandbox, "az1.nb", "Logical_Switch", "name")).flat()).toEqual(["ls1", "ts1"]);
  });
});

describe("routers with the mark of one transit router", { timeout: 3 * PATIENCE }, () => {
  it("the one with ports of the CMS is kept", async () => {
    const sandbox = await zones({ azs: ["az1"], schemas: newestSchemas() });
    const az1 = controller(sandbox, "az1");
    az1.start();
    await addRouter(sandbox, "az1", 1);
    const names = Array.from({ length: 6 }, (_, i) => `tr${i}`);
    const nbctl = (...args: string[]) => sandbox.run("ovn-nbctl", args, "az1");
    for (const [i, name] of names.entries())
      await nbctl(
        "lr-add",
        name,
        "--",
        "lrp-add",
        name,
        `${name}-lan`,
        "aa:aa:aa:aa:cc:01",
        `10.77.${i}.1/24`,
      );
    const theirs = (await rows(sandbox, "az1.nb", "Logical_Router", "name,_uuid")).filter(([name]) =>
      names.includes(String(name)),
    );
    await write(icNb, sandbox.icNb, (transaction) => {
      for (const name of names) transaction.insert("Transit_Router", { name });
    });
    await settle(sandbox, az1);
    for (const [name, uuid] of theirs)
      await nbctl("set", "Logical_Router", String(uuid), `options:interconn-tr=${name}`);
    await settle(sandbox, az1);
    const left = await rows(sandbox, "az1.nb", "Logical_Router", "name,_uuid,options");
    expect(left.filter(([name]) => names.includes(String(name))).map(([name, uuid]) => [name, uuid])).toEqual(
      theirs,
    );
    for (const [name, , options] of left)
      if (names.includes(String(name))) expect(options).toHaveProperty("requested-tnl-key");
  });
});
