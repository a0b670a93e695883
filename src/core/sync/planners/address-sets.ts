/**
 * Address sets across zones: those of SB that are to be known elsewhere become rows of ISB, and what all other zones say there under one
 * name becomes one set of NB. A unit is a set's name.
 */
import type { AddressSet as IcAddressSet } from "../../schema/ic-sb.ts";
import type { AddressSet } from "../../schema/nb.ts";
import type { Plan } from "../plan.ts";
import type { Planner } from "../planner.ts";
import { ALL, bothRows, optionChanged } from "../planner.ts";
import type { Desired } from "../reconcile.ts";
import { reconcile } from "../reconcile.ts";
import type { View } from "../view.ts";
import { isTrue } from "../view.ts";

export const addressSets: Planner = {
  name: "address-sets",
  writes: ["icSb", "nb"],
  leads: false,
  feeds: {
    nb: {
      NB_Global: (change) =>
        ["ic-as-adv", "ic-as-learn"].some((key) => optionChanged(change, key)) ? ALL : [],
      Address_Set: (change, view) =>
        bothRows(change).flatMap((set) =>
          isLearnt(set) || view.icSbIndexes.addressSetByName.has(set.name) ? [set.name] : [],
        ),
    },
    sb: {
      Address_Set: (change) =>
        bothRows(change).some(({ options }) => options.has("ic-adv"))
          ? bothRows(change).map(({ name }) => name)
          : [],
    },
    icSb: { Address_Set: (change) => bothRows(change).map(({ name }) => name) },
  },
  *units(view) {
    for (const set of view.sb.Address_Set) if (set.options.has("ic-adv")) yield set.name;
    for (const set of view.nb.Address_Set) if (isLearnt(set)) yield set.name;
    for (const name of view.icSbIndexes.addressSetByName.keys()) yield String(name);
  },
  plan(name, view, plan) {
    if (view.zone === null || !view.can("address sets")) return;
    const known = [...view.icSbIndexes.addressSetByName.find(name)];
    planAdvertised(
      view,
      plan,
      name,
      known.filter((set) => set.availability_zone === view.zone),
    );
    planLearnt(
      view,
      plan,
      name,
      known.filter((set) => set.availability_zone !== view.zone),
    );
  },
};

function isLearnt(set: AddressSet): boolean {
  return isTrue(set.external_ids.get("ic-learnt"));
}

function planAdvertised(view: View, plan: Plan, name: string, existing: readonly IcAddressSet[]): void {
  const set = view.sbIndexes.addressSetByName.get(name);
  const wanted = set !== undefined && isTrue(set.options.get("ic-adv"));
  const allowed = isTrue(view.options.get("ic-as-adv"));
  if (wanted && !allowed) {
    plan.explain?.({
      reason: "address-sets-not-advertised",
      text: `address set ${name} is not made known`,
      subject: { database: "sb", table: "Address_Set", uuid: set._uuid, name },
    });
  }
  reconcile(view, plan, {
    database: "icSb",
    table: "Address_Set",
    existing,
    keysOf: () => [""],
    desired:
      wanted && allowed
        ? [
            {
              keys: [""],
              columns: { name, availability_zone: view.zone ?? "", addresses: set.addresses },
              why: `address-sets: SB Address_Set ${name} has ic-adv`,
            },
          ]
        : [],
    whyNot: () => `address-sets: no SB Address_Set ${name} is to be made known`,
  });
}

function planLearnt(view: View, plan: Plan, name: string, sources: readonly IcAddressSet[]): void {
  const set = view.nbIndexes.addressSetByName.get(name);
  const desired: Desired<"nb", "Address_Set">[] = [];
  if (sources.length > 0 && isTrue(view.options.get("ic-as-learn"))) {
    if (set !== undefined && !isLearnt(set)) {
      plan.explain?.({
        reason: "own-address-set-wins",
        text: `address set ${name} of other zones is not learnt`,
        subject: { database: "icSb", table: "Address_Set", uuid: sources[0]?._uuid ?? "", name },
        decidedBy: { database: "nb", table: "Address_Set", uuid: set._uuid, name },
      });
      return;
    }
    desired.push({
      keys: [""],
      columns: { name, addresses: [...new Set(sources.flatMap((source) => [...source.addresses]))] },
      mapKeys: { external_ids: { "ic-learnt": "true" } },
      why: `address-sets: ISB Address_Set ${name} of other zones`,
    });
  }
  reconcile(view, plan, {
    database: "nb",
    table: "Address_Set",
    existing: set !== undefined && isLearnt(set) ? [set] : [],
    keysOf: () => [""],
    desired,
    whyNot: () => `address-sets: no address set ${name} is to be learnt from another zone`,
  });
}
