/** Command lines as texts. */

/** Splits a command line as a shell does, as far as the cases need it: at spaces outside of single quotes. */
export function splitWords(line: string): string[] {
  return (line.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) => word.replaceAll("'", ""));
}

/** The words of several commands that a program of OVN carries out in one transaction. */
export function commands(...lines: readonly string[]): string[] {
  return lines.flatMap((line, i) => [...(i === 0 ? [] : ["--"]), ...splitWords(line)]);
}
