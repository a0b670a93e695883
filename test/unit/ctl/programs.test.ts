// The command tables: complete, consistent, and what --help makes of them.

import { parseSchema } from "ovsdb-client-ts";
import { describe, expect, test } from "vitest";
import type { Program } from "../../../src/commands/ctl/command/command.ts";
import { parseLine } from "../../../src/commands/ctl/line/commands.ts";
import { describe as describeProgram } from "../../../src/commands/ctl/line/help.ts";
import { parseGlobalOptions } from "../../../src/commands/ctl/line/read.ts";
import { collectNeeds } from "../../../src/commands/ctl/run/needs.ts";
import { nbctl } from "../../../src/commands/nbctl/program.ts";
import { sbctl } from "../../../src/commands/sbctl/program.ts";
import { Log } from "../../../src/daemon/log.ts";

describe.each([nbctl, sbctl])("$name", (program: Program) => {
  test("every behaviour belongs to a command, and only what does nothing has none", async () => {
    for (const group of program.groups) {
      const behaviours = await group.load();
      const names = group.commands.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(Object.keys(behaviours)));
      const idle = names.filter((name) => behaviours[name]?.run === undefined);
      expect(idle.filter((name) => name !== "init" && name !== "comment")).toEqual([]);
    }
  });

  test("the schema that it knows is the one that it says", async () => {
    const schema = parseSchema(await program.loadSchema());
    expect(schema.version).toBe(program.schemaVersion);
    expect(schema.name).toBe(program.databaseName);
    const singletons = [...schema.tables.values()].map(({ name, maxRows }) => [name, maxRows === 1]);
    expect([...program.tables].sort()).toEqual(singletons.sort());
    for (const [table, columns] of Object.entries(program.recordNames)) {
      for (const column of columns) expect(schema.tables.get(table)?.columns.has(column)).toBe(true);
    }
  });

  test("--help lists every command that has a line there, --commands all", () => {
    const help = describeProgram(program, "help", {});
    const commands = describeProgram(program, "commands", {});
    for (const { name, help: lines } of program.groups.flatMap((group) => group.commands)) {
      expect(commands).toContain(`,${name},`);
      if (lines !== undefined) expect(help).toMatch(new RegExp(`^  ${name}( |$)`, "m"));
    }
  });
});

test("lines of --help stand as in the C programs", () => {
  const help = describeProgram(nbctl, "help", {});
  for (const line of [
    "ovn-ic-nbctl: OVN interconnection northbound DB management utility",
    "  init                       initialize the database",
    "  ts-add SWITCH              create a transit switch named SWITCH",
    "  trp-add ROUTER PORT MAC [NETWORK]...[chassis=CHASSIS]",
    "                             add a transit router PORT",
    "  get-ssl                     print the SSL/TLS configuration",
    "  remove TBL REC COL [KEY=]VALUE  remove (KEY=)VALUE from COLumn",
    "  wait-until TBL REC [COL[:KEY]=VALUE]  wait until condition is true",
    "                              (default: unix:/var/run/ovn/ovn_ic_nb_db.sock)",
  ]) {
    expect(help.split("\n")).toContain(line);
  }
  expect(describeProgram(nbctl, "commands", {}).split("\n")).toContain(
    "[--if-exists] [--columns=] ,list,!TABLE *RECORD",
  );
});

test("show of the southbound database doesn't ask for routes", async () => {
  const commands = new Map(sbctl.groups.flatMap((group) => group.commands).map((one) => [one.name, one]));
  const parsed = parseLine(["show"], commands, new Map());
  const behaviour = (await sbctl.groups[0]?.load())?.show ?? {};
  const { settings } = parseGlobalOptions([], "icSb", commands.values(), {});
  const log = new Log({ program: "test", levels: settings.logLevels });
  const line = { program: sbctl, log, settings, commands: parsed.map((one) => ({ ...one, behaviour })) };
  const needs = collectNeeds(line, parseSchema(await sbctl.loadSchema()));
  expect([...needs.keys()].sort()).toEqual(
    ["IC_SB_Global", "Availability_Zone", "Gateway", "Encap", "Port_Binding"].sort(),
  );
  expect(needs.get("Port_Binding")?.columns.has("external_ids")).toBe(false);
});
