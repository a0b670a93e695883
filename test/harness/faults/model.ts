/**
 * What the operators of some zones want at a time: transit switches, and per zone gateways and one router
 * with static routes that has joined some of the switches. The core (gateway gwN, switch ts1 that everybody
 * has joined, route 172.16.N.0/24) is there from the beginning and for ever: what follows from it must never
 * be withdrawn, whatever happens.
 */

export interface ZoneModel {
  /** The number of the zone: addresses have it in them. */
  readonly n: number;
  readonly gateways: Set<string>;
  readonly joined: Set<number>;
  readonly routes: Set<string>;
}

export class Model {
  readonly switches = new Set([1]);
  readonly zones: ReadonlyMap<string, ZoneModel>;
  readonly #listeners = new Set<() => void>();

  constructor(zones: readonly string[]) {
    this.zones = new Map(
      zones.map((name, i) => {
        const n = i + 1;
        const core = {
          gateways: new Set([`gw${n}`]),
          joined: new Set([1]),
          routes: new Set([`172.16.${n}.0/24`]),
        };
        return [name, { n, ...core }];
      }),
    );
  }

  zone(name: string): ZoneModel {
    const zone = this.zones.get(name);
    if (zone === undefined) throw new Error(`no zone ${name}`);
    return zone;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Changes one thing by chance. */
  mutate(random: () => number): void {
    const zones = [...this.zones.values()];
    const zone = zones[Math.floor(random() * zones.length)];
    if (zone === undefined) return;
    const kind = random();
    const number = 2 + Math.floor(random() * 3);
    if (kind < 0.15) toggle(this.switches, number);
    else if (kind < 0.35) toggle(zone.joined, number);
    else if (kind < 0.45) toggle(zone.gateways, `gw${zone.n}${number}`);
    else toggle(zone.routes, `172.${20 + zone.n}.${Math.floor(random() * 40)}.0/24`);
    for (const listener of this.#listeners) listener();
  }
}

function toggle<T>(set: Set<T>, element: T): void {
  if (!set.delete(element)) set.add(element);
}
