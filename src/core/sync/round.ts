/** What the engine counts, and what it plans together. */
import type { DatabaseName } from "./databases.ts";
import type { Operation } from "./operations.ts";
import { TunnelKeys } from "./tunnel-keys.ts";
import type { UnitState } from "./units.ts";
import type { View } from "./view.ts";

/** What was done since the start. */
export interface Counters {
  /** Units named by feeds and full passes. */
  fed: number;
  /** Full passes asked for. */
  full: number;
  /** Units planned, and rows read for it. */
  planned: number;
  rowsRead: number;
  /** Transactions. */
  committed: number;
  refused: number;
}

/** What is planned together, to be sent together. */
export class Round {
  readonly tunnelKeys: TunnelKeys;
  /** Databases for which nothing more may be planned. */
  readonly blocked: Set<DatabaseName>;
  readonly parts: Record<DatabaseName, { unit: UnitState; operations: readonly Operation[] }[]> = {
    nb: [],
    sb: [],
    icNb: [],
    icSb: [],
  };
  operations = 0;
  planned = 0;

  constructor(view: View, inFlight: Iterable<DatabaseName>) {
    this.tunnelKeys = new TunnelKeys(view);
    this.blocked = new Set(inFlight);
  }
}
