import type { Which } from "./fixture.ts";

/** A command line to be run by both programs. */
export interface Case {
  readonly program: Which;
  /** The words, as a shell would split them. */
  readonly line: string;
  /** The words themselves, where `line` can't say them. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** It prints several rows. */
  readonly unordered?: boolean;
  /** What 26.03.1 does otherwise than the oracle at hand, 23.03.1: there we follow the newer. */
  readonly newer?: { readonly stdout?: string; readonly stderr?: string; readonly status?: number };
}

/** Cases from lines of text, one each; `~` at the beginning of a line: it prints several rows. */
export function cases(program: Which, lines: string): Case[] {
  return lines
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) =>
      line.startsWith("~ ") ? { program, line: line.slice(2), unordered: true } : { program, line },
    );
}
