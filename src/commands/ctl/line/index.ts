/** The words of a line: its options, its commands, and the help for both. What others may use of it. */
export { type LineCommand, parseLine } from "./commands.ts";
export { describe } from "./help.ts";
export { globalOptions, OUR_OPTIONS } from "./options.ts";
export {
  allOptions,
  type GlobalLine,
  type OptionTable,
  optionsOfRun,
  parseBatchOptions,
  parseGlobalOptions,
  parseRunOptions,
} from "./read.ts";
export type { BatchSettings, DaemonSettings, Settings } from "./settings.ts";
