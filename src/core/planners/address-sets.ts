/**
 * Address sets across zones: those of SB that are to be known elsewhere become rows of ISB, and what all
 * other zones say there under one name becomes one set of NB. A unit is a set's name.
 */
import type { Subject, View } from "../model/index.ts";
import { bothRows, describeDerived, isTrue, optionChanged, setsOfPortGroup } from "../model/index.ts";
import { isSetElement } from "../net/addresses.ts";
import type { Desired, Plan, Planner } from "../planning/index.ts";
import { ALL, reconcile } from "../planning/index.ts";
import type { AddressSet as IcAddressSet } from "../schema/ic-sb.ts";
import type { AddressSet } from "../schema/nb.ts";

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
      Port_Group: (change) => bothRows(change).flatMap(({ name }) => setsOfPortGroup(name)),
    },
    sb: {
      Address_Set: (change, view) =>
        bothRows(change).some(
          ({ name, options }) => options.has("ic-adv") || view.icSbIndexes.addressSetByName.has(name),
        )
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
  const isAsked = sources.length > 0 && isTrue(view.options.get("ic-as-learn"));
  if (isAsked && !isNorthds(view, plan, name, sources)) {
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
      columns: { name, addresses: [...new Set(sources.flatMap((source) => elementsOf(view, plan, source)))] },
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

/**
 * Whether northd makes, or has made, an SB set of this name of its own accord: one that we learnt would take
 * its place in every ACL that names it.
 *
 * Of a set that is learnt northd makes one too. So one that is there says something only while nothing is
 * learnt; it may be the rest of one that was in NB a moment ago, and then its end comes with northd's next
 * turn, and feeds the unit.
 */
function isNorthds(view: View, plan: Plan, name: string, sources: readonly IcAddressSet[]): boolean {
  const subject: Subject = { database: "icSb", table: "Address_Set", uuid: sources[0]?._uuid ?? "", name };
  const reason = "address-set-name-taken";
  const from = describeDerived(view, name);
  if (from !== null) {
    plan.refuse({ reason, text: `address set ${name} of other zones is not learnt: ${from}`, subject });
    return true;
  }
  const made = view.sbIndexes.addressSetByName.get(name);
  if (made === undefined || view.nbIndexes.addressSetByName.has(name)) return false;
  const note = {
    reason,
    text: `address set ${name} of other zones is not learnt: there is one of that name in SB, which northd made of its own accord`,
    subject,
    decidedBy: { database: "sb", table: "Address_Set", uuid: made._uuid, name },
  } as const;
  plan.explain?.(note);
  plan.finding?.(note);
  return true;
}

/** Elements that are shown in a warning. */
const SHOWN = 3;

/** The addresses of another zone's set that can be in one. */
function elementsOf(
  view: View,
  plan: Plan,
  { _uuid: uuid, name, availability_zone, addresses }: IcAddressSet,
): string[] {
  const good = addresses.filter(isSetElement);
  if (good.length === addresses.length) return good;
  const bad = addresses.filter((one) => !isSetElement(one));
  const zone = view.icSb.Availability_Zone.get(availability_zone)?.name ?? "";
  const shown = bad.slice(0, SHOWN).map((one) => JSON.stringify(one.slice(0, 40)));
  const more = bad.length > SHOWN ? ` and ${bad.length - SHOWN} more` : "";
  plan.refuse({
    reason: "address-set-element",
    text: `address set ${name} of zone ${zone}: ${shown.join(", ")}${more} can't be in an address set, and ${bad.length === 1 ? "is" : "are"} left out`,
    subject: { database: "icSb", table: "Address_Set", uuid, name },
  });
  return good;
}
