// The order of rows is the oracle's own (by hash); ours is by uuid. Cases that print several rows are
// compared without it.

/** A form of an output in which rows have one order. */
export function withoutOrder(text: string): unknown {
  if (text.startsWith('{"data":')) return text.split("\n").map(jsonWithoutOrder);
  if (text.startsWith("<table"))
    return text
      .replace(/<\/table>\n$/, "")
      .split("  <tr>\n")
      .sort();
  if (/^\w+ +: /.test(text)) return text.replace(/\n$/, "").split("\n\n").sort();
  return text.split("\n").sort();
}

function jsonWithoutOrder(line: string): unknown {
  if (line === "") return line;
  const { data, headings }: { data: unknown[]; headings: unknown } = JSON.parse(line);
  return { data: data.map((row) => JSON.stringify(row)).sort(), headings };
}

/** A form of what a line prints or leaves in which the order of rows doesn't count, whatever it prints. */
export function anyOrder(value: string | number | readonly string[]): unknown {
  if (typeof value !== "string") return value;
  return (
    value
      .replace(/(begin with \S+: at least) \S+ and \S+/g, "$1 two")
      // Of several such names C tells any.
      .replace(/row id "@[^"]*" (is referenced but never created) .*/g, "a row id $1")
      .split("\n")
      .flatMap((line): unknown[] =>
        // With --oneline the lines of a command stand in one.
        line.startsWith('{"data":') ? [jsonWithoutOrder(line)] : line.replace(/,$/, "").split("\\n"),
      )
      .map((line) => JSON.stringify(line))
      .sort()
  );
}
