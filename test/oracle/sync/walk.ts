/**
 * Random walks: from a seed, topologies of some zones and changes to them, as commands for a lab. What exists
 * is kept track of, so that every command can be carried out; all else is chance.
 */

import { gateway, join, router } from "../../harness/lab/topology.ts";
import { pick, random } from "../../harness/random.ts";

export interface Walk {
  readonly seed: number;
  /** Commands that are done together; everything settles after each of these. */
  readonly rounds: readonly (readonly string[])[];
}

/** What a router has. */
interface Router {
  readonly zone: string;
  readonly n: number;
  /** Numbers of the transit switches that it has joined. */
  readonly switches: Set<number>;
  /** Those of them whose port has a gateway, so that northd makes a port to be bound. */
  readonly bindable: Set<number>;
  readonly networks: Set<number>;
  readonly routes: Set<string>;
}

interface Balancer {
  readonly zone: string;
  readonly name: string;
}

const PREFIXES = [
  "172.16.0.0/16",
  "172.16.1.0/24",
  "192.168.5.5/32",
  "10.128.0.0/9",
  "0.0.0.0/0",
  "fd02::/32",
  "fd02:1::/48",
];
const LISTS = ["", "172.16.0.0/12", "10.0.0.0/8,fd01::/16", "172.16.1.0/24", "bad,fd02::/16"];
const TABLES = ["", "blue", "red"];
const TAGS = ["", "t1", "t2"];
const SWITCHES = 3;

/** A walk through zones, the same for the same seed. */
export function makeWalk(seed: number, zones: readonly string[], rounds: number): Walk {
  const walker = new Walker(random(seed), zones);
  return { seed, rounds: [walker.beginning(), ...Array.from({ length: rounds }, () => walker.round())] };
}

class Walker {
  readonly #random: () => number;
  readonly #zones: readonly string[];
  readonly #switches = new Set<number>();
  /** Those that were there before this round, hence in every NB. */
  #joinable = new Set<number>();
  readonly #routers: Router[] = [];
  readonly #balancers: Balancer[] = [];
  readonly #gateways = new Map<string, string>();
  /** Chassis that ports of transit routers have asked for. */
  readonly #needed = new Set<string>();
  readonly #transitRouters = new Map<string, Set<string>>();
  #commands: string[] = [];
  #made = 0;

  constructor(random: () => number, zones: readonly string[]) {
    this.#random = random;
    this.#zones = zones;
  }

  beginning(): string[] {
    this.#commands = [];
    this.#addSwitch();
    for (const zone of this.#zones) {
      this.#addGateway(zone);
      this.#addRouter(zone);
    }
    return this.#commands;
  }

  round(): string[] {
    this.#commands = [];
    this.#joinable = new Set(this.#switches);
    if (this.#random() < 0.08) {
      this.#rename();
      return this.#commands;
    }
    const count = 1 + Math.floor(this.#random() * 6);
    // Everybody joins something in the beginning, or nothing would ever happen.
    for (const one of this.#routers) if (one.switches.size === 0 && this.#random() < 0.6) this.#join(one);
    for (let i = 0; i < count; i++) this.#pick(this.#actions)();
    if (this.#random() < 0.15) this.#deleteBehindBack();
    return byDatabase(this.#commands);
  }

  readonly #actions: readonly (() => void)[] = [
    () => this.#toggleSwitch(),
    () => this.#addRouter(this.#pick(this.#zones)),
    () => this.#removeRouter(),
    () => this.#withRouter((one) => this.#join(one)),
    () => this.#withRouter((one) => this.#join(one)),
    () => this.#withRouter((one) => this.#leave(one)),
    () => this.#withRouter((one) => this.#toggleRoute(one)),
    () => this.#withRouter((one) => this.#toggleRoute(one)),
    () => this.#withRouter((one) => this.#toggleRoute(one)),
    () => this.#withRouter((one) => this.#toggleNetwork(one)),
    () => this.#withRouter((one) => this.#setPortOption(one)),
    () => this.#withRouter((one) => this.#setPortOption(one)),
    () => this.#withRouter((one) => this.#setRouterOption(one)),
    () => this.#setZoneOption(),
    () => this.#setZoneOption(),
    () => this.#toggleBalancer(),
    () => this.#toggleGateway(),
    () => this.#moveGateway(),
    () => this.#toggleTransitRouter(),
  ];

  #pick<T>(list: readonly T[]): T {
    return pick(this.#random, list);
  }

  #do(...commands: string[]): void {
    this.#commands.push(...commands);
  }

  #withRouter(act: (one: Router) => void): void {
    if (this.#routers.length > 0) act(this.#pick(this.#routers));
  }

  #addSwitch(): void {
    const free = Array.from({ length: SWITCHES }, (_, i) => i + 1).find((k) => !this.#switches.has(k));
    if (free === undefined) return;
    this.#switches.add(free);
    this.#do(`ic ts-add ts${free}`);
  }

  #toggleSwitch(): void {
    const [victim] = this.#switches;
    if (victim === undefined || this.#random() < 0.6) {
      this.#addSwitch();
      return;
    }
    // The switches of the zones go with it; a name that is used again in the same round would race with that.
    if (!this.#joinable.has(victim) || this.#commands.length > 0) return;
    this.#switches.delete(victim);
    this.#joinable.clear();
    this.#do(`ic ts-del ts${victim}`);
    for (const one of this.#routers) {
      if (one.switches.delete(victim)) this.#do(`${one.zone} lrp-del lr${one.n}-ts${victim}`);
    }
  }

  #addRouter(zone: string): void {
    if (this.#routers.filter((one) => one.zone === zone).length >= 2) return;
    const n = ++this.#made;
    this.#routers.push({
      zone,
      n,
      switches: new Set(),
      bindable: new Set(),
      networks: new Set(),
      routes: new Set(),
    });
    this.#do(...router(zone, n));
  }

  #removeRouter(): void {
    if (this.#routers.length < 3) return;
    const one = this.#pick(this.#routers);
    this.#routers.splice(this.#routers.indexOf(one), 1);
    // Ports of the switches are left behind by some CMS, and removed by others.
    if (this.#random() < 0.5) for (const k of one.switches) this.#do(`${one.zone} lsp-del ts${k}-lr${one.n}`);
    this.#do(`${one.zone} lr-del lr${one.n}`);
  }

  #join(one: Router): void {
    const free = [...this.#joinable].filter((k) => !one.switches.has(k));
    if (free.length === 0) return;
    const k = this.#pick(free);
    one.switches.add(k);
    this.#do(`${one.zone} --if-exists lsp-del ts${k}-lr${one.n}`, ...join(one.zone, one.n, k));
    const chassis = this.#gateways.get(one.zone);
    one.bindable.delete(k);
    if (chassis === undefined) return;
    one.bindable.add(k);
    this.#do(`${one.zone} lrp-set-gateway-chassis lr${one.n}-ts${k} ${chassis} 10`);
  }

  #leave(one: Router): void {
    if (one.switches.size === 0) return;
    const k = this.#pick([...one.switches]);
    one.switches.delete(k);
    if (this.#random() < 0.7 && this.#joinable.has(k))
      this.#do(`${one.zone} --if-exists lsp-del ts${k}-lr${one.n}`);
    this.#do(`${one.zone} lrp-del lr${one.n}-ts${k}`);
  }

  #toggleRoute(one: Router): void {
    const prefix = this.#pick(PREFIXES);
    const table = this.#pick(TABLES);
    const key = `${table} ${prefix}`;
    // In one transaction ovn-nbctl doesn't see what it has just added or deleted.
    const route = ` lr${one.n} ${prefix} `;
    if (this.#commands.some((line) => line.includes("lr-route-") && line.includes(route))) return;
    const option = table === "" ? "" : ` --route-table=${table}`;
    const nexthop = prefix.includes(":") ? `fd01:${one.n}::9` : `10.0.${one.n}.9`;
    // With --ecmp a learned route of the same prefix is no obstacle.
    if (one.routes.delete(key)) {
      this.#do(`${one.zone} --if-exists${option} lr-route-del lr${one.n} ${prefix} ${nexthop}`);
    } else {
      one.routes.add(key);
      this.#do(`${one.zone} --ecmp${option} lr-route-add lr${one.n} ${prefix} ${nexthop}`);
    }
  }

  #toggleNetwork(one: Router): void {
    const i = 1 + Math.floor(this.#random() * 2);
    const port = `lr${one.n}-net${i}`;
    if (one.networks.delete(i)) {
      this.#do(`${one.zone} lrp-del ${port}`);
      return;
    }
    one.networks.add(i);
    this.#do(
      `${one.zone} lrp-add lr${one.n} ${port} aa:aa:aa:ab:0${i}:${hex(one.n)} 10.${100 + i}.${one.n}.1/24`,
    );
  }

  #setPortOption(one: Router): void {
    if (one.switches.size === 0) return;
    const port = `lr${one.n}-ts${this.#pick([...one.switches])}`;
    const [option = "", values = [""]] = this.#pick([
      ["route_table", TABLES],
      ["ic-route-tag", TAGS],
      ["ic-route-filter-tag", TAGS],
      ["ic-route-deny-adv", LISTS],
      ["ic-route-deny-learn", LISTS],
      ["ic-route-filter-adv", LISTS],
      ["ic-route-filter-learn", LISTS],
    ] as const);
    this.#setOption(one.zone, "Logical_Router_Port", port, option, this.#pick(values));
  }

  #setRouterOption(one: Router): void {
    const option = this.#pick(["deny-adv", "deny-learn", "filter-adv", "filter-learn"]);
    this.#setOption(one.zone, "Logical_Router", `lr${one.n}`, `ic-route-${option}`, this.#pick(LISTS));
  }

  #setZoneOption(): void {
    const zone = this.#pick(this.#zones);
    if (this.#random() < 0.2) {
      this.#setOption(
        zone,
        "NB_Global",
        ".",
        this.#pick(["ic-route-denylist", "ic-route-blacklist"]),
        this.#pick(LISTS),
      );
      return;
    }
    const option = this.#pick(["adv", "learn", "adv-default", "learn-default", "adv-lb", "learn-lb"]);
    this.#setOption(zone, "NB_Global", ".", `ic-route-${option}`, this.#random() < 0.8 ? "true" : "false");
  }

  #setOption(zone: string, table: string, record: string, option: string, value: string): void {
    if (value === "") this.#do(`${zone} remove ${table} ${record} options ${option}`);
    else this.#do(`${zone} set ${table} ${record} options:${option}="${value}"`);
  }

  #toggleBalancer(): void {
    if (this.#balancers.length > 0 && this.#random() < 0.4) {
      const one = this.#pick(this.#balancers);
      this.#balancers.splice(this.#balancers.indexOf(one), 1);
      this.#do(`${one.zone} lb-del ${one.name}`);
      return;
    }
    this.#withRouter(({ zone, n }) => {
      const name = `lb${++this.#made}`;
      this.#balancers.push({ zone, name });
      const vip = this.#random() < 0.2 ? "172.16.1.7:80" : `172.30.0.${this.#made % 250}:80`;
      this.#do(`${zone} lb-add ${name} ${vip} 10.0.${n}.5:80`, `${zone} lr-lb-add lr${n} ${name}`);
    });
  }

  #addGateway(zone: string): void {
    const name = `gw${++this.#made}`;
    this.#gateways.set(zone, name);
    this.#do(...gateway(zone, name, `10.255.${this.#zones.indexOf(zone)}.${this.#made % 250}`));
  }

  #toggleGateway(): void {
    const zone = this.#pick(this.#zones);
    const name = this.#gateways.get(zone);
    const choice = this.#random();
    if (name === undefined) this.#addGateway(zone);
    else if (choice < 0.3 && !this.#needed.has(name)) {
      this.#gateways.delete(zone);
      this.#do(`${zone}.sb chassis-del ${name}`);
    } else if (choice < 0.6) this.#do(`${zone}.sb set Chassis ${name} hostname=host${++this.#made}`);
    else this.#do(`${zone}.sb set Chassis ${name} other_config:is-interconn=${this.#random() < 0.7}`);
  }

  /** A gateway takes a port, or lets it go. It does so one round after northd made what it binds. */
  #moveGateway(): void {
    const settled = this.#routers.filter((one) =>
      this.#commands.every((line) => !line.includes(`lr${one.n}-ts`)),
    );
    if (settled.length === 0) return;
    const one = this.#pick(settled);
    const chassis = this.#gateways.get(one.zone);
    if (chassis === undefined || this.#commands.some((line) => line.includes("chassis"))) return;
    for (const k of one.switches) {
      if (!this.#joinable.has(k) || !one.bindable.has(k)) continue;
      const port = `cr-lr${one.n}-ts${k}`;
      this.#do(
        `${one.zone}.sb ${this.#random() < 0.7 ? `--may-exist lsp-bind ${port} ${chassis}` : `lsp-unbind ${port}`}`,
      );
    }
  }

  /**
   * When a port's key is contended at the same time, C tries to register the new name for ever, so this is
   * done alone.
   */
  #rename(): void {
    this.#do(`${this.#pick(this.#zones)} set NB_Global . name=zone${++this.#made}`);
  }

  #toggleTransitRouter(): void {
    const [name] = this.#transitRouters.keys();
    const ports = name === undefined ? undefined : this.#transitRouters.get(name);
    // One that goes in this round would decide by chance whether the port is ever made.
    const chassis = [...this.#gateways.values()].filter(
      (one) => !this.#commands.some((line) => line.includes(one)),
    );
    const choice = this.#random();
    if (name === undefined || ports === undefined) {
      const made = `tr${++this.#made}`;
      this.#transitRouters.set(made, new Set());
      this.#do(`ic tr-add ${made}`);
    } else if (choice < 0.3) {
      this.#transitRouters.delete(name);
      this.#do(`ic tr-del ${name}`);
    } else if (ports.size > 0 && choice < 0.5) {
      const port = this.#pick([...ports]);
      ports.delete(port);
      this.#do(`ic trp-del ${port}`);
    } else if (chassis.length > 0) {
      const port = `trp${++this.#made}`;
      ports.add(port);
      const n = this.#made % 250;
      const home = this.#pick(chassis);
      this.#needed.add(home);
      this.#do(`ic trp-add ${name} ${port} 00:00:00:00:00:${hex(n)} 192.168.${n}.1/24 chassis=${home}`);
    }
  }

  /** Somebody deletes what controllers made. */
  #deleteBehindBack(): void {
    const table = this.#pick(["Route", "Port_Binding", "Gateway", "Datapath_Binding"]);
    this.#do(`ic.sb --all destroy ${table}`);
  }
}

/**
 * Commands for one database stand together: the fewer programs are run. What is done to SB comes first, since
 * ports that it speaks of may go with what is done to NB.
 */
function byDatabase(commands: readonly string[]): string[] {
  const target = (command: string) => command.slice(0, command.indexOf(" "));
  const targets = [...new Set(commands.map(target))];
  const ordered = [
    ...targets.filter((one) => one.endsWith(".sb") && one !== "ic.sb"),
    ...targets.filter((one) => !one.endsWith(".sb")),
    ...targets.filter((one) => one === "ic.sb"),
  ];
  return ordered.flatMap((one) => commands.filter((command) => target(command) === one));
}

function hex(n: number): string {
  return (n % 256).toString(16).padStart(2, "0");
}
