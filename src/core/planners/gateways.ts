/**
 * Gateways, both ways: chassis of this zone with is-interconn are made known to the others, and the others'
 * gateways become chassis with is-remote here. A unit is a name, of a chassis, a gateway or both.
 */
import type { Subject, View } from "../model/index.ts";
import { bothRows, isTrue, optionChanged } from "../model/index.ts";
import type { Plan, Planner } from "../planning/index.ts";
import { ALL, reconcile, updateRow } from "../planning/index.ts";
import type { Gateway, Encap as IcEncap } from "../schema/ic-sb.ts";
import type { Chassis, Encap } from "../schema/sb.ts";
import {
  ENCAP_FILTER,
  GATEWAY_QUOTA,
  gatewaysAt,
  gatewaysAtChassis,
  isRemote,
  isTunnelAllowed,
} from "./gateway-guards.ts";
import { refuseTheft } from "./theft.ts";

type AnyEncap = Pick<IcEncap | Encap, "type" | "ip" | "options">;

export const gateways: Planner = {
  name: "gateways",
  writes: ["icSb", "sb"],
  leads: false,
  feeds: {
    nb: {
      NB_Global: (change) =>
        [ENCAP_FILTER, GATEWAY_QUOTA.option].some((key) => optionChanged(change, key)) ? ALL : [],
    },
    sb: {
      Chassis: (change, view) => [
        ...names(bothRows(change)),
        ...gatewaysAtChassis(view, change),
        ...names(bothRows(change).flatMap((chassis) => rivalsOf(view, chassis))),
      ],
      Encap: (change, view) => [
        ...names(bothRows(change).flatMap((encap) => [...view.sbIndexes.chassisByEncap.find(encap._uuid)])),
        ...gatewaysAt(
          view,
          bothRows(change).map(({ ip }) => ip),
        ),
      ],
    },
    icSb: {
      Gateway: (change, view, batch) =>
        names([...bothRows(change), ...GATEWAY_QUOTA.successors(view, change, batch)]),
      Encap: (change, view) =>
        names(bothRows(change).flatMap((encap) => [...view.icSbIndexes.gatewayByEncap.find(encap._uuid)])),
    },
  },
  *units(view) {
    yield* names(view.sb.Chassis);
    for (const gateway of view.icSb.Gateway)
      if (!view.sbIndexes.chassisByName.has(gateway.name)) yield gateway.name;
  },
  plan(name, view, plan) {
    if (view.zone === null) return;
    const chassis = view.sbIndexes.chassisByName.get(name);
    const gateway = view.icSbIndexes.gatewayByName.get(name);
    if (
      gateway !== undefined &&
      gateway.availability_zone !== view.zone &&
      !isTakenBack(view, plan, gateway)
    ) {
      planRemote(view, plan, gateway, chassis);
      return;
    }
    if (chassis !== undefined && isRemote(chassis)) {
      const why = `gateways: no other zone has a gateway ${name}`;
      plan.delete("sb", "Chassis", chassis, { why });
    }
    planLocal(view, plan, chassis, gateway);
  },
};

/**
 * Whether a gateway that somebody else has given to another zone is ours all the same: it was in this run,
 * and its chassis is there.
 */
function isTakenBack(view: View, plan: Plan, gateway: Gateway): boolean {
  const chassis = view.sbIndexes.chassisByName.get(gateway.name);
  if (!view.isStolen(gateway) || chassis === undefined || isRemote(chassis)) return false;
  if (!isTrue(chassis.other_config.get("is-interconn"))) return false;
  refuseTheft(view, plan, gatewaySubject(gateway), gateway, `Chassis ${chassis.name} is of this zone`);
  return true;
}

/** The gateways of a zone that asks for too many, among which those come first that have a chassis here. */
function rivalsOf(view: View, { name }: Chassis): readonly Gateway[] {
  const gateway = view.icSbIndexes.gatewayByName.get(name);
  return gateway === undefined ? [] : GATEWAY_QUOTA.rivals(view, gateway.availability_zone);
}

function names(rows: Iterable<{ readonly name: string }>): string[] {
  return Array.from(rows, ({ name }) => name);
}

function planLocal(view: View, plan: Plan, chassis: Chassis | undefined, gateway: Gateway | undefined): void {
  const wanted =
    chassis !== undefined && isTrue(chassis.other_config.get("is-interconn")) ? chassis : undefined;
  const encaps = (wanted?.encaps ?? []).flatMap((uuid) => view.sb.Encap.get(uuid) ?? []);
  if (wanted !== undefined && encaps.length === 0) {
    warnNoEncap(plan, chassisSubject(wanted));
    return;
  }
  if (wanted === undefined || view.zone === null) {
    if (gateway === undefined) return;
    plan.delete("icSb", "Gateway", gateway, {
      why: `gateways: ${gateway.name} is no chassis with is-interconn here`,
    });
    return;
  }
  const why = `gateways: Chassis ${wanted.name} has is-interconn`;
  const usable = usableEncaps(view, plan, "icSb", encaps, chassisSubject(wanted));
  if (usable.length === 0) return;
  const current = (gateway?.encaps ?? []).flatMap((uuid) => view.icSb.Encap.get(uuid) ?? []);
  const uuids = usable.map((encap) => {
    const same = current.find((candidate) => sameEncap(candidate, encap));
    const columns = { type: encap.type, ip: encap.ip, options: encap.options, gateway_name: wanted.name };
    if (same === undefined) return plan.insert("icSb", "Encap", columns, { why });
    updateRow(view, plan, "icSb", "Encap", same, { columns, why });
    return same._uuid;
  });
  reconcile(view, plan, {
    database: "icSb",
    table: "Gateway",
    existing: gateway === undefined ? [] : [gateway],
    keysOf: () => [""],
    whyNot: () => why,
    desired: [
      {
        keys: [""],
        columns: {
          name: wanted.name,
          hostname: wanted.hostname,
          availability_zone: view.zone,
          encaps: uuids,
        },
        why,
      },
    ],
  });
}

function planRemote(view: View, plan: Plan, gateway: Gateway, chassis: Chassis | undefined): void {
  const why = `gateways: ISB Gateway ${gateway.name} of another zone`;
  if (chassis !== undefined && !isRemote(chassis)) {
    // The row of a former name holds it: that is said of the zone.
    if (view.isOwnGateway(gateway)) return;
    plan.warn({
      reason: "gateway-name-taken",
      text: `Chassis ${chassis.name} is of this zone, and another zone has a gateway of the same name: one of them must be renamed`,
      subject: chassisSubject(chassis),
      decidedBy: gatewaySubject(gateway),
    });
    return;
  }
  const encaps = gateway.encaps.flatMap((uuid) => view.icSb.Encap.get(uuid) ?? []);
  if (encaps.length === 0) {
    warnNoEncap(plan, gatewaySubject(gateway));
    return;
  }
  const subject = gatewaySubject(gateway);
  const drop = GATEWAY_QUOTA.drop(view, plan, gateway);
  if (drop !== null)
    plan.explain?.({ ...drop, text: `gateway ${gateway.name} of another zone is not used`, subject });
  const allowed = drop === null ? encaps.filter((encap) => isTunnelAllowed(view, plan, encap, subject)) : [];
  if (allowed.length === 0) {
    if (chassis !== undefined) plan.delete("sb", "Chassis", chassis, { why: `${why}, which is refused` });
    return;
  }
  const usable = usableEncaps(view, plan, "sb", allowed, subject);
  if (usable.length === 0) return;
  const current = (chassis?.encaps ?? []).flatMap((uuid) => view.sb.Encap.get(uuid) ?? []);
  const uuids = usable.map((encap) => {
    const same = current.find((candidate) => sameEncap(candidate, encap));
    const columns = { type: encap.type, ip: encap.ip, options: encap.options, chassis_name: gateway.name };
    if (same === undefined) return plan.insert("sb", "Encap", columns, { why });
    updateRow(view, plan, "sb", "Encap", same, { columns, why });
    return same._uuid;
  });
  reconcile(view, plan, {
    database: "sb",
    table: "Chassis",
    existing: chassis === undefined ? [] : [chassis],
    keysOf: () => [""],
    whyNot: () => why,
    desired: [
      {
        keys: [""],
        columns: { name: gateway.name, hostname: gateway.hostname, encaps: uuids },
        mapKeys: { other_config: { "is-remote": "true" } },
        why,
      },
    ],
  });
}

function sameEncap(a: AnyEncap, b: AnyEncap): boolean {
  return a.type === b.type && a.ip === b.ip;
}

function usableEncaps<E extends AnyEncap>(
  view: View,
  plan: Plan,
  database: "icSb" | "sb",
  encaps: E[],
  subject: Subject,
): E[] {
  return encaps.filter((encap) => {
    if (view.allows(database, "Encap", "type", encap.type)) return true;
    const text = `${subject.table} ${subject.name}: the server's schema has no encapsulation type ${encap.type}, it is left out`;
    plan.warn({ reason: "encap-type-unknown", text, subject });
    return false;
  });
}

function warnNoEncap(plan: Plan, subject: Subject): void {
  plan.warn({
    reason: "no-encap",
    text: `${subject.table} ${subject.name} has no encapsulation and is left out`,
    subject,
  });
}

function chassisSubject(chassis: Chassis): Subject {
  return { database: "sb", table: "Chassis", uuid: chassis._uuid, name: chassis.name };
}

function gatewaySubject(gateway: Gateway): Subject {
  return { database: "icSb", table: "Gateway", uuid: gateway._uuid, name: gateway.name };
}
