/** What can be said of all zones without being one of their controllers. What others may use of it. */
export type { CaptureOptions, Reading, ServerState, Unreachable } from "./capture.ts";
export { capture, isCapture } from "./capture.ts";
export type { Snapshot } from "./snapshot.ts";
export { readSnapshot, SnapshotError, writeSnapshot } from "./snapshot.ts";
export type { GlobalStatus, Rung, Status, Step, StepState, ZoneStatus } from "./status.ts";
export { count, RUNGS, statusOf, worst } from "./status.ts";
export type { Readings, Zone, ZoneReadings } from "./world.ts";
export { capturesOf, World } from "./world.ts";
