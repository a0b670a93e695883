/**
 * How far each zone has come: a ladder from "it is registered" to "it has learned routes". Each rung stands
 * for itself; the first one that is not reached is what to look at.
 */
import type { Subject } from "../model/index.ts";
import { globalSubject, icPortSubject, isLearned, isTrue } from "../model/index.ts";
import type { Unreachable } from "./capture.ts";
import { isCapture } from "./capture.ts";
import type { World, Zone } from "./world.ts";

export const RUNGS = [
  "registered",
  "databases",
  "controller",
  "gateways",
  "ports",
  "routes-out",
  "routes-in",
] as const;
export type Rung = (typeof RUNGS)[number];

/** `off`: somebody wants it so. `undetermined`: what it takes to tell could not be read. */
export type StepState = "ok" | "failed" | "off" | "undetermined";

export interface Step {
  readonly rung: Rung;
  readonly state: StepState;
  /** What is, or what is missing, for people. */
  readonly text: string;
  /** The row that is to blame, or the option. */
  readonly subject?: Subject;
  /** What to do about it, as words of a command line. */
  readonly remedy?: readonly string[];
}

export interface ZoneStatus {
  readonly zone: string;
  /** The worst of its steps. */
  readonly state: StepState;
  readonly steps: readonly Step[];
}

export interface GlobalStatus {
  readonly transitSwitches: number;
  readonly transitRouters: number;
  readonly routes: number;
  /** The sequence number that zones are asked to acknowledge; null if the schemas have none. */
  readonly asked: number | null;
}

export interface Status {
  readonly zones: readonly ZoneStatus[];
  readonly global: GlobalStatus;
  /** Global databases that could not be read. */
  readonly unreachable: readonly Unreachable[];
}

const WORST: readonly StepState[] = ["failed", "undetermined", "off", "ok"];

export function worst(states: Iterable<StepState>): StepState {
  const all = new Set(states);
  return WORST.find((state) => all.has(state)) ?? "ok";
}

export function statusOf(world: World): Status {
  const { icNb, icSb } = world.global;
  const zones = [...world.zones.values()].map((zone): ZoneStatus => {
    const steps = RUNGS.map((rung): Step => ({ rung, ...STEPS[rung](world, zone) }));
    return { zone: zone.name, state: worst(steps.map(({ state }) => state)), steps };
  });
  const unreachable = [world.readings.icNb, world.readings.icSb].flatMap((reading) =>
    isCapture(reading) ? [] : [reading],
  );
  const global: GlobalStatus = {
    transitSwitches: icNb.Transit_Switch.size,
    transitRouters: icNb.Transit_Router.size,
    routes: icSb.Route.size,
    asked: world.global.can("sequence numbers") ? Number(icNb.IC_NB_Global.first()?.nb_ic_cfg ?? 0) : null,
  };
  return { zones, global, unreachable };
}

type Answer = Omit<Step, "rung">;

const STEPS: Readonly<Record<Rung, (world: World, zone: Zone) => Answer>> = {
  registered,
  databases,
  controller: whenRegistered(controller),
  gateways: whenRegistered(gateways),
  ports: whenRegistered(ports),
  "routes-out": whenRegistered(routesOut),
  "routes-in": whenRegistered(routesIn),
};

const ok = (text: string): Answer => ({ state: "ok", text });
const failed = (text: string, more: Partial<Answer> = {}): Answer => ({ state: "failed", text, ...more });
const undetermined = (text: string): Answer => ({ state: "undetermined", text });

/** A zone that has a row in the global southbound database. */
type Registered = Zone & { readonly row: NonNullable<Zone["row"]> };

/** A step that only a registered zone can take. */
function whenRegistered(
  step: (world: World, zone: Registered) => Answer,
): (world: World, zone: Zone) => Answer {
  return (world, zone) => {
    const { icSb } = world.readings;
    if (!isCapture(icSb)) return undetermined(describe(icSb));
    const { row } = zone;
    return row === undefined ? undetermined("it is not registered") : step(world, { ...zone, row });
  };
}

function describe({ database, remote, reason }: Unreachable): string {
  const name = { nb: "NB", sb: "SB", icNb: "IC NB", icSb: "IC SB" }[database];
  return remote === null || reason.startsWith(remote)
    ? `${name}: ${reason}`
    : `${name}: ${remote}: ${reason}`;
}

function registered(world: World, zone: Zone): Answer {
  const { icSb } = world.readings;
  if (!isCapture(icSb)) return undetermined(describe(icSb));
  if (zone.row !== undefined) return ok("registered");
  const nb = zone.readings?.nb;
  if (nb !== undefined && isCapture(nb) && zone.view?.nb.NB_Global.first()?.name === "")
    return failed("NB_Global has no name", {
      remedy: ["ovn-nbctl", "set", "NB_Global", ".", "name=NAME"],
    });
  return failed("no Availability_Zone of that name: no controller has run there");
}

function databases(_world: World, { readings }: Zone): Answer {
  if (readings === null) return undetermined("nobody said where its databases are");
  const away = [readings.nb, readings.sb].flatMap((reading) => (isCapture(reading) ? [] : [reading]));
  return away.length === 0 ? ok("NB and SB read") : failed(away.map(describe).join("; "));
}

function controller(world: World, { row }: Registered): Answer {
  const { global } = world;
  if (!isCapture(world.readings.icNb)) return undetermined(describe(world.readings.icNb));
  if (!global.can("sequence numbers"))
    return { state: "off", text: "these schemas have no sequence numbers, so nobody can tell" };
  const asked = Number(global.icNb.IC_NB_Global.first()?.nb_ic_cfg ?? 0);
  const seen = Number(row.nb_ic_cfg);
  if (seen >= asked) return ok(asked === 0 ? "nothing was asked yet" : `acknowledged ${asked}`);
  return failed(`${asked - seen} behind: asked for ${asked}, it has acknowledged ${seen}`);
}

function gateways(world: World, { row }: Registered): Answer {
  const { icSb, icSbIndexes } = world.global;
  const rows = icSbIndexes.gatewayByZone.find(row._uuid);
  if (rows.length === 0)
    return failed("no gateway: no chassis of it is an interconnection gateway", {
      remedy: ["ovs-vsctl", "set", "open_vswitch", ".", "external_ids:ovn-is-interconn=true"],
    });
  const bare = rows.find(({ encaps }) => encaps.every((uuid) => icSb.Encap.get(uuid) === undefined));
  if (bare !== undefined)
    return failed(`gateway ${bare.name} has no tunnel`, {
      subject: { database: "icSb", table: "Gateway", uuid: bare._uuid, name: bare.name },
    });
  return ok(count(rows.length, "gateway"));
}

function ports(world: World, { row }: Registered): Answer {
  const all = world.global.icSbIndexes.portByZone.find(row._uuid);
  if (all.length === 0) return failed("no port on a transit switch or router");
  const unbound = all.filter(({ gateway }) => gateway === "");
  const [first] = unbound;
  if (first === undefined) return ok(`${count(all.length, "port")} bound`);
  const rest = unbound.length === 1 ? "" : `, and ${unbound.length - 1} more`;
  return failed(`port ${first.logical_port} on ${first.transit_switch} is bound to no gateway${rest}`, {
    subject: icPortSubject(first),
  });
}

function routesOut(world: World, zone: Registered): Answer {
  const advertised = world.global.icSbIndexes.routeByZone.count(zone.row._uuid);
  if (advertised > 0) return ok(`${count(advertised, "route")} advertised`);
  return whenOff(zone, "ic-route-adv") ?? failed("it advertises no route");
}

function routesIn(_world: World, zone: Registered): Answer {
  const { view } = zone;
  if (view === null) return undetermined("its databases could not be read");
  let learned = 0;
  for (const route of view.nb.Logical_Router_Static_Route) if (isLearned(route)) learned++;
  if (learned > 0) return ok(`${count(learned, "route")} learned`);
  const off = whenOff(zone, "ic-route-learn");
  if (off !== null) return off;
  const others =
    view.icSb.Route.size - (view.zone === null ? 0 : view.icSbIndexes.routeByZone.count(view.zone));
  return others === 0
    ? failed("no other zone advertises a route")
    : failed(`it has learned none of the ${count(others, "route")} of other zones`);
}

/** Whether somebody has not asked for routes: then there are none. */
function whenOff({ view }: Zone, option: "ic-route-adv" | "ic-route-learn"): Answer | null {
  if (view === null || isTrue(view.options.get(option))) return null;
  return {
    state: "off",
    text: `${option} is not true`,
    subject: globalSubject(view),
    remedy: ["ovn-nbctl", "set", "NB_Global", ".", `options:${option}=true`],
  };
}

/** `1 route`, `2 routes`. */
export function count(number: number, what: string, several = `${what}s`): string {
  return `${number} ${number === 1 ? what : several}`;
}
