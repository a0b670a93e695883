/**
 * How a controller's memory grows.
 *
 * V8 collects garbage of long life only when the heap has become several times as large as what was alive the last time. While 100,000 routes
 * load that makes twice the peak, for 5 % of the time (bench/NOTES.md).
 */
import { setFlagsFromString } from "node:v8";

/** Percent by which the heap grows between two collections of the whole. */
const GROWTH = 60;

/** Has this process hold little garbage. To be called before there is much. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
