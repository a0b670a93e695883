/**
 * What follows from rows and is asked for again and again while many units are planned: computed once, and kept as long as no row can change.
 *
 * Planning is synchronous, so rows stay as they are during one round of it. Outside of a round everything is computed anew.
 */
export class Facts {
  #kept: Map<string, WeakMap<object, Map<string, unknown>>> | null = null;

  /** Keeps what is computed while `work` runs. */
  during<R>(work: () => R): R {
    this.#kept = new Map();
    try {
      return work();
    } finally {
      this.#kept = null;
    }
  }

  /** A fact about an object and a text: as it was computed before, or by `compute`. The kind says what sort of fact it is. */
  get<V>(kind: string, about: object, text: string, compute: () => V): V {
    if (this.#kept === null) return compute();
    let objects = this.#kept.get(kind);
    if (objects === undefined) {
      objects = new WeakMap();
      this.#kept.set(kind, objects);
    }
    let facts = objects.get(about);
    if (facts === undefined) {
      facts = new Map();
      objects.set(about, facts);
    }
    if (facts.has(text)) return facts.get(text) as V; // what `compute` of this kind returned
    const fact = compute();
    facts.set(text, fact);
    return fact;
  }
}
