/** What is wrong with units, and who is told of it, once. */
import type { DatabaseName, View } from "../../model/index.ts";
import type { Problem } from "../../planning/index.ts";
import { unitName } from "../../planning/index.ts";
import type { Reversals } from "./reversals.ts";
import type { Rivals } from "./rivals.ts";
import type { UnitState } from "./unit.ts";
import { blamed } from "./unit.ts";

const CONTESTED =
  "somebody else keeps changing back what it writes (a second controller, a script, a CMS?): written again at growing intervals, up to a minute";

/** Milliseconds after which it is said again that two deployments have one name, while that lasts. */
const RIVALS_REPEAT = 600_000;

export class Problems {
  readonly #view: View;
  readonly #rivals: Rivals;
  readonly #reversals: Reversals;
  readonly #say: (problem: Problem) => void;
  #rivalsDue = Number.NEGATIVE_INFINITY;

  /** @param say called when a unit begins to have a problem */
  constructor(view: View, rivals: Rivals, reversals: Reversals, say: (problem: Problem) => void = () => {}) {
    this.#view = view;
    this.#rivals = rivals;
    this.#reversals = reversals;
    this.#say = say;
  }

  /** Units have a problem, the same for all of them: it is said of the first that didn't have it before. */
  report(units: readonly UnitState[], text: string): void {
    const news = units.find((unit) => !isSameProblem(unit.problem, text));
    for (const unit of units) this.#blame(unit, text);
    if (news?.problem) this.#say(news.problem);
  }

  /**
   * What units wrote to a database is changed back again and again. Between its writes such a unit may have
   * been clean, so that what was said of it is known from its reversals; of two deployments with one name it
   * is said once for all units.
   */
  reportContested(units: readonly UnitState[], database: DatabaseName, now: number): void {
    const rivals = database === "icSb" ? this.#rivals.describe(now) : null;
    for (const unit of units) this.#blame(unit, rivals ?? CONTESTED);
    const told = rivals === null ? units.find((unit) => this.#reversals.isNew(unit, database)) : units[0];
    if (!told?.problem || (rivals !== null && now < this.#rivalsDue)) return;
    if (rivals !== null) this.#rivalsDue = now + RIVALS_REPEAT;
    this.#say(told.problem);
  }

  /** A unit that is contested waits, and has its problem meanwhile. It was said when it was written. */
  blameContested(unit: UnitState, now: number): void {
    if (unit.problem === null) this.#blame(unit, this.#rivals.describe(now) ?? CONTESTED);
  }

  /** A next conflict of names is another one. */
  forgetRivals(): void {
    this.#rivalsDue = Number.NEGATIVE_INFINITY;
  }

  #blame(unit: UnitState, text: string): void {
    blamed(unit, { unit, name: unitName(unit, this.#view), text });
  }
}

const UUIDS = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * Whether a problem is one that was known before. A server names the rows of which it refuses one by their
 * uuids, which are other ones with every attempt, and so is which of them it calls the first: what counts is
 * that the words are the same.
 */
function isSameProblem(before: Problem | null, text: string): boolean {
  return before !== null && words(before.text) === words(text);
}

function words(text: string): string {
  return text.replace(UUIDS, "").split(/\W+/).sort().join(" ");
}
