/**
 * Tunnel keys for datapaths and ports: lowest free first, so that controllers that race for one key choose
 * the same, and the server lets one of them win.
 *
 * One allocator lives for one round of planning: it knows the keys that the databases hold, and those it gave
 * away in this round.
 */
import type { View } from "../model/index.ts";
import type { DatapathBinding } from "../schema/ic-sb.ts";

interface Range {
  readonly min: number;
  readonly max: number;
  /** Where the search begins; what lies below is the last resort. */
  readonly start: number;
}

const DATAPATHS: Range = { min: 16711681, max: 16777215, start: 16711682 };
const DATAPATHS_VXLAN: Range = { min: 1024, max: 4095, start: 1025 };
const PORTS: Range = { min: 1, max: 32767, start: 1 };

export class TunnelKeys {
  readonly #view: View;
  readonly #given = new Map<string, Set<number>>();
  readonly #from = new Map<string, number>();
  #shortages = 0;

  constructor(view: View) {
    this.#view = view;
  }

  /** A free key for a transit switch's datapath; null when all are in use. */
  datapath(vxlanMode: boolean): number | null {
    const range = vxlanMode ? DATAPATHS_VXLAN : DATAPATHS;
    return this.#allocate(`datapath ${range.min}`, range, (key) =>
      this.#view.icSbIndexes.datapathByKey.has(key),
    );
  }

  /** A free key for a port on a transit switch, whichever zone's; null when all are in use. */
  port(transitSwitch: string): number | null {
    const used = this.#view.icSbIndexes.portBySwitchAndKey;
    return this.#allocate(`port ${transitSwitch}`, PORTS, (key) => used.has(transitSwitch, key));
  }

  #allocate(scope: string, range: Range, used: (key: number) => boolean): number | null {
    const given = this.#given.get(scope) ?? new Set();
    this.#given.set(scope, given);
    const free = (key: number) => !given.has(key) && !used(key);
    const from = this.#from.get(scope) ?? range.start;
    let found: number | null = null;
    for (let key = from; key <= range.max && found === null; key++) if (free(key)) found = key;
    this.#from.set(scope, found ?? range.max + 1);
    for (let key = range.min; key < range.start && found === null; key++) if (free(key)) found = key;
    if (found === null) this.#shortages++;
    else given.add(found);
    return found;
  }

  /** How often a key was asked for in vain. */
  get shortages(): number {
    return this.#shortages;
  }
}

/**
 * The key that a datapath should have: the one that it has, unless the mode forbids it or another datapath
 * has it too (left by a race of controllers that don't take the lock); otherwise a free one, null when there
 * is none.
 */
export function datapathKey(
  view: View,
  keys: TunnelKeys,
  current: DatapathBinding | undefined,
  vxlanMode: boolean,
): number | null {
  const key = current === undefined ? undefined : Number(current.tunnel_key);
  const stays = key !== undefined && isDatapathKey(key, vxlanMode) && !isTaken(view, current);
  return stays ? key : keys.datapath(vxlanMode);
}

/** Whether a transit switch's key may stay in the present mode. */
function isDatapathKey(key: number, vxlanMode: boolean): boolean {
  const range = vxlanMode ? DATAPATHS_VXLAN : DATAPATHS;
  return key >= range.min && key <= range.max;
}

/** Of several datapaths with one key, that with the lowest uuid keeps it. */
function isTaken(view: View, datapath: DatapathBinding | undefined): boolean {
  if (datapath === undefined) return false;
  return [...view.icSbIndexes.datapathByKey.find(datapath.tunnel_key)].some(
    (row) => row._uuid < datapath._uuid,
  );
}

/** All datapaths that have the keys of some. */
export function sharingKeys(view: View, datapaths: Iterable<DatapathBinding>): DatapathBinding[] {
  const found = new Set(datapaths);
  for (const datapath of [...found])
    for (const other of view.icSbIndexes.datapathByKey.find(datapath.tunnel_key)) found.add(other);
  return [...found];
}
