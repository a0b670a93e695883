/** Which unit is planned when, and with whom. What others may use of it. */
export type { EngineOptions } from "./scheduler.ts";
export { Engine } from "./scheduler.ts";
