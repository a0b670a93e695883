// Several pairs of contenders, so that cases run at the same time and each from untouched contents.

import { makeDirectory } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Release } from "../../harness/programs/ovn-sid.ts";
import type { Answer } from "./answer.ts";
import type { Runner } from "./contender.ts";
import { Contender, oracleRunner } from "./contender.ts";
import type { Which } from "./fixture.ts";
import { findRelease } from "./release.ts";

/** What both sides did. */
export interface Answers {
  readonly expected: Answer;
  readonly actual: Answer;
}

interface Lane {
  readonly oracle: Contender;
  readonly ours: Contender;
}

export class Lanes {
  readonly #all: readonly Lane[];
  readonly #free: Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];

  private constructor(lanes: readonly Lane[]) {
    this.#all = lanes;
    this.#free = [...lanes];
  }

  /** Starts `count` pairs of servers of a release. */
  static async start(release: Release, ourRunner: Runner, count: number): Promise<Lanes> {
    const files = await findRelease(release, makeDirectory());
    const lanes = Array.from({ length: count }, () => ({
      oracle: new Contender(release, files, oracleRunner(files)),
      ours: new Contender(release, files, ourRunner),
    }));
    await Promise.all(lanes.flatMap(({ oracle, ours }) => [oracle.start(files), ours.start(files)]));
    return new Lanes(lanes);
  }

  /** Runs a line on both sides. */
  async answers(
    which: Which,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Answers> {
    const lane = await this.#take();
    try {
      const [expected, actual] = await Promise.all([
        lane.oracle.answer(which, args, environment),
        lane.ours.answer(which, args, environment),
      ]);
      return { expected, actual };
    } finally {
      this.#giveBack(lane);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.flatMap(({ oracle, ours }) => [oracle.stop(), ours.stop()]));
  }

  #take(): Promise<Lane> {
    const lane = this.#free.pop();
    if (lane !== undefined) return Promise.resolve(lane);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(lane: Lane): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(lane);
    else next(lane);
  }
}
