/** Four servers and two locks: what is planned is done. What others may use of it. */
export { GLOBAL_LOCK } from "./apply.ts";
export { ZONE_LOCK } from "./commit.ts";
export type { Connections, ConnectOptions } from "./connections.ts";
export type { ControllerOptions, ControllerState } from "./controller.ts";
export { Controller } from "./controller.ts";
