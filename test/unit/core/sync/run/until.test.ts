// Many who wait for one controller, and hand it the same signal.

import { expect, onTestFinished, test } from "vitest";
import { RULES } from "../../../../../src/core/planners/all.ts";
import { Controller } from "../../../../../src/core/sync/run/controller.ts";

test("a hundred waits on one signal end with it, and leave no warning of a leak", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  const none = "unix:/none/none";
  const controller = new Controller({
    remotes: { nb: none, sb: none, icNb: none, icSb: none },
    rules: RULES,
  });
  onTestFinished(() => controller.close());
  const abort = new AbortController();
  const waits = Array.from({ length: 100 }, () => controller.until(() => false, abort.signal));
  const settled = Promise.allSettled(waits);
  await new Promise((resolve) => setImmediate(resolve));
  abort.abort(new Error("enough"));
  const reasons = (await settled).map((end) => end.status === "rejected" && String(end.reason));
  expect(new Set(reasons)).toEqual(new Set(["Error: enough"]));
  expect(warnings).toEqual([]);
});
