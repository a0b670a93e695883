import type { Release } from "../../harness/programs/ovn-sid.ts";
import type { Which } from "./fixture.ts";

/** What a program is to do other than its oracle. */
export interface Otherwise {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly status?: number;
  /** From what the oracle leaves in the database. */
  readonly contents?: (expected: readonly string[]) => readonly string[];
}

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
  /**
   * What 26.03.1 does otherwise than 23.03.1: there we follow the newer, on any server. Explained in
   * differences.md.
   */
  readonly newer?: Otherwise;
  /** What we do otherwise than both. Explained in differences.md. */
  readonly ours?: Otherwise;
  /** Only the oracle of this release has it. */
  readonly since?: Release;
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
