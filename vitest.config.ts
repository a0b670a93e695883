import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

// In the repository `ovsdb-client-ts` means its sources: the custom export condition "source" says so.
const conditions = ["source", "node", "import", "module", "default"];

const { version } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8"));

// What the shell of whoever runs the tests says about databases and run directories must not reach them;
// where the schemas of an OVN outside the usual places lie, and where that of Debian sid is, it may say.
const PASSED = new Set(["OVN_PKGDATADIR", "OVN_SID_ROOT"]);
for (const name of Object.keys(process.env)) {
  if (/^OV[NS]_/.test(name) && !PASSED.has(name)) delete process.env[name];
}

// Random input comes from this seed: a run can be repeated, and another one explores
// (`OVSDB_TEST_SEED=$RANDOM`).
process.env.OVSDB_TEST_SEED ??= "1";

/** One kind of test. Kinds that start the built programs build them first. */
function kind(name: string, include: string, startsPrograms: boolean, hookTimeout = 30_000) {
  return {
    extends: true as const,
    test: {
      name,
      include: [include],
      hookTimeout,
      globalSetup: startsPrograms ? ["scripts/build-for-tests.mjs"] : [],
    },
  };
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  define: { __OVN_IC_TOOLS_VERSION__: JSON.stringify(version) },
  test: {
    // A process per file: a file's sockets, timers and children end with it. Two, since CI has two cores.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    teardownTimeout: 10_000,
    allowOnly: false,
    setupFiles: ["scripts/seed-property-tests.mjs"],
    projects: [
      kind("client", "packages/ovsdb-client-ts/test/**/*.test.ts", false),
      kind("unit", "test/unit/**/*.test.ts", false),
      kind("integration", "test/integration/**/*.test.ts", true),
      kind("oracle", "test/oracle/**/*.test.ts", true),
      kind("e2e", "test/e2e/**/*.test.ts", true),
      kind("faults", "test/faults/**/*.test.ts", true, 120_000),
    ],
  },
});
