// V8's code caches for the files of the programs (see loader.cjs): what a usual run has compiled. More would
// take longer to read than it saves.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A usual run of each program, and the database that it needs. */
const runs = {
  "ovn-ic-nbctl": { args: ["ts-list"], schema: "ovn-ic-nb.ovsschema" },
  "ovn-ic-sbctl": { args: ["show"], schema: "ovn-ic-sb.ovsschema" },
  "ovn-ic": { args: ["nbctl", "ts-list"], schema: "ovn-ic-nb.ovsschema" },
};
const schemaDirectories = [process.env.OVN_PKGDATADIR ?? "", "/usr/share/ovn", "/usr/local/share/ovn"];
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` };

/** The ending of the caches that the Node.js which runs this makes and takes. */
const suffix = `${process.versions.v8}-${process.arch}`;

/** Makes the caches of a program's files, unless they are there. */
export function writeCodeCaches(dist, program, files) {
  const present = new Set(readdirSync(dist));
  if (files.every((file) => present.has(`${file}.${suffix}`))) return;
  const directory = mkdtempSync(join(tmpdir(), "ovn-ic-build-"));
  try {
    run(directory, join(dist, `${program}.cjs`), runs[program]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Without a database to be had the program runs as far as it gets, and its connection is compiled when it is
 * used.
 */
function run(directory, loader, { args, schema }) {
  const [words, socket] = [[...args], join(directory, "socket")];
  words.splice(-1, 0, `--db=unix:${socket}`);
  const command = [process.execPath, join(import.meta.dirname, "record-code-cache.cjs"), loader, ...words];
  const schemaFile = schemaDirectories.map((path) => join(path, schema)).find((path) => existsSync(path));
  const database = join(directory, "database");
  const options = { env, stdio: "ignore", timeout: 60_000 };
  try {
    execFileSync("ovsdb-tool", ["create", database, schemaFile ?? ""], options);
    const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const server = [`--remote=punix:${socket}`, "--unixctl=none", "--no-chdir", "-vsyslog:off"];
    execFileSync("ovsdb-server", [...server, `--run=${quoted}`, database], options);
  } catch {
    const [node, ...rest] = command;
    spawnSync(node, rest, options);
  }
}
