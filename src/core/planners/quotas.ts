/**
 * How much another zone may have here: limits that the administrator sets, one for each kind of row that zones make known.
 *
 * What has come first stays. That is what is here already, and then what is in the order in which rows came. Where a zone has no more than it
 * may have, or there is no limit, this costs nothing.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { Batch, Note, RowChange, Subject, View } from "../model/index.ts";
import { zoneNumber, zoneOption } from "../model/index.ts";
import type { Plan } from "../planning/index.ts";
import type { Drop } from "./drops.ts";
import { warnOfInvalidNumber } from "./drops.ts";

interface ZoneRow {
  readonly _uuid: Uuid;
  readonly availability_zone: Uuid<"Availability_Zone">;
}

/** What is limited. */
export interface Quota<R extends ZoneRow> {
  /** What the rows are called, for people, and in the reason: `routes`. */
  readonly what: string;
  /** The key of NB_Global.options that has the limit. */
  readonly option: string;
  /** How many rows a zone has, or more: known without reading them. */
  countOf(view: View, zone: Uuid<"Availability_Zone">): number;
  /** All rows of a zone, in the order in which they came. */
  rowsOf(view: View, zone: Uuid<"Availability_Zone">): readonly R[];
  /** Whether a row has become something here. */
  isHere(view: View, row: R): boolean;
}

/** Whether rows of a kind are limited. */
export function isLimited<R extends ZoneRow>(view: View, quota: Quota<R>): boolean {
  return zoneNumber(view, quota.option) !== null;
}

/** Why a row of another zone is left out: its zone has too many. null if it hasn't. */
export function dropByQuota<R extends ZoneRow>(view: View, plan: Plan, quota: Quota<R>, row: R): Drop | null {
  warnOfInvalidNumber(view, plan, quota.option);
  const admitted = admittedRows(view, quota, row.availability_zone);
  if (admitted === null || admitted.has(row._uuid)) return null;
  plan.warn(describe(view, quota, row.availability_zone));
  return { reason: `too-many-${quota.what}`, decidedBy: zoneOption(view, quota.option) };
}

/** The rows that take the places of one that went: to be planned, since nothing about themselves has changed. */
export function successors<R extends ZoneRow>(
  view: View,
  quota: Quota<R>,
  { old, new: now }: RowChange<R>,
  { size }: Batch,
): readonly R[] {
  const zone = old?.availability_zone;
  if (zone === undefined || zone === now?.availability_zone) return [];
  // One that comes from another zone may be here already, and then takes somebody's place.
  const displaced = now === null ? [] : rivals(view, quota, now.availability_zone);
  return [...displaced, ...nextRows(view, quota, zone, size)];
}

/** The same, of a row that is in the global database still, and has nothing here any more. */
export function successorsOf<R extends ZoneRow>(
  view: View,
  quota: Quota<R>,
  row: R | undefined,
): readonly R[] {
  return row === undefined ? [] : nextRows(view, quota, row.availability_zone, 0);
}

/** All rows of a zone that has more than it may have; none of another one. */
export function rivals<R extends ZoneRow>(
  view: View,
  quota: Quota<R>,
  zone: Uuid<"Availability_Zone">,
): readonly R[] {
  return exceeded(view, quota, zone) === null ? [] : quota.rowsOf(view, zone);
}

/**
 * The rows of a zone that are not here and for which there is room.
 *
 * @param gone how many rows the zone may have lost just now: until then it may have had more than it may have
 */
function nextRows<R extends ZoneRow>(
  view: View,
  quota: Quota<R>,
  zone: Uuid<"Availability_Zone">,
  gone: number,
): readonly R[] {
  const limit = exceeded(view, quota, zone, gone);
  if (limit === null) return [];
  return view.facts.get(`next ${quota.what}`, view, zone, () => {
    const { here, waiting } = divide(view, quota, quota.rowsOf(view, zone));
    return waiting.slice(0, Math.max(limit - here.length, 0));
  });
}

/** null if all rows of the zone may be here. */
function admittedRows<R extends ZoneRow>(
  view: View,
  quota: Quota<R>,
  zone: Uuid<"Availability_Zone">,
): ReadonlySet<Uuid> | null {
  const limit = exceeded(view, quota, zone);
  if (limit === null) return null;
  return view.facts.get(`admitted ${quota.what}`, view, zone, () => {
    const rows = quota.rowsOf(view, zone);
    if (rows.length <= limit) return null;
    const { here, waiting } = divide(view, quota, rows);
    return new Set([...here, ...waiting].slice(0, limit).map((row) => row._uuid));
  });
}

/** The limit that another zone may have exceeded, or had before it lost some rows; null if it hasn't. Reads no row. */
function exceeded<R extends ZoneRow>(
  view: View,
  quota: Quota<R>,
  zone: Uuid<"Availability_Zone">,
  gone = 0,
): number | null {
  const limit = zoneNumber(view, quota.option);
  return limit === null || zone === view.zone || quota.countOf(view, zone) + gone <= limit ? null : limit;
}

/** Rows that have become something here, and those that haven't. */
function divide<R extends ZoneRow>(view: View, quota: Quota<R>, rows: readonly R[]) {
  const here: R[] = [];
  const waiting: R[] = [];
  for (const row of rows) (quota.isHere(view, row) ? here : waiting).push(row);
  return { here, waiting };
}

function describe<R extends ZoneRow>(view: View, quota: Quota<R>, zone: Uuid<"Availability_Zone">): Note {
  const name = view.icSb.Availability_Zone.get(zone)?.name ?? "?";
  const subject: Subject = { database: "icSb", table: "Availability_Zone", uuid: zone, name };
  return {
    reason: `too-many-${quota.what}`,
    // Without the number that there are: that changes, and the same warning is shown once only.
    text: `zone ${name} has more ${quota.what} than NB_Global.options:${quota.option}=${view.options.get(quota.option)} allows: those that came first stay, the others are left out`,
    subject,
    decidedBy: zoneOption(view, quota.option),
  };
}
