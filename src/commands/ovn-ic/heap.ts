/**
 * How a controller's memory grows (bench/NOTES.md has the figures).
 *
 * V8 collects garbage of long life only when the heap has become several times as large as what was alive the
 * last time. While 100,000 routes load that makes twice the peak, for 5 % of the time.
 *
 * V8's young generation grows up to 48 MiB while things come and go, be it routes or clients of the metrics
 * port, and hardly shrinks again. While much is loaded and planned that saves a fifth of the CPU; afterwards
 * it is memory that nobody uses.
 */
import { setFlagsFromString } from "node:v8";

/** Percent by which the heap grows between two collections of the whole. */
const GROWTH = 60;

/** Has this process hold little garbage. To be called before there is much. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}

let mayGrow = true;

/**
 * Whether the young generation may grow: yes while much is to come, no once it is there. Called after every
 * turn: V8 is told only when that changes.
 */
export function letYoungGenerationGrow(may: boolean): void {
  if (may === mayGrow) return;
  mayGrow = may;
  setFlagsFromString(`--semi-space-growth-factor=${may ? 2 : 1}`);
}
