// vitest's set-up of every test file: property tests draw the same values in each run, until OVSDB_TEST_SEED
// says otherwise. A run that failed tells its seed.
import fc from "fast-check";

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.OVSDB_TEST_SEED) });
