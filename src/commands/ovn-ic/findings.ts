/**
 * What looks like a mistake in the configuration, as it is now: kept by unit, since each time that a unit is
 * planned all that was found of it is found again.
 *
 * What is found for the first time is said after some seconds, if it is still so: while somebody sets
 * something up, one thing comes after the other, and what is in order in the end is not worth a word. What
 * has been said is not said again until it was gone, nor within a minute; and only so much is said in a
 * minute. What that holds back is said later, if it is still so then.
 */
import type { Note } from "../../core/model/index.ts";
import type { Planner, PlanObserver, Unit } from "../../core/planning/index.ts";

/** Milliseconds. */
const PATIENCE = 5000;
const MINUTE = 60_000;
/** Findings that are said in a minute. */
const MOST = 20;

interface Finding {
  readonly note: Note;
  readonly due: number;
}

type Found = Map<string, Finding>;

export class Findings implements PlanObserver {
  readonly #say: (note: Note) => void;
  readonly #units = new Map<Planner, Map<string, Found>>();
  /** Not said yet. */
  readonly #unsaid = new Set<Finding>();
  /** What was said within the last minute, and when, in the order of time. */
  readonly #said = new Map<string, number>();
  #before: Found | undefined;
  #now: Found | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param say called for what was found some seconds ago and is still so */
  constructor(say: (note: Note) => void = () => {}) {
    this.#say = say;
  }

  /** To be handed to whoever plans. */
  readonly finding = (note: Note): void => {
    if (this.#now?.has(note.text) === true) return;
    const known = this.#before?.get(note.text);
    const finding = known ?? { note, due: this.#dueOf(note) };
    this.#now ??= new Map();
    this.#now.set(note.text, finding);
    if (known !== undefined) return;
    this.#unsaid.add(finding);
    this.#timer ??= this.#timeout(PATIENCE);
  };

  #dueOf({ text }: Note): number {
    return Math.max(
      performance.now() + PATIENCE,
      (this.#said.get(text) ?? Number.NEGATIVE_INFINITY) + MINUTE,
    );
  }

  /** To be handed to whoever plans: which unit it is that something is found of. */
  readonly planning = ({ planner, key }: Unit): void => {
    this.#before = this.#units.get(planner)?.get(key);
    this.#now = null;
  };

  readonly planned = ({ planner, key }: Unit): void => {
    const [before, now] = [this.#before, this.#now];
    if (now === null && before === undefined) return;
    const units = this.#units.get(planner) ?? new Map<string, Found>();
    this.#units.set(planner, units);
    if (now === null) units.delete(key);
    else units.set(key, now);
    for (const [text, finding] of before ?? []) if (now?.has(text) !== true) this.#unsaid.delete(finding);
  };

  /** All that is so now. */
  get notes(): Note[] {
    const found = [...this.#units.values()].flatMap((units) => [...units.values()]);
    return found.flatMap((notes) => [...notes.values()].map(({ note }) => note));
  }

  /** How much of it there is, by reason. */
  get counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { reason } of this.notes) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return counts;
  }

  /** Forgets everything: who plans nothing finds nothing. */
  clear(): void {
    for (const units of this.#units.values()) units.clear();
    this.#unsaid.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #timeout(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#sayWhatIsDue(), Math.max(1, milliseconds)).unref();
  }

  #sayWhatIsDue(): void {
    this.#timer = null;
    const now = performance.now();
    for (const [text, time] of this.#said) if (time + MINUTE <= now) this.#said.delete(text);
    for (const finding of this.#unsaid) {
      if (finding.due > now || this.#said.size >= MOST) continue;
      this.#unsaid.delete(finding);
      this.#said.delete(finding.note.text);
      this.#said.set(finding.note.text, now);
      this.#say(finding.note);
    }
    if (this.#unsaid.size > 0) this.#timer = this.#timeout(this.#nextDue(now) - now);
  }

  #nextDue(now: number): number {
    const due = Math.min(...[...this.#unsaid].map((finding) => finding.due));
    const [oldest = now] = this.#said.values();
    return this.#said.size >= MOST ? Math.max(due, oldest + MINUTE) : due;
  }
}
