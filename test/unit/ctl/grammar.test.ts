import { describe, expect, test } from "vitest";
import type { OptionSpec } from "../../../src/commands/cli/getopt.ts";
import { readOptions } from "../../../src/commands/cli/getopt.ts";
import type { Command } from "../../../src/commands/ctl/command/command.ts";
import { parseLine } from "../../../src/commands/ctl/line/commands.ts";
import { parseGlobalOptions } from "../../../src/commands/ctl/line/read.ts";
import { nbctl } from "../../../src/commands/nbctl/program.ts";

const specs: readonly OptionSpec[] = [
  { name: "timeout", short: "t", value: "required" },
  { name: "format", short: "f", value: "required" },
  { name: "verbose", short: "v", value: "optional" },
  { name: "version", short: "V", value: "none" },
  { name: "pretty", value: "none" },
];

function read(...args: string[]) {
  const found: [string, string | null][] = [];
  const options = readOptions(args, specs);
  for (;;) {
    const step = options.next();
    if (step.done) return { found, rest: args.slice(step.value) };
    found.push([step.value.spec.name, step.value.value]);
  }
}

describe("options", () => {
  test.each<[string, string[], [string, string | null][], string[]]>([
    [
      "long, with = and without",
      ["--timeout=5", "--format", "csv", "x"],
      [
        ["timeout", "5"],
        ["format", "csv"],
      ],
      ["x"],
    ],
    [
      "abbreviated",
      ["--time=5", "--pre"],
      [
        ["timeout", "5"],
        ["pretty", null],
      ],
      [],
    ],
    [
      "short, joined",
      ["-Vfcsv", "-t", "5"],
      [
        ["version", null],
        ["format", "csv"],
        ["timeout", "5"],
      ],
      [],
    ],
    [
      "optional values are joined",
      ["-v", "-vinfo", "--verbose", "x"],
      [
        ["verbose", null],
        ["verbose", "info"],
        ["verbose", null],
      ],
      ["x"],
    ],
    ["-- ends them", ["--pretty", "--", "--pretty"], [["pretty", null]], ["--pretty"]],
    ["the first word ends them", ["x", "--pretty"], [], ["x", "--pretty"]],
    ["a dash alone is a word", ["-", "--pretty"], [], ["-", "--pretty"]],
    [
      "an empty value is a value",
      ["--timeout=", "-f", ""],
      [
        ["timeout", ""],
        ["format", ""],
      ],
      [],
    ],
  ])("%s", (_, args, found, rest) => {
    expect(read(...args)).toEqual({ found, rest });
  });

  test.each([
    [["--foo=1"], "unrecognized option '--foo=1'"],
    [["--ver"], "option '--ver' is ambiguous; possibilities: '--verbose' '--version'"],
    [["--pretty=1"], "option '--pretty' doesn't allow an argument"],
    [["--timeout"], "option '--timeout' requires an argument"],
    [["-x"], "invalid option -- 'x'"],
    [["-Vt"], "option requires an argument -- 't'"],
  ])("%j is refused", (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });

  test("what stands before a mistake is seen first", () => {
    const options = readOptions(["-V", "--foo"], specs);
    expect(options.next().value).toMatchObject({ spec: { name: "version" } });
    expect(() => options.next()).toThrow("unrecognized option '--foo'");
  });
});

const commands = new Map<string, Command>(
  nbctl.groups.flatMap((group) => group.commands).map((command) => [command.name, command]),
);

function parse(...words: string[]) {
  const { first, rest } = parseGlobalOptions(words, "icNb", commands.values(), {});
  return parseLine(rest, commands, first).map(({ command, args, options }) => [
    command.name,
    args,
    [...options],
  ]);
}

describe("lines", () => {
  test("options of the first command may stand among the global ones, abbreviated", () => {
    expect(parse("--may", "-t5", "ts-add", "x")).toEqual([["ts-add", ["x"], [["may-exist", null]]]]);
  });

  test("later commands have theirs after --", () => {
    expect(parse("ts-add", "a", "--", "--may-exist", "ts-add", "b", "--")).toEqual([
      ["ts-add", ["a"], []],
      ["ts-add", ["b"], [["may-exist", null]]],
    ]);
  });

  test("what follows a command's name is an argument", () => {
    expect(parse("ts-add", "-1")).toEqual([["ts-add", ["-1"], []]]);
  });
});

describe("settings", () => {
  const settings = (environment: Record<string, string>, ...words: string[]) =>
    parseGlobalOptions(words, "icNb", commands.values(), environment).settings;

  test("defaults", () => {
    expect(settings({})).toMatchObject({
      remote: "unix:/var/run/ovn/ovn_ic_nb_db.sock",
      leaderOnly: true,
      timeout: 0,
      style: { format: "list", cellFormat: null, headings: true },
    });
  });

  test("the environment, and options over it", () => {
    const environment = { OVN_IC_NB_DB: "tcp:1.2.3.4:6645", OVS_CTL_TIMEOUT: "7" };
    expect(settings(environment)).toMatchObject({ remote: "tcp:1.2.3.4:6645", timeout: 7 });
    expect(settings(environment, "--db=unix:/x", "-t3", "--no-leader-only")).toMatchObject({
      remote: "unix:/x",
      timeout: 3,
      leaderOnly: false,
    });
    expect(settings({ OVN_RUNDIR: "/run/x" }).remote).toBe("unix:/run/x/ovn_ic_nb_db.sock");
  });

  test("TLS options reach the client's names", () => {
    const tls = settings(
      {},
      "-p",
      "k",
      "-c",
      "c",
      "-C",
      "ca",
      "--bootstrap-ca-cert=b",
      "--ssl-server-name=s",
      "--ssl-check-name",
    ).tls;
    expect(tls).toEqual({
      privateKey: "k",
      certificate: "c",
      caCert: "ca",
      bootstrapCaCert: "b",
      serverName: "s",
      checkName: true,
    });
  });
});
