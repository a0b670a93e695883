// Our programs within the process of the test, which is many times faster than a process each. A test file
// that uses it replaces the module that writes to stdout and stderr:
//
//   vi.mock("../../../src/daemon/write.ts", () => import("./captured-output.ts"));

import { runProgram } from "../../../src/commands/ctl/main.ts";
import { nbctl } from "../../../src/commands/nbctl/program.ts";
import { sbctl } from "../../../src/commands/sbctl/program.ts";
import { capture } from "./captured-output.ts";
import type { Runner } from "./contender.ts";

/** Runs our programs in this process. A line must not wait for what never comes: there is nothing to kill. */
export const inProcessRunner: Runner = async (which, args, environment) => {
  const texts = { 1: "", 2: "" };
  const status = await capture.run(texts, async () => {
    try {
      return await runProgram(which === "nb" ? nbctl : sbctl, args, environment);
    } catch (error) {
      texts[2] += `CRASH ${error instanceof Error ? error.stack : error}`;
      return 70;
    }
  });
  return { stdout: texts[1], stderr: texts[2], status };
};
