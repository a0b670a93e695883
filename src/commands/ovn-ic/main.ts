/**
 * The program `ovn-ic`: the controller as a daemon, and what else there is, as subcommands. Only what was
 * asked for is loaded, with what it needs.
 *
 * `nbctl` and `sbctl` are the programs `ovn-ic-nbctl` and `ovn-ic-sbctl` themselves: every word after the
 * subcommand goes to them as it is, and never to commander, which knows their grammar no more than it knows
 * that `--` can be a word.
 */
import { writeSync } from "node:fs";
import type { Command } from "commander";
import type { Program } from "../ctl/command/index.ts";

interface Subcommand {
  readonly description: string;
  /** Loads a subcommand whose grammar is commander's. */
  readonly load?: () => Promise<Command>;
  /** Loads one that has a grammar of its own. */
  readonly program?: () => Promise<Program>;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  nbctl: {
    description: "edit the interconnection northbound database: the program ovn-ic-nbctl",
    program: async () => (await import("../nbctl/program.ts")).nbctl,
  },
  sandbox: {
    description: "run IC databases and availability zones on this machine",
    load: async () => (await import("./sandbox.ts")).sandboxCommand(),
  },
  sbctl: {
    description: "show and edit the interconnection southbound database: the program ovn-ic-sbctl",
    program: async () => (await import("../sbctl/program.ts")).sbctl,
  },
  snapshot: {
    description: "all databases in one file: save it, look at it",
    load: async () => (await import("./insight/snapshot.ts")).snapshotCommand(),
  },
  status: {
    description: "how far each availability zone has come, and what holds it up",
    load: async () => (await import("./insight/status.ts")).statusCommand(),
  },
  sync: {
    description: "bring this availability zone and the interconnection databases in line with each other",
    load: async () => (await import("./sync.ts")).syncCommand(),
  },
};

function findSubcommand(name: string | undefined): Subcommand | undefined {
  return name !== undefined && Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
}

function listSubcommands(): string {
  return Object.entries(subcommands)
    .map(([name, { description }]) => `  ${name.padEnd(24)}${description}\n`)
    .join("");
}

/** Errors in the command line begin as all other errors do, with what was run. */
function withErrorsOf(command: Command, name: string): Command {
  return command.configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, `${name}: `)),
  });
}

/** `help` is `--help`, and `help sync` is `sync --help`; of what there isn't, no help either. */
function withoutHelp(words: readonly string[]): readonly string[] {
  const [what = "help"] = words;
  if (what === "help") return ["--help"];
  return findSubcommand(what) === undefined ? words : [what, "--help"];
}

async function main(argv: readonly string[]): Promise<void> {
  const words = argv[0] === "help" ? withoutHelp(argv.slice(1)) : argv;
  const found = findSubcommand(words[0]);
  if (found?.program !== undefined) {
    const { runProgram } = await import("../ctl/main.ts");
    const program = await found.program();
    const { castNet } = await import("../cli/index.ts");
    castNet(program.name);
    process.exit(await runProgram(program, words.slice(1), process.env));
  }
  // The words of the daemon form are options only.
  if (found === undefined && (words[0] === undefined || words[0].startsWith("-"))) {
    const { runDaemonForm } = await import("./daemon/main.ts");
    process.exit(await runDaemonForm(words, process.env, listSubcommands()));
  }
  const { castNet } = await import("../cli/index.ts");
  castNet(found?.load === undefined ? "ovn-ic" : `ovn-ic ${words[0]}`);
  const { Command } = await import("commander");
  const program = withErrorsOf(new Command("ovn-ic"), "ovn-ic")
    .description("OVN Interconnection: the controller and its tools")
    .helpOption("-h, --help")
    .showHelpAfterError("`ovn-ic --help` lists the commands.");
  if (found?.load !== undefined) {
    const command = await found.load();
    const name = `ovn-ic ${command.name()}`;
    program.addCommand(
      withErrorsOf(command, name).showHelpAfterError(`\`${name} --help\` lists the options.`),
    );
  } else {
    // For the list in --help, and commander's "unknown command".
    for (const [name, { description }] of Object.entries(subcommands)) {
      program.command(name).description(description);
    }
  }
  await program.parseAsync(words, { from: "user" });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  writeSync(2, `ovn-ic: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
