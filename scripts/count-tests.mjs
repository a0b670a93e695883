// Prints `N passed, N failed` from the report of vitest's json reporter.
//
//   node scripts/count-tests.mjs REPORT EXIT-STATUS
//
// A file that fails before any of its tests, or a run that fails without naming a test (an unhandled error,
// say), counts as one failure each: a run that exits non-zero never shows "0 failed".
import { readFileSync } from "node:fs";

const [path = "", status = "0"] = process.argv.slice(2);
const report = JSON.parse(readFileSync(path, "utf8"));

const brokenFiles = report.testResults.filter(
  (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
);
const failed = report.numFailedTests + brokenFiles.length;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(
  `${report.numPassedTests} passed, ${Math.max(failed, status === "0" ? 0 : 1)} failed` +
    (skipped > 0 ? `, ${skipped} skipped` : ""),
);
