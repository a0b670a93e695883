// The program `ovn-ic`. Only the subcommand that was asked for is loaded, with what it needs.

import { writeSync } from "node:fs";
import type { Command } from "commander";

interface Subcommand {
  readonly description: string;
  load(): Promise<Command>;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  sandbox: {
    description: "run IC databases and availability zones on this machine",
    load: async () => (await import("./sandbox.ts")).sandboxCommand(),
  },
  sync: {
    description: "bring this availability zone and the interconnection databases in line with each other",
    load: async () => (await import("./sync.ts")).syncCommand(),
  },
};

async function main(argv: readonly string[]): Promise<void> {
  const { Command } = await import("commander");
  const program = new Command("ovn-ic")
    .description("OVN Interconnection: the controller and its tools")
    .version(`ovn-ic (ovn-ic-tools) ${__OVN_IC_TOOLS_VERSION__}`, "-V, --version")
    .helpOption("-h, --help");
  const asked = argv[0] ?? "";
  const found = Object.hasOwn(subcommands, asked) ? subcommands[asked] : undefined;
  if (found !== undefined) {
    program.addCommand(await found.load());
  } else {
    // For the list in --help, and commander's "unknown command".
    for (const [name, { description }] of Object.entries(subcommands)) {
      program.command(name).description(description);
    }
  }
  await program.parseAsync(argv, { from: "user" });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  writeSync(2, `ovn-ic: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
