/**
 * A chassis: a namespace with ovs-vswitchd (userspace datapath) and ovn-controller, as on a host of its own,
 * and its Open_vSwitch database.
 *
 *     eth0 -- br-phys (tunnel address) -- br-int -- virtual machines
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Zone } from "../../src/sandbox/index.ts";
import { Daemon, run } from "../harness/programs/process.ts";
import { commands } from "../harness/words.ts";
import { Namespace } from "./network.ts";

export interface ChassisOptions {
  readonly name: string;
  readonly directory: string;
  readonly zone: Zone;
  /** The namespace in which all hosts meet, and its bridge. */
  readonly underlay: Namespace;
  readonly bridge: string;
  /** Address of tunnels. */
  readonly address: string;
  /** Whether it takes packets to other availability zones. */
  readonly gateway: boolean;
}

const VSWITCHD = "ovs-vswitchd";

export class Chassis {
  readonly name: string;
  readonly namespace: Namespace;
  readonly #options: ChassisOptions;
  readonly #daemons: Daemon[] = [];
  #machines = 0;

  private constructor(options: ChassisOptions, namespace: Namespace) {
    this.name = options.name;
    this.namespace = namespace;
    this.#options = options;
  }

  /** Starts a chassis. `made` gets it before anything can fail, so that it can be removed. */
  static async start(options: ChassisOptions, made: (chassis: Chassis) => void): Promise<Chassis> {
    const chassis = new Chassis(options, await Namespace.make());
    made(chassis);
    mkdirSync(chassis.#directory);
    await chassis.#startDatabase();
    await chassis.#startSwitch();
    await chassis.#connect();
    chassis.#daemon("ovn-controller", ["ovn-controller", `unix:${chassis.#socket}`, "--pidfile"]);
    return chassis;
  }

  /** A virtual machine: a namespace behind a port of br-int. */
  async addMachine(port: string, mac: string, address: string, gateway: string): Promise<Namespace> {
    const machine = await Namespace.make();
    const tap = `vm${this.#machines++}`;
    await this.namespace.connect(tap, machine, "eth0");
    await machine.ip(
      `link set eth0 address ${mac} mtu 1400`,
      `addr add ${address}/24 dev eth0`,
      `route add default via ${gateway}`,
    );
    await this.vsctl(
      "add-port",
      "br-int",
      tap,
      "--",
      "set",
      "Interface",
      tap,
      `external_ids:iface-id=${port}`,
    );
    return machine;
  }

  /** Computes all flows anew. 23.03 keeps the old tunnel key of a port whose key changes. */
  async recompute(): Promise<void> {
    const env = { ...process.env, OVN_RUNDIR: this.#directory };
    await run(["ovn-appctl", "-t", "ovn-controller", "inc-engine/recompute"], env);
  }

  vsctl(...args: string[]): Promise<string> {
    return run(["ovs-vsctl", `--db=unix:${this.#socket}`, "--timeout=30", ...args]);
  }

  /** A power cut: nothing here runs any more. */
  async kill(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.kill()));
    await this.namespace.remove();
  }

  get #directory(): string {
    return join(this.#options.directory, this.name);
  }

  get #socket(): string {
    return join(this.#directory, "db.sock");
  }

  #daemon(name: string, command: readonly string[]): void {
    const log = join(this.#directory, `${name}.log`);
    const env = { ...process.env, OVS_RUNDIR: this.#directory, OVN_RUNDIR: this.#directory };
    this.#daemons.push(
      new Daemon(this.namespace.inside([...command, "-vconsole:warn", "-vsyslog:off"]), log, { env }),
    );
  }

  async #startDatabase(): Promise<void> {
    const file = join(this.#directory, "conf.db");
    await run(["ovsdb-tool", "create", file, "/usr/share/openvswitch/vswitch.ovsschema"]);
    const control = `--unixctl=${join(this.#directory, "ovsdb-server.ctl")}`;
    this.#daemon("ovsdb-server", ["ovsdb-server", `--remote=punix:${this.#socket}`, control, file]);
    const { name, zone, address, gateway } = this.#options;
    const ids = {
      "system-id": name,
      "ovn-remote": zone.sb,
      "ovn-encap-type": "geneve",
      "ovn-encap-ip": address,
      "ovn-bridge-datapath-type": "netdev",
      "ovn-is-interconn": String(gateway),
    };
    const settings = Object.entries(ids).map(([key, value]) => `external_ids:${key}="${value}"`);
    await this.vsctl("--retry", "--no-wait", "init", "--", "set", "Open_vSwitch", ".", ...settings);
  }

  async #startSwitch(): Promise<void> {
    const control = `--unixctl=${join(this.#directory, `${VSWITCHD}.ctl`)}`;
    this.#daemon(VSWITCHD, [VSWITCHD, `unix:${this.#socket}`, control, "--pidfile"]);
  }

  async #connect(): Promise<void> {
    const { underlay, bridge, name, address } = this.#options;
    await underlay.connect(name, this.namespace, "eth0");
    await underlay.ip(`link set ${name} master ${bridge}`);
    await this.vsctl(
      ...commands(
        "add-br br-phys",
        "set Bridge br-phys datapath_type=netdev fail_mode=standalone",
        "add-port br-phys eth0",
        "add-br br-int",
        "set Bridge br-int datapath_type=netdev fail_mode=secure",
      ),
    );
    // On br-phys, not on eth0, where tunnels would find no route.
    await this.namespace.ip(`addr add ${address}/24 dev br-phys`, "link set br-phys up");
  }
}
