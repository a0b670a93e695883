/**
 * Transit switches: each has a logical switch here, and one datapath with a tunnel key in the global
 * database, which the leader makes. A unit is a transit switch's name; the empty one stands for datapaths of
 * none.
 */
import type { View } from "../model/index.ts";
import {
  bothRows,
  contendedSwitch,
  doublyClaimed,
  isTrue,
  optionChanged,
  sortedByKey,
  switchesOf,
  switchSubject,
} from "../model/index.ts";
import type { Desired, Plan, Planner } from "../planning/index.ts";
import { ALL, datapathKey, reconcile, sharingKeys } from "../planning/index.ts";
import type { TransitSwitch } from "../schema/ic-nb.ts";
import type { DatapathBinding } from "../schema/ic-sb.ts";

export const transitSwitches: Planner = {
  name: "transit-switches",
  writes: ["icSb", "nb"],
  leads: true,
  feeds: {
    icNb: {
      IC_NB_Global: (change) => (optionChanged(change, "vxlan_mode") ? ALL : []),
      Transit_Switch: (change) => bothRows(change).map((row) => row.name),
    },
    icSb: {
      Datapath_Binding: (change, view) =>
        sharingKeys(view, bothRows(change)).map((row) => row.transit_switch),
      Encap: (change, view) =>
        bothRows(change).some((encap) => encap.type === "vxlan") && vxlanWanted(view) ? ALL : [],
    },
    nb: {
      Logical_Switch: (change) =>
        bothRows(change).flatMap((row) => row.other_config.get("interconn-ts") ?? []),
      Logical_Switch_Port: (change, view) => contendedSwitch(view, change),
    },
  },
  nameOf: (name) => (name === "" ? "datapaths of no transit switch" : undefined),
  *units(view) {
    for (const row of view.icNb.Transit_Switch) yield row.name;
    for (const name of view.nbIndexes.switchByTransitSwitch.keys()) yield String(name);
    for (const name of view.icSbIndexes.datapathBySwitch.keys()) yield String(name);
  },
  plan(name, view, plan) {
    if (view.zone === null) return;
    if (name === "") {
      if (view.leader) planNameless(view, plan);
      return;
    }
    const transitSwitch = view.icNbIndexes.transitSwitchByName.get(name);
    const datapaths = sortedByKey(
      [...view.icSbIndexes.datapathBySwitch.find(name)].filter((row) => row.type !== "transit-router"),
      (row) => row.tunnel_key,
    );
    if (view.leader) planDatapath(view, plan, name, transitSwitch, datapaths);
    planSwitch(view, plan, name, transitSwitch, datapaths[0]);
  },
};

/**
 * Datapaths of nothing: a conversion to an older schema and back leaves such rows of what was a transit
 * router's.
 */
function planNameless(view: View, plan: Plan): void {
  for (const row of view.icSbIndexes.datapathBySwitch.find("")) {
    if (row.type !== null && row.type !== "transit-switch") continue;
    plan.delete("icSb", "Datapath_Binding", row, {
      why: "transit-switches: a datapath of no transit switch",
      leader: true,
    });
  }
}

function vxlanWanted(view: View): boolean {
  return isTrue(view.icNb.IC_NB_Global.first()?.options.get("vxlan_mode"));
}

function planDatapath(
  view: View,
  plan: Plan,
  name: string,
  transitSwitch: TransitSwitch | undefined,
  datapaths: readonly DatapathBinding[],
): void {
  const why = `transit-switches: INB Transit_Switch ${name}`;
  const desired: Desired<"icSb", "Datapath_Binding">[] = [];
  if (transitSwitch !== undefined) {
    const [current] = datapaths;
    const key = datapathKey(view, plan.tunnelKeys, current, view.vxlanMode);
    if (key === null) {
      warnNoKey(plan, transitSwitch);
      return;
    }
    if (key !== current?.tunnel_key) {
      plan.requireAbsent("icSb", "Datapath_Binding", { tunnel_key: key }, { why, leader: true });
      if (current === undefined) {
        plan.requireAbsent("icSb", "Datapath_Binding", { transit_switch: name }, { why, leader: true });
      }
    }
    const columns = {
      transit_switch: name,
      type: "transit-switch",
      nb_ic_uuid: transitSwitch._uuid,
      tunnel_key: key,
    } as const;
    desired.push({ keys: [""], columns, why });
  }
  reconcile(view, plan, {
    database: "icSb",
    table: "Datapath_Binding",
    existing: datapaths,
    keysOf: () => [""],
    desired,
    whyNot: () =>
      transitSwitch === undefined
        ? `transit-switches: no INB Transit_Switch ${name}`
        : `transit-switches: ${name} has another datapath`,
    leader: true,
  });
}

function warnNoKey(plan: Plan, transitSwitch: TransitSwitch): void {
  const { _uuid: uuid, name } = transitSwitch;
  plan.warn({
    reason: "no-free-tunnel-key",
    text: `Transit_Switch ${name}: no free tunnel key for a datapath`,
    subject: { database: "icNb", table: "Transit_Switch", uuid, name },
  });
}

function planSwitch(
  view: View,
  plan: Plan,
  name: string,
  transitSwitch: TransitSwitch | undefined,
  datapath: DatapathBinding | undefined,
): void {
  const { chosen, spare, foreign } = switchesOf(view, name);
  if (transitSwitch !== undefined && chosen !== undefined)
    for (const row of foreign)
      plan.warn(doublyClaimed(`interconn-ts=${name}`, switchSubject(row), switchSubject(chosen)));
  const others = transitSwitch === undefined ? [...spare, ...foreign] : spare;
  const desired: Desired<"nb", "Logical_Switch">[] = [];
  if (transitSwitch !== undefined) {
    const keys: Record<string, string> = { "interconn-ts": name };
    if (datapath !== undefined) keys["requested-tnl-key"] = String(datapath.tunnel_key);
    const vxlanMode = view.vxlanMode;
    if (chosen === undefined || isTrue(chosen.other_config.get("ic-vxlan_mode")) !== vxlanMode) {
      keys["ic-vxlan_mode"] = String(vxlanMode);
    }
    desired.push({
      keys: [""],
      columns: {},
      initial: () => ({ name }),
      mapKeys: { other_config: keys },
      why: `transit-switches: INB Transit_Switch ${name}`,
    });
  }
  reconcile(view, plan, {
    database: "nb",
    table: "Logical_Switch",
    // Somebody may put a port there meanwhile, and then it has to stay.
    verify: transitSwitch === undefined ? [] : ["ports"],
    existing: chosen === undefined ? others : [chosen, ...others],
    keysOf: () => [""],
    desired,
    whyNot: () =>
      transitSwitch === undefined
        ? `transit-switches: no INB Transit_Switch ${name}`
        : `transit-switches: ${name} has another switch`,
  });
}
