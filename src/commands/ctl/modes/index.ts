/**
 * The ways in which lines are run: one from argv, many from a batch, or through a daemon. What others may use
 * of it.
 */
export { runInMode } from "./choose.ts";
