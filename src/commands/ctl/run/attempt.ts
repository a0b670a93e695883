/**
 * One attempt at a line's commands: the transaction they write to, the names they define, and what they
 * print.
 */
import type { DatabaseSchema, OvsSchema, Transaction, Uuid } from "ovsdb-client-ts";
import type { CommandContext } from "../command/index.ts";
import { SymbolTable, TryAgain } from "../command/index.ts";
import type { OutputTable } from "../datum/index.ts";
import { formatTable } from "../datum/index.ts";
import { findTable } from "../find/index.ts";
import type { Line } from "./line.ts";
import { atCommand } from "./line.ts";

/** What a command has printed, and remembers for after the commit. */
interface CommandOutput {
  text: string;
  table: OutputTable | null;
  readonly remembered: string[];
}

export class Attempt {
  readonly txn: Transaction<OvsSchema>;
  readonly #line: Line;
  readonly #schema: DatabaseSchema;
  readonly #outputs: CommandOutput[];
  readonly #symbols: SymbolTable;
  readonly #destroyed = new Set<Uuid>();
  #forceIncrement = false;

  constructor(line: Line, schema: DatabaseSchema, txn: Transaction<OvsSchema>) {
    this.txn = txn;
    this.#line = line;
    this.#schema = schema;
    this.#outputs = line.commands.map(() => ({ text: "", table: null, remembered: [] }));
    this.#symbols = new SymbolTable((name) => this.#createAhead(name));
  }

  /** Runs the commands in order. "wait": one of them can't go on until the database changes. */
  execute(): "ran" | "wait" {
    const { program, words, commands, log } = this.#line;
    const { globalTable, logModule } = program;
    this.txn.comment([program.name, ...words].join(" ").replace(" ", ": "));
    const [global] = this.txn.rows(globalTable);
    if (global === undefined) this.txn.insert(globalTable, {});
    try {
      for (const [index, { behaviour }] of commands.entries()) {
        atCommand(index, () => behaviour.run?.(this.#context(index)));
      }
    } catch (error) {
      if (error instanceof TryAgain) return "wait";
      throw error;
    }
    // A write that was left out, since the row has the value already, must not be undone by who was faster.
    this.txn.verifyUnwritten();
    this.#increment();
    for (const warning of this.#symbols.check()) log.warn(logModule, warning);
    return "ran";
  }

  /** Whether a command prints uuids that only the answer to the commit tells. */
  get needsUuids(): boolean {
    return this.#outputs.some(({ remembered }) => remembered.length > 0);
  }

  /** What the line prints, given the real uuids of the rows it has inserted. */
  output(uuids: ReadonlyMap<Uuid, Uuid>): string {
    const { settings, commands } = this.#line;
    let result = "";
    let tables = 0;
    for (const [index, { behaviour, args, options }] of commands.entries()) {
      const output = this.#outputs[index];
      if (output === undefined) continue;
      behaviour.after?.({
        args,
        options,
        remembered: output.remembered,
        committedUuid: (temporary) => uuids.get(temporary) ?? temporary,
        print: (text) => {
          output.text += text;
        },
      });
      if (output.table !== null) {
        result += formatTable(output.table, settings.style, tables === 0);
        tables += 1;
      } else {
        result += settings.oneline ? `${escapeLine(output.text)}\n` : output.text;
      }
    }
    return result;
  }

  /** Counts the change for those who bring the southbound database in line with it, if --wait says so. */
  #increment(): void {
    const { program, settings } = this.#line;
    if (!settings.wait) return;
    for (const row of this.txn.rows(program.globalTable)) {
      this.txn.increment(program.globalTable, row._uuid, "nb_ic_cfg", { force: this.#forceIncrement });
    }
  }

  #context(index: number): CommandContext {
    const { program, commands, log, settings } = this.#line;
    const { globalTable, recordNames, logModule } = program;
    const output = this.#outputs[index];
    const line = commands[index];
    if (output === undefined || line === undefined) throw new RangeError(`the line has no command ${index}`);
    return {
      args: line.args,
      options: line.options,
      schema: this.#schema,
      recordNames,
      globalTable,
      txn: this.txn,
      symbols: this.#symbols,
      destroyed: this.#destroyed,
      print: (text) => {
        output.text += text;
      },
      printTable: (table) => {
        output.table = table;
      },
      warn: (message, module = logModule) => log.warn(module, message),
      inform: (message) => log.info(logModule, message),
      forceIncrement: () => {
        this.#forceIncrement = true;
        return settings.wait;
      },
      remember: (key) => output.remembered.push(key),
    };
  }

  /**
   * Inserts, empty as yet, the row that a later `create` of the line defines, since a value refers to it
   * already.
   */
  #createAhead(name: string): Uuid | null {
    const line = this.#line.commands.find(
      ({ command, options }) => command.name === "create" && options.get("id") === name,
    );
    if (line === undefined) return null;
    return this.txn.insert(findTable(this.#schema, line.args[0] ?? "").name, {});
  }
}

/** One line of output, as `--oneline` wants it: the last newline goes, others and backslashes are escaped. */
function escapeLine(text: string): string {
  return text.replace(/\n$/, "").replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
