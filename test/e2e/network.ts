/**
 * Network namespaces for tests. They have no names: each lives as long as the process that holds it, and the
 * kernel ends that process with ours, however ours ends. With a namespace go its interfaces, and the far ends
 * of its veth pairs. So nothing stays behind, nothing is ever made in the host's own namespace, and two runs
 * can't meet.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { run } from "../harness/programs/process.ts";

/** Programs that a test of packets can't do without, and the Debian package of each. */
const NEEDED = new Map([
  ["ip", "iproute2"],
  ["ping", "iputils-ping"],
  ["unshare", "util-linux"],
  ["nsenter", "util-linux"],
  ["setpriv", "util-linux"],
  ["ovs-vswitchd", "openvswitch-switch"],
  ["ovn-controller", "ovn-host"],
]);

/**
 * @throws Error that says what is missing: without these nothing can be said about packets, so the test has
 *   to fail.
 */
export async function requireNetworking(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error("tests with packets need root: run `npm run test:e2e` as root");
  for (const [program, name] of NEEDED) {
    const found = await run(["sh", "-c", `command -v ${program}`]).catch(() => "");
    if (found === "") throw new Error(`${program} is missing: apt-get install ${name}`);
  }
  await run(["unshare", "--net", "ip", "link", "set", "lo", "up"]).catch((error: Error) => {
    throw new Error(
      `network namespaces can't be made here, and without them there are no packets: ${error.message}`,
    );
  });
}

export class Namespace {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async make(): Promise<Namespace> {
    // The holder says a word as soon as it is in its namespace.
    const command = ["--pdeathsig", "KILL", "unshare", "--net", "sh", "-c", "echo made; exec sleep infinity"];
    const holder = spawn("setpriv", command, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(holder, "exit").then(() => {
      throw new Error("a network namespace could not be made");
    });
    await Promise.race([once(holder.stdout, "data"), ended]);
    ended.catch(() => {});
    return new Namespace(holder);
  }

  get pid(): string {
    return String(this.#holder.pid);
  }

  /** A command line that runs in this namespace. */
  inside(command: readonly string[]): string[] {
    return ["nsenter", `--net=/proc/${this.pid}/ns/net`, ...command];
  }

  run(...command: string[]): Promise<string> {
    return run(this.inside(command));
  }

  /** Runs several commands of `ip`, one per line. */
  async ip(...lines: string[]): Promise<void> {
    for (const line of lines) await this.run("ip", ...line.split(" "));
  }

  /** A pair of interfaces, one end here, the other in another namespace. */
  async connect(name: string, other: Namespace, otherName: string): Promise<void> {
    await this.ip(
      `link add ${name} type veth peer name ${otherName} netns ${other.pid}`,
      `link set ${name} up`,
    );
    await other.ip(`link set ${otherName} up`);
  }

  async remove(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const ended = once(this.#holder, "exit");
    this.#holder.kill("SIGKILL");
    await ended;
  }
}
