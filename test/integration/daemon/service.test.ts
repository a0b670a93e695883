// The daemon as a service: what it tells systemd, and the files in contrib.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { validate } from "dockerfile-utils";
import { expect, onTestFinished, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { DAEMON_OPTIONS } from "../../../src/commands/ovn-ic/daemon/options.ts";
import { receiveDatagrams } from "../../harness/programs/datagrams.ts";
import { environment, makeDirectory, OURS, ROOT, runProgram } from "../../harness/programs/ic-daemon.ts";
import { until } from "../../harness/wait.ts";

const contrib = join(ROOT, "contrib");

/** What systemd does. */
async function listen(directory: string): Promise<{ socket: string; messages: () => string[] }> {
  const socket = join(directory, "notify");
  return { socket, messages: await receiveDatagrams(socket) };
}

async function ending(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

/** The daemon in the foreground, as a unit starts it. */
function start(command: readonly string[], directory: string, env: NodeJS.ProcessEnv): ChildProcess {
  const [file = "", ...args] = [...command, "-vconsole:off", "--pidfile"];
  const child = spawn(file, args, { env: { ...environment(directory), ...env }, stdio: "inherit" });
  onTestFinished(() => ending(child));
  return child;
}

test("the daemon tells systemd when it is ready, that it is alive, and when it ends", async () => {
  const directory = makeDirectory();
  const { socket, messages } = await listen(directory);
  const child = start(OURS, directory, { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "100000" });
  await until(() => messages().filter((one) => one === "WATCHDOG=1").length > 2, "it is alive");
  expect(messages()).toContain("READY=1 STATUS=standby");
  expect(existsSync(join(directory, "ovn-ic.pid"))).toBe(true);

  child.kill("SIGTERM");
  await until(() => messages().includes("STOPPING=1"), "it says that it ends");
});

test("without koffi the daemon has systemd-notify tell", async () => {
  const directory = makeDirectory();
  cpSync(join(ROOT, "dist"), join(directory, "dist"), { recursive: true });
  const { socket, messages } = await listen(directory);
  start([process.execPath, join(directory, "dist/ovn-ic.cjs")], directory, { NOTIFY_SOCKET: socket });
  await until(() => messages().some((one) => one.includes("READY=1 STATUS=standby")), "it is ready");
});

test("the unit for systemd is correct, and lets the service do little", async () => {
  const directory = makeDirectory();
  const unit = readFileSync(join(contrib, "systemd/ovn-ic.service"), "utf8");
  const file = join(directory, "ovn-ic.service");
  writeFileSync(file, unit.replace("/usr/local/bin/ovn-ic", join(ROOT, "bin/ovn-ic")));
  const analyze = (...words: string[]) => runProgram(["systemd-analyze", "--no-pager", ...words, file]);
  expect(await analyze("verify", "--man=no")).toEqual({ stdout: "", stderr: "", status: 0 });
  expect(await analyze("security", "--offline=yes", "--threshold=18")).toMatchObject({ status: 0 });
  for (const line of [
    "NotifyAccess=main",
    "PrivateMounts=yes",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
  ])
    expect(unit.split("\n")).toContain(line);
  expect(unit).toMatch(/^MemoryMax=\d+G$/m);
  expect(unit).toMatch(/^TasksMax=\d+$/m);
  const words = /^ExecStart=\S+ (.*) \$OVN_IC_OPTS$/m.exec(unit)?.[1]?.split(" ") ?? [];
  expect(words).toContain("--pidfile");
  checkOptions(words.filter((word) => word.startsWith("--")));
});

function checkOptions(words: readonly string[]): void {
  const known = DAEMON_OPTIONS.map(({ name }) => `--${name}`);
  expect(
    words.map((word) => word.split("=")[0]).filter((name) => name !== undefined && !known.includes(name)),
  ).toEqual([]);
}

test("the recipe of the image is correct, and doesn't run as root", () => {
  const recipe = readFileSync(join(contrib, "Containerfile"), "utf8");
  expect(validate(recipe).map(({ message }) => message)).toEqual([]);
  expect(
    recipe
      .trimEnd()
      .split("\n")
      .findLast((line) => line.startsWith("USER ")),
  ).toBe("USER node");
  checkOptions(
    recipe.match(/--[a-z-]+-(?:db|listen)=|"--unixctl=/g)?.map((word) => word.replace('"', "")) ?? [],
  );
});

test("the base of the image has a digest, and its packages are those of the lock file, whose scripts don't run", () => {
  const recipe = readFileSync(join(contrib, "Containerfile"), "utf8");
  const commands = recipe.replaceAll(/^#.*$/gm, "").replaceAll("\\\n", " ");
  expect(commands).toMatch(/^ARG NODE_IMAGE=\S+@sha256:[0-9a-f]{64}$/m);
  for (const [, base] of commands.matchAll(/^FROM (\S+)/gm)) expect(base).toMatch(/^\$\{NODE_IMAGE\}$/);
  const npm = [...commands.matchAll(/\bnpm (\S+)([^&\n]*)/g)];
  expect(npm.length).toBeGreaterThan(0);
  for (const [, command, options] of npm) {
    expect(command).toBe("ci");
    expect(options).toContain(" --ignore-scripts");
  }
});

test("the image is built from what .dockerignore lets through, and from nothing else", async () => {
  const lines = readFileSync(join(ROOT, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines[0]).toBe("*");
  const directory = makeDirectory();
  const left = lines.filter((line) => line.startsWith("**/")).map((line) => line.slice(3));
  expect(left).toContain("node_modules");
  for (const line of lines.filter((one) => one.startsWith("!"))) {
    const pattern = new RegExp(`^${line.slice(1).replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
    const names = readdirSync(ROOT).filter((name) => pattern.test(name));
    expect(names.length, line).toBeGreaterThan(0);
    const filter = (path: string) => !left.includes(basename(path));
    for (const name of names) cpSync(join(ROOT, name), join(directory, name), { recursive: true, filter });
  }
  symlinkSync(join(ROOT, "node_modules"), join(directory, "node_modules"));
  const build = [process.execPath, join(directory, "scripts/build.mjs"), "--programs"];
  expect(await runProgram(build)).toMatchObject({ status: 0, stderr: "" });
  const version = await runProgram([process.execPath, join(directory, "bin/ovn-ic"), "--version"]);
  expect(version.stdout).toMatch(/^ovn-ic \d/);
});

test("the forge looks at the signatures of packages, with actions that can't change", () => {
  const workflow: Workflow = parse(readFileSync(join(ROOT, ".github/workflows/supply-chain.yml"), "utf8"));
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  expect(steps.map(({ run }) => run)).toContain("npm audit signatures");
  for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[^@]+@[0-9a-f]{40}$/);
  expect(workflow.permissions).toEqual({ contents: "read" });
});

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly run?: string; readonly uses?: string }[] }>
  >;
}

/** The objects of the Kubernetes example. */
function kubernetes(): readonly [Deployment, NetworkPolicy] {
  const text = readFileSync(join(contrib, "kubernetes/ovn-ic.yaml"), "utf8");
  const [deployment, policy, ...others] = parseAllDocuments(text).map((document) => document.toJS());
  expect(others).toEqual([]);
  return [deployment, policy];
}

interface NetworkPolicy {
  readonly kind: string;
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly podSelector: object;
    readonly policyTypes: readonly string[];
    readonly ingress: readonly { readonly from: readonly object[]; readonly ports: readonly object[] }[];
  };
}
interface Deployment {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly replicas: number;
    readonly selector: object;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
}
interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe: { readonly httpGet: object };
  readonly livenessProbe: { readonly httpGet: object };
}

test("the Kubernetes example runs two, with options and paths that there are", () => {
  const [{ spec }] = kubernetes();
  expect(spec.replicas).toBe(2);
  const [container] = spec.template.spec.containers;
  if (container === undefined) throw new Error("there is no container");
  checkOptions(container.args);
  const { port } = {
    port: container.args.find((word) => word.startsWith("--metrics-listen="))?.split(":")[1],
  };
  expect(container.ports).toEqual([{ name: "metrics", containerPort: Number(port) }]);
  expect(container.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "metrics" });
  expect(container.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "metrics" });
});

test("in the Kubernetes example only Prometheus reaches the pods, and only the metrics", () => {
  const [deployment, { kind, metadata, spec }] = kubernetes();
  expect([kind, metadata.namespace]).toEqual(["NetworkPolicy", deployment.metadata.namespace]);
  expect(spec.podSelector).toEqual(deployment.spec.selector);
  expect(spec.policyTypes).toEqual(["Ingress"]);
  expect(spec.ingress.map(({ from, ports }) => [from.length, ports])).toEqual([
    [1, [{ protocol: "TCP", port: "metrics" }]],
  ]);
});
