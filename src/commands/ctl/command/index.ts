/** What a command is, and what it gets to see. What others may use of it. */
export {
  type AnyRow,
  type Behaviour,
  type Behaviours,
  type Command,
  type CommandContext,
  type CommandGroup,
  type CommandOptions,
  type HelpLine,
  type NeedsContext,
  type Program,
  TryAgain,
} from "./command.ts";
export { SymbolTable } from "./symbols.ts";
