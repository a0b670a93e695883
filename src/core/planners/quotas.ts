/**
 * How much another zone may have here: limits that the administrator sets, one for each kind of row that
 * zones make known.
 *
 * What has come first stays. That is what is here already, and then what is in the order in which rows came.
 * Where a zone has no more than it may have, or there is no limit, this costs nothing.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { Batch, Note, RowChange, Subject, View } from "../model/index.ts";
import { fact, zoneNumber, zoneOption } from "../model/index.ts";
import type { Plan } from "../planning/index.ts";
import type { Drop } from "./drops.ts";
import { warnOfInvalidNumber } from "./drops.ts";

type Zone = Uuid<"Availability_Zone">;

interface ZoneRow {
  readonly _uuid: Uuid;
  readonly availability_zone: Zone;
}

/** What is limited. */
export interface Limited<R extends ZoneRow> {
  /** What the rows are called, for people, and in the reason: `routes`. */
  readonly what: string;
  /** The key of NB_Global.options that has the limit. */
  readonly option: string;
  /** How many rows a zone has, or more: known without reading them. */
  countOf(view: View, zone: Zone): number;
  /** All rows of a zone, in the order in which they came. */
  rowsOf(view: View, zone: Zone): readonly R[];
  /** Whether a row has become something here. */
  isHere(view: View, row: R): boolean;
}

export class Quota<R extends ZoneRow> {
  readonly #limited: Limited<R>;

  constructor(limited: Limited<R>) {
    this.#limited = limited;
  }

  get option(): string {
    return this.#limited.option;
  }

  /** Whether there is a limit. */
  isSet(view: View): boolean {
    return this.#limit(view) !== null;
  }

  /** Why a row of another zone is left out: its zone has too many. null if it hasn't. */
  drop(view: View, plan: Plan, row: R): Drop | null {
    warnOfInvalidNumber(view, plan, this.option);
    if (!this.#mayExceed(view, row.availability_zone)) return null;
    const admitted = this.#admitted(view, row.availability_zone);
    if (admitted === null || admitted.has(row._uuid)) return null;
    plan.warn(this.#describe(view, row.availability_zone));
    return { reason: `too-many-${this.#limited.what}`, decidedBy: zoneOption(view, this.option) };
  }

  /**
   * The rows that take the places of one that went: to be planned, since nothing about themselves has
   * changed.
   */
  successors(view: View, { old, new: now }: RowChange<R>, { size }: Batch): readonly R[] {
    const zone = old?.availability_zone;
    if (zone === undefined || zone === now?.availability_zone) return [];
    // One that comes from another zone may be here already, and then takes somebody's place.
    const displaced = now === null ? [] : this.rivals(view, now.availability_zone);
    return [...displaced, ...this.#nextIn(view, zone, size)];
  }

  /** The same, of a row that is in the global database still, and has nothing here any more. */
  successorsOf(view: View, row: R | undefined): readonly R[] {
    return row === undefined ? [] : this.#nextIn(view, row.availability_zone, 0);
  }

  /** All rows of a zone that has more than it may have; none of another one. */
  rivals(view: View, zone: Zone): readonly R[] {
    return this.#mayExceed(view, zone) ? this.#limited.rowsOf(view, zone) : [];
  }

  /**
   * @param gone how many rows the zone may have lost just now: until then it may have had more than it may
   *   have
   */
  #nextIn(view: View, zone: Zone, gone: number): readonly R[] {
    return this.#mayExceed(view, zone, gone) ? this.#next(view, zone) : [];
  }

  #limit(view: View): number | null {
    return zoneNumber(view, this.option);
  }

  /** Whether another zone may have exceeded the limit, or had before it lost some rows. Reads no row. */
  #mayExceed(view: View, zone: Zone, gone = 0): boolean {
    const limit = this.#limit(view);
    return limit !== null && zone !== view.zone && this.#limited.countOf(view, zone) + gone > limit;
  }

  /** The rows of a zone that are not here and for which there is room. */
  readonly #next = fact((view: View, zone: Zone): readonly R[] => {
    const { here, waiting } = this.#divide(view, this.#limited.rowsOf(view, zone));
    return waiting.slice(0, Math.max((this.#limit(view) ?? 0) - here.length, 0));
  });

  /** null if all rows of the zone may be here. */
  readonly #admitted = fact((view: View, zone: Zone): ReadonlySet<Uuid> | null => {
    const rows = this.#limited.rowsOf(view, zone);
    const limit = this.#limit(view);
    if (limit === null || rows.length <= limit) return null;
    const { here, waiting } = this.#divide(view, rows);
    return new Set([...here, ...waiting].slice(0, limit).map((row) => row._uuid));
  });

  /** Rows that have become something here, and those that haven't. */
  #divide(view: View, rows: readonly R[]) {
    const here: R[] = [];
    const waiting: R[] = [];
    for (const row of rows) (this.#limited.isHere(view, row) ? here : waiting).push(row);
    return { here, waiting };
  }

  #describe(view: View, zone: Zone): Note {
    const { what } = this.#limited;
    const name = view.icSb.Availability_Zone.get(zone)?.name ?? "?";
    const subject: Subject = { database: "icSb", table: "Availability_Zone", uuid: zone, name };
    return {
      reason: `too-many-${what}`,
      // Without the number that there are: that changes, and the same warning is shown once only.
      text: `zone ${name} has more ${what} than NB_Global.options:${this.option}=${view.options.get(this.option)} allows: those that came first stay, the others are left out`,
      subject,
      decidedBy: zoneOption(view, this.option),
    };
  }
}
