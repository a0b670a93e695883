/** What can be said of all zones without being one of their controllers. What others may use of it. */
export type { Reading } from "./capture.ts";
export { capture, isCapture } from "./capture.ts";
export { readSnapshot, SnapshotError, writeSnapshot } from "./snapshot.ts";
export type { Status, Step, StepState, ZoneStatus } from "./status.ts";
export { count, statusOf } from "./status.ts";
export type { Readings, ZoneReadings } from "./world.ts";
export { capturesOf, World } from "./world.ts";
