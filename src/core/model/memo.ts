/**
 * What follows from rows and is asked for again and again while many units are planned: computed once, and kept as long as no row can change.
 *
 * Planning is synchronous, so rows stay as they are during one round of it. Outside of a round everything is computed anew.
 */
export class Facts {
  #kept: Map<string, Map<object, Map<string, unknown>>> | null = null;
  #single = new Map<string, unknown>();

  /** Keeps what is computed while `work` runs. */
  during<R>(work: () => R): R {
    this.#kept = new Map();
    try {
      return work();
    } finally {
      this.#kept = null;
      this.#single.clear();
    }
  }

  /** A fact of which there is one: as it was computed before, or by `compute`. */
  single<V extends object>(kind: string, compute: () => V): V {
    if (this.#kept === null) return compute();
    const known = this.#single.get(kind);
    if (known !== undefined) return known as V; // what `compute` of this kind returned
    const fact = compute();
    this.#single.set(kind, fact);
    return fact;
  }

  /** A fact about an object and a text: as it was computed before, or by `compute`. The kind says what sort of fact it is. */
  get<V>(kind: string, about: object, text: string, compute: () => V): V {
    if (this.#kept === null) return compute();
    let objects = this.#kept.get(kind);
    if (objects === undefined) {
      objects = new Map();
      this.#kept.set(kind, objects);
    }
    let facts = objects.get(about);
    if (facts === undefined) {
      facts = new Map();
      objects.set(about, facts);
    }
    const known = facts.get(text);
    if (known !== undefined || facts.has(text)) return known as V; // what `compute` of this kind returned
    const fact = compute();
    facts.set(text, fact);
    return fact;
  }
}
