/** What people know a unit by. */
import type { View } from "../model/index.ts";
import { splitKey } from "../model/index.ts";
import type { Unit } from "./transactions.ts";

/**
 * @example unitName({ planner: advertisedRoutes, key: "ts1\u000010.66.2.1/24" }, view); // "ts1 10.66.2.1/24"
 */
export function unitName({ planner, key }: Unit, view: View): string {
  return planner.nameOf?.(key, view) ?? splitKey(key).join(" ");
}
