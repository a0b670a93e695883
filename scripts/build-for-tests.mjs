// vitest's global set-up of the kinds of test that start the built programs: these are never older than the
// sources.
import { buildPrograms } from "./build/programs.mjs";

export default async function setup() {
  await buildPrograms();
}
