/**
 * What follows from rows, and is asked for again and again: computed once, and kept as long as it is true.
 *
 * Planning is synchronous, so rows stay as they are during one round of it: what follows from all of them
 * together is a `fact`. Outside of a round it is computed anew. What follows from one row alone is true as
 * long as that very object is in use, for a changed row is another one: that is a `trait`.
 */
type About = string | object;
type Compute = (view: never, ...about: never[]) => unknown;

/** What has facts: the view. */
interface Factual {
  readonly facts: Facts;
}

/** The facts of one view. */
export class Facts {
  #kept: Map<Compute | About, unknown> | null = null;

  /** Keeps what is computed while `work` runs. */
  during<R>(work: () => R): R {
    this.#kept = new Map();
    try {
      return work();
    } finally {
      this.#kept = null;
    }
  }

  /** What was kept of one kind of fact; null outside of a round. */
  of(compute: Compute): Map<About, unknown> | null {
    return this.#kept === null ? null : level(this.#kept, compute);
  }
}

function level<K>(map: Map<K, unknown>, key: K): Map<About, unknown> {
  const known = map.get(key);
  if (known instanceof Map) return known;
  const next = new Map<About, unknown>();
  map.set(key, next);
  return next;
}

/** Stands for what a fact without anything else is about. */
const ALL = "";

/**
 * Makes a function of one that computes a fact: of the view alone, or about one or two things.
 *
 * @example const transitPortsOn = fact((view: View, router: LogicalRouter, transitSwitch: string) => ...);
 */
export function fact<S extends Factual, V>(compute: (view: S) => V): (view: S) => V;
export function fact<S extends Factual, V, A extends About>(
  compute: (view: S, a: A) => V,
): (view: S, a: A) => V;
export function fact<S extends Factual, V, A extends About, B extends About>(
  compute: (view: S, a: A, b: B) => V,
): (view: S, a: A, b: B) => V;
export function fact<V>(
  compute: (view: Factual, a: About, b: About) => V,
): (view: Factual, a?: About, b?: About) => V {
  return (view, a = ALL, b) => {
    const all = view.facts.of(compute);
    if (all === null) return compute(view, a, b ?? ALL);
    const facts = b === undefined ? all : level(all, a);
    const key = b ?? a;
    const known = facts.get(key);
    if (known !== undefined || facts.has(key)) return known as V; // what this very `compute` returned
    const value = compute(view, a, b ?? ALL);
    facts.set(key, value);
    return value;
  };
}

/**
 * Makes a function of one that computes what follows from one object, which never changes.
 *
 * @example const networksOf = trait((port: LogicalRouterPort) => port.networks.flatMap((text) => parsePrefix(text) ?? []));
 */
export function trait<R extends object, V extends object>(compute: (row: R) => V): (row: R) => V {
  const values = new WeakMap<R, V>();
  return (row) => {
    const known = values.get(row);
    if (known !== undefined) return known;
    const value = compute(row);
    values.set(row, value);
    return value;
  };
}
