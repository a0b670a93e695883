/** Lines are run from argv, from a batch, or by a daemon: options that exclude each other. */
import { CommandError } from "./command-error.ts";
import type { GlobalLine } from "./global-options.ts";

/** @throws CommandError for options that make no sense together, or with words of a command. */
export function checkModes({ settings: { batch, daemon }, first, rest }: GlobalLine): void {
  const [word] = [...rest, ...[...first.keys()].map((name) => `--${name}`)];
  if (daemon.detach && word !== undefined) {
    throw new CommandError("non-option arguments not supported with --detach (use --help for help)");
  }
  if (batch.file === null) {
    if (batch.singleTransaction) throw new CommandError("--single-transaction needs --batch");
    if (batch.keepGoing) throw new CommandError("--keep-going needs --batch");
    return;
  }
  if (batch.singleTransaction && batch.keepGoing) {
    throw new CommandError("--single-transaction and --keep-going exclude each other");
  }
  if (daemon.detach) throw new CommandError("--batch and --detach exclude each other");
  if (daemon.socket !== null) throw new CommandError("--batch and --unixctl exclude each other");
  if (word !== undefined)
    throw new CommandError(`--batch takes its commands from a file; "${word}" is one too many`);
}
