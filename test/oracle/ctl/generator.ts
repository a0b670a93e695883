// Invents command lines from a schema: all generic database commands on all tables and columns, with values
// that are right, nearly right or nonsense, in all ways of writing them; abbreviations, options, formats,
// chains and @names.

import fc from "fast-check";
import type { BaseType, ColumnSchema, DatabaseSchema, TableSchema } from "ovsdb-client-ts";
import type { Which } from "./fixture.ts";
import { id } from "./fixture.ts";

/** Draws a value. */
type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T;

/** A command line to be run by both sides. */
export interface GeneratedLine {
  readonly which: Which;
  readonly args: readonly string[];
}

/** Words that are hard to get right. */
const HARD_TEXTS = [
  "",
  '""',
  "a b",
  '"a b"',
  "a,b",
  "a=b",
  "a:b",
  "[a]",
  "{a}",
  "[]",
  "{}",
  "[",
  "]",
  "{",
  "}",
  '"',
  '"a',
  'a"b"c',
  "true",
  "false",
  "yes",
  "0",
  "1",
  "-5",
  "+7",
  "007",
  "1.5",
  "1e3",
  "0x10",
  "9223372036854775807",
  "1-3",
  "5-2",
  "9223372036854775808",
  "-9223372036854775808",
  "9007199254740993",
  "ünï€😀",
  "é",
  '"é"',
  "日本",
  "a\\b",
  "a\\",
  '"\\n"',
  '"\\u00e9"',
  '"\\q"',
  "\\n",
  "a\nb",
  "a\tb",
  " a",
  "a ",
  ",",
  "=",
  ":",
  "!",
  "<",
  ">",
  "#",
  "$",
  "'",
  "&",
  "10.0.0.1",
  "10.0.0.0/24",
  "fd00::1",
  "00:00:00:00:00:01",
  "--",
  "-",
  "@",
  "__proto__",
  "constructor",
  "%s",
  "a.b_c-d",
] as const;

const hardText = fc.constantFrom(...HARD_TEXTS);
const randomText = fc.string({ unit: "grapheme", maxLength: 6 }).filter((text) => !text.includes("\0"));
const text = fc.oneof({ weight: 4, arbitrary: hardText }, { weight: 1, arbitrary: randomText });
const uuid = fc.constantFrom<string>(...Object.values(id), "abcdef00-1111-4222-8333-444444444444");
const garbageName = fc.constantFrom("", "foo", "_uuid", "_version", "n@me", "x y", "é", "-", "a:b");

const NAMES: Readonly<Record<string, readonly string[]>> = {
  Transit_Switch: ["ts1", "ts2", "-5", "true", "ünï€😀", 'a "quoted" <name>&'],
  Transit_Router: ["tr1", "tr2"],
  Transit_Router_Port: ["p1", "p2", "00:00:00:00:00:01"],
  Availability_Zone: ["az1", "az2", "AZ three"],
  Gateway: ["gw0", "gw1", "gw2"],
  Port_Binding: ["p1", "p2", "p3", "p4", "p5"],
  Datapath_Binding: ["ts1", "ts2"],
};

const TEN = { minLength: 1, maxLength: 3 };

/** Command lines for a program whose server has this schema. */
export function lineArbitrary(which: Which, schema: DatabaseSchema): fc.Arbitrary<GeneratedLine> {
  return fc.gen().map((generate) => {
    const draw: Draw = (arbitrary) => generate(() => arbitrary);
    return { which, args: new LineGenerator(which, schema, draw).line() };
  });
}

class LineGenerator {
  readonly #which: Which;
  readonly #schema: DatabaseSchema;
  readonly #draw: Draw;

  constructor(which: Which, schema: DatabaseSchema, draw: Draw) {
    this.#which = which;
    this.#schema = schema;
    this.#draw = draw;
  }

  line(): string[] {
    const count = this.#pick([1, 1, 1, 1, 2, 2, 3, 4]);
    const commands = Array.from({ length: count }, () => this.#command());
    if (this.#chance(6)) commands.splice(this.#draw(fc.nat(commands.length)), 0, ...this.#symbolPair());
    const words = commands.flatMap((command, index) => (index === 0 ? command : ["--", ...command]));
    return [...this.#globalOptions(), ...(this.#chance(10) ? ["--"] : []), ...words];
  }

  #chance(oneIn: number): boolean {
    return this.#draw(fc.nat(oneIn - 1)) === 0;
  }

  #pick<T>(all: readonly T[]): T {
    return this.#draw(fc.constantFrom(...all));
  }

  #globalOptions(): string[] {
    const format = this.#pick(["table", "list", "html", "csv", "json"]);
    const data = this.#pick(["string", "bare", "json"]);
    const pool: readonly (readonly string[])[] = [
      [`--format=${format}`],
      ["-f", format],
      [`-f${format}`],
      [`--data=${data}`],
      [`-d${data}`],
      ["--no-headings"],
      ["--no-head"],
      ["--pretty"],
      ["--bare"],
      ["--oneline"],
      ["--dry-run"],
      ["--max-column-width=5"],
      ["--max=1"],
      ["--leader-only"],
      ["--no-syslog"],
      ["-voff"],
      [this.#pick(["--format=x", "--data", "--foo", "-x", "--p", "--bare=1"])],
    ];
    const count = this.#pick([0, 0, 0, 1, 1, 2, 3]);
    // The last, which is a mistake, seldom.
    return Array.from({ length: count }, () => this.#pick(this.#chance(8) ? pool : pool.slice(0, -1))).flat();
  }

  #command(): string[] {
    const generic = [
      this.#list,
      this.#find,
      this.#get,
      this.#set,
      this.#set,
      this.#add,
      this.#remove,
      this.#clear,
    ];
    const rest = [this.#create, this.#create, this.#destroy, this.#noun];
    const words = this.#pick([...generic, ...rest]).call(this);
    if (!this.#chance(25)) return words;
    // A word too many or too few.
    return this.#chance(2) ? [...words, this.#draw(text)] : words.slice(0, -1);
  }

  #noun(): string[] {
    const common = [
      ["get-connection"],
      ["del-connection"],
      ["get-ssl"],
      ["del-ssl"],
      ["init"],
      ["comment", "x"],
    ];
    const target = this.#pick(["ptcp:1", "pssl:2:[::]", "tcp:x", "foo", "ptcp:6645:[::]"]);
    const probe = this.#chance(2) ? [] : [`--inactivity-probe=${this.#pick(["5", "x", "-1", "7x"])}`];
    const settings = [
      [...probe, "set-connection", target],
      ["set-ssl", "k", this.#draw(text), "c"],
    ];
    const own =
      this.#which === "nb" ? this.#switches() : [["show"], ["show", this.#pick(["az1", "az2", "x", id.az1])]];
    return this.#pick([...common, ...settings, ...own, ...own]);
  }

  #switches(): string[][] {
    const name = this.#draw(fc.oneof(fc.constantFrom("ts1", "ts2", "new", "-5", id.ts1, id.missing), text));
    const flag = (option: string) => (this.#chance(2) ? [] : [option]);
    return [
      [...flag("--may-exist"), "ts-add", name],
      [...flag("--if-exists"), "ts-del", name],
      ["ts-list"],
      ["show"],
    ];
  }

  #table(): TableSchema {
    return this.#pick([...this.#schema.tables.values()]);
  }

  /** A way to write a name: whole, in another case, abbreviated; or something else. */
  #spell(name: string): string {
    const other = this.#draw(fc.nat(11));
    if (other < 6) return name;
    if (other < 7) return name.toLowerCase();
    if (other < 8) return name.toUpperCase().replaceAll("_", "-");
    if (other < 11) return name.slice(0, 1 + this.#draw(fc.nat(name.length - 1)));
    return this.#draw(garbageName);
  }

  #column(table: TableSchema): ColumnSchema {
    return this.#pick([...table.columns.values()]);
  }

  #record(table: TableSchema): string {
    const known = NAMES[table.name] ?? ["."];
    const other = this.#draw(fc.nat(9));
    if (other < 6) return this.#pick(known);
    if (other < 7) return ".";
    if (other < 9) return this.#spellUuid(this.#draw(uuid));
    return this.#draw(text);
  }

  #spellUuid(whole: string): string {
    return this.#pick([
      whole,
      whole,
      whole.toUpperCase(),
      whole.slice(0, 8),
      whole.slice(0, 12),
      `@${whole}`,
    ]);
  }

  #ifExists(): string[] {
    return this.#chance(4) ? [this.#pick(["--if-exists", "--if-exists", "--if-exists", "--may-exist"])] : [];
  }

  #columns(table: TableSchema): string[] {
    if (this.#chance(2)) return [];
    const names = this.#draw(fc.array(fc.constant(null), TEN)).map(() =>
      this.#chance(5) ? "_uuid" : this.#spell(this.#column(table).name),
    );
    return [`--columns=${names.join(this.#pick([",", ",", " ", ", "]))}`];
  }

  #list(): string[] {
    const table = this.#table();
    const records = this.#draw(fc.array(fc.constant(null), { maxLength: 2 })).map(() => this.#record(table));
    return [...this.#ifExists(), ...this.#columns(table), "list", this.#spell(table.name), ...records];
  }

  #find(): string[] {
    const table = this.#table();
    const operators = [
      "=",
      "=",
      "=",
      "!=",
      "<",
      ">",
      "<=",
      ">=",
      "{=}",
      "{!=}",
      "{<}",
      "{>}",
      "{<=}",
      "{>=}",
    ];
    const conditions = this.#draw(fc.array(fc.constant(null), TEN)).map(() => {
      const operator = this.#pick([...operators, "{in}", "{not-in}", "~"]);
      return this.#setting(this.#column(table), operator);
    });
    return [...this.#columns(table), "find", this.#spell(table.name), ...conditions];
  }

  #get(): string[] {
    const table = this.#table();
    const columns = this.#draw(fc.array(fc.constant(null), { maxLength: 3 })).map(() => {
      if (this.#chance(8)) return this.#pick(["_uuid", "_UUID", "_version"]);
      const column = this.#column(table);
      const key = this.#chance(column.value === null ? 12 : 2) ? `:${this.#key(column)}` : "";
      return `${this.#spell(column.name)}${key}`;
    });
    const symbol = this.#chance(12) ? [`--id=${this.#pick(["@a", "@b", "x"])}`] : [];
    return [...this.#ifExists(), ...symbol, "get", this.#spell(table.name), this.#record(table), ...columns];
  }

  #set(): string[] {
    const table = this.#table();
    const columns = this.#draw(fc.array(fc.constant(null), TEN)).map(() => this.#column(table));
    // Each once: to write a key and the whole of one map is a difference, see differences.md.
    const settings = [...new Set(columns)].map((column) => this.#setting(column, "="));
    return [...this.#ifExists(), "set", this.#spell(table.name), this.#record(table), ...settings];
  }

  #create(): string[] {
    const table = this.#table();
    const count = this.#pick([1, 2, 3, 5]);
    const settings = Array.from({ length: count }, () => this.#setting(this.#column(table), "="));
    const symbol = this.#chance(5) ? [`--id=${this.#pick(["@a", "@b", "@c", "x", "@"])}`] : [];
    return [...symbol, "create", this.#spell(table.name), ...settings];
  }

  #destroy(): string[] {
    const table = this.#table();
    if (this.#chance(8)) return ["--all", "destroy", this.#spell(table.name)];
    const records = this.#draw(fc.array(fc.constant(null), TEN)).map(() => this.#record(table));
    return [...this.#ifExists(), "destroy", this.#spell(table.name), ...records];
  }

  #add(): string[] {
    const table = this.#table();
    const column = this.#chance(4) ? this.#column(table) : this.#collection(table);
    const values = this.#draw(fc.array(fc.constant(null), TEN)).map(() => this.#datum(column));
    const words = ["add", this.#spell(table.name), this.#record(table), this.#spell(column.name), ...values];
    return [...this.#ifExists(), ...words];
  }

  #remove(): string[] {
    const table = this.#table();
    const column = this.#chance(4) ? this.#column(table) : this.#collection(table);
    const values = this.#draw(fc.array(fc.constant(null), TEN)).map(() =>
      column.value !== null && this.#chance(2) ? this.#key(column) : this.#datum(column),
    );
    const words = [
      "remove",
      this.#spell(table.name),
      this.#record(table),
      this.#spell(column.name),
      ...values,
    ];
    return [...this.#ifExists(), ...words];
  }

  #clear(): string[] {
    const table = this.#table();
    const columns = this.#draw(fc.array(fc.constant(null), TEN)).map(() =>
      this.#spell(this.#collection(table).name),
    );
    return [...this.#ifExists(), "clear", this.#spell(table.name), this.#record(table), ...columns];
  }

  #collection(table: TableSchema): ColumnSchema {
    const collections = [...table.columns.values()].filter(({ kind }) => kind !== "scalar");
    return collections.length > 0 ? this.#pick(collections) : this.#column(table);
  }

  /** A row that another command of the line refers to, before or after. */
  #symbolPair(): string[][] {
    const nb = this.#which === "nb";
    const global = nb ? "IC_NB_Global" : "IC_SB_Global";
    const pairs = [
      [
        ["--id=@s", "create", "Connection", `target=${this.#pick(["x", "ptcp:1", '"a b"'])}`],
        [this.#pick(["set", "set", "add"]), global, ".", "connections"],
      ],
      [
        ["--id=@s", "create", "SSL", "private_key=k", "certificate=c", "ca_cert=a"],
        ["set", global, ".", "ssl"],
      ],
      ...(nb
        ? []
        : [
            [
              ["--id=@s", "create", "Encap", "type=geneve", "ip=1.1.1.1"],
              ["set", "Gateway", "gw1", "encaps"],
            ],
          ]),
    ];
    const [first = [], [verb = "", ...rest] = []] = this.#pick(pairs);
    const column = rest.at(-1) ?? "";
    const words = verb === "add" ? [verb, ...rest, "@s"] : [verb, ...rest.slice(0, -1), `${column}=@s`];
    return this.#chance(2) ? [first, words] : [words, first];
  }

  /** `COLUMN[:KEY]OPERATOR VALUE`. */
  #setting(column: ColumnSchema, operator: string): string {
    const name = this.#spell(column.name);
    if (column.value !== null && this.#chance(2)) {
      return `${name}:${this.#key(column)}${operator}${this.#atoms(column.value, 5)}`;
    }
    const key = column.value === null && this.#chance(30) ? `:${this.#draw(text)}` : "";
    return `${name}${key}${operator}${this.#datum(column)}`;
  }

  #key(column: ColumnSchema): string {
    const known = this.#pick(["a", "n", "t", "subnet", "vendor", "u", '"c d"', "é", "x", "csum"]);
    return this.#chance(4) ? this.#atom(column.key) : known;
  }

  #datum(column: ColumnSchema): string {
    if (column.value === null) return this.#atoms(column.key, column.kind === "scalar" ? 12 : 3);
    if (this.#chance(8)) return this.#draw(text);
    const { value } = column;
    const pairs = this.#draw(fc.array(fc.constant(null), { maxLength: 3 })).map(
      () => `${this.#key(column)}${this.#pick(["=", "=", "=", " = ", ":"])}${this.#atom(value)}`,
    );
    return this.#bracket(pairs, "{", "}");
  }

  /** One atom, and one time in `oneIn` any number of them. */
  #atoms(base: BaseType, oneIn: number): string {
    if (!this.#chance(oneIn)) return this.#atom(base);
    const atoms = this.#draw(fc.array(fc.constant(null), { maxLength: 3 })).map(() => this.#atom(base));
    return this.#bracket(atoms, "[", "]");
  }

  #bracket(elements: readonly string[], open: string, close: string): string {
    const joined = elements.join(this.#pick([",", ",", " ", ", ", " ,"]));
    const other = this.#draw(fc.nat(9));
    if (other === 0) return `${open}${joined}`;
    if (other === 1) return `${joined}${close}`;
    if (other < 5) return joined;
    return other < 7 ? `${open} ${joined} ${close}` : `${open}${joined}${close}`;
  }

  #atom(base: BaseType): string {
    if (this.#chance(10)) return this.#draw(text);
    switch (base.type) {
      case "integer":
        return this.#pick([
          "0",
          "1",
          "2",
          "7",
          "1000",
          "32767",
          "32768",
          "16711681",
          "-1",
          "65535",
          "60000",
          " 5",
          "+5",
        ]);
      case "real":
        return this.#pick(["0", "1.5", "-2e3", ".5"]);
      case "boolean":
        return this.#pick(["true", "false", "yes", "no", "on", "off", "1", "0"]);
      case "uuid":
        return this.#spellUuid(this.#draw(uuid));
      case "string":
        return this.#string(base);
    }
  }

  #string(base: BaseType): string {
    if (base.enum !== null && !this.#chance(6)) return String(this.#pick(base.enum));
    const value = this.#draw(fc.oneof(fc.constantFrom("a", "b", "ts1", "gw1", "x", "p1"), text));
    return this.#chance(4) ? JSON.stringify(value) : value;
  }
}
