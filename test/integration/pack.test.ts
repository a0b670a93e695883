// The tarballs that `npm pack` makes of a fresh checkout, installed elsewhere without a registry.
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");
const manifest: { version: string; bin: Record<string, string> } = JSON.parse(
  readFileSync(join(repository, "package.json"), "utf8"),
);
const slow = 120_000;

let directory = "";
let checkout = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "pack-"));
  checkout = join(directory, "checkout");
  const left = new Set(["node_modules", "dist", ".git", ".cache", "docs"]);
  cpSync(repository, checkout, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !left.has(basename(path)),
  });
  symlinkSync(join(repository, "node_modules"), join(checkout, "node_modules"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Packs one package of the checkout as its author would: the path of the tarball, and the files in it. */
async function pack(path: string): Promise<{ tarball: string; files: string[] }> {
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", directory], {
    cwd: join(checkout, path),
  });
  // npm prints what the prepack script prints, too, before its JSON.
  const [packed]: { filename: string; files: { path: string }[] }[] = JSON.parse(
    stdout.slice(stdout.search(/^\[$/m)),
  );
  if (packed === undefined) throw new Error(`npm pack printed no package: ${stdout}`);
  return { tarball: join(directory, packed.filename), files: packed.files.map((file) => file.path) };
}

/** Whether V8 took the code cache of each file that a program loaded, and what that printed. */
async function startInstalled(prefix: string, program: string): Promise<{ stdout: string; refused: string }> {
  const loader = join(prefix, "lib/node_modules/ovn-ic-tools/dist", `${program}.cjs`);
  const script = `
    const { scripts } = require(${JSON.stringify(loader)});
    const refused = () => [...scripts.values()].map((script) => script.cachedDataRejected ?? "no cache");
    process.once("exit", () => console.error([...new Set(refused())].join()));`;
  const { stdout, stderr } = await run(process.execPath, ["-e", script, program, "--version"]);
  return { stdout, refused: stderr.trim() };
}

/** Programs start with their code caches, and do the same with damaged ones and without any. */
async function withCodeCaches(prefix: string, program: string): Promise<void> {
  const { stdout, refused } = await startInstalled(prefix, program);
  expect(refused).toBe("false");
  const dist = join(prefix, "lib/node_modules/ovn-ic-tools/dist");
  const caches = readdirSync(dist).filter((file) => file.startsWith(program) && /\.js\../.test(file));
  for (const cache of caches) writeFileSync(join(dist, cache), "no code");
  expect(await startInstalled(prefix, program)).toEqual({ stdout, refused: "true" });
  for (const cache of caches) rmSync(join(dist, cache));
  expect(await startInstalled(prefix, program)).toEqual({ stdout, refused: "no cache" });
}

describe("ovn-ic-tools", () => {
  test(
    "installs globally, offline, and every program says its version",
    async () => {
      const { tarball, files } = await pack(".");
      const prefix = join(directory, "prefix");
      await run("npm", ["install", "--global", "--offline", "--prefix", prefix, tarball], { cwd: directory });

      for (const program of Object.keys(manifest.bin)) {
        const { stdout } = await run(join(prefix, "bin", program), ["--version"], { cwd: directory });
        expect(stdout).toContain(`${program} `);
        expect(stdout).toContain(manifest.version);
      }
      // man(1) looks in PREFIX/share/man if PREFIX/bin is on PATH.
      for (const program of Object.keys(manifest.bin)) {
        const page = readFileSync(join(prefix, "share/man/man8", `${program}.8`), "utf8");
        expect(page).toContain(`.Dt ${program.toUpperCase()} 8`);
      }
      for (const program of Object.keys(manifest.bin)) await withCodeCaches(prefix, program);
      expect(files).toContain("dist/THIRD-PARTY-LICENSES.txt");
      // Each program is two files, and stacks name the sources by their maps.
      const code = files.filter((path) => /^dist\/.*\.js$/.test(path));
      expect(code).toHaveLength(2 * Object.keys(manifest.bin).length);
      expect(files).toEqual(expect.arrayContaining(code.map((path) => `${path}.map`)));
      expect(files).toContain("LICENSE");
      expect(files.filter((path) => /^(src|test|packages|scripts|bench)\//.test(path))).toEqual([]);
    },
    slow,
  );
});

describe("ovsdb-client-ts", () => {
  test(
    "installs offline, is imported by an ES module, and its types hold in a strict project",
    async () => {
      const { tarball, files } = await pack("packages/ovsdb-client-ts");
      const project = join(directory, "project");
      mkdirSync(project);
      writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
      await run("npm", ["install", "--offline", tarball], { cwd: project });

      writeFileSync(
        join(project, "names.js"),
        `import * as client from "ovsdb-client-ts";\nconsole.log(JSON.stringify(Object.keys(client)));\n`,
      );
      const { stdout } = await run(process.execPath, ["names.js"], { cwd: project });
      const sources = await import("ovsdb-client-ts");
      expect(JSON.parse(stdout).sort()).toEqual(Object.keys(sources).sort());

      writeFileSync(
        join(project, "use.ts"),
        `import * as client from "ovsdb-client-ts";\nexport const names: string[] = Object.keys(client);\n` +
          `const error: Error = new client.OvsdbError("code", "message");\nexport default error;\n`,
      );
      writeFileSync(
        join(project, "tsconfig.json"),
        JSON.stringify({
          compilerOptions: {
            strict: true,
            noEmit: true,
            module: "nodenext",
            target: "es2023",
            skipLibCheck: false,
            types: ["node"],
            typeRoots: [join(repository, "node_modules/@types")],
          },
        }),
      );
      await run(join(repository, "node_modules/.bin/tsc"), ["-p", project]);
      expect(files).toContain("LICENSE");
      expect(files).toContain("README.md");
    },
    slow,
  );
});
