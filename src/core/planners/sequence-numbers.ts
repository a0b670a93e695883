/**
 * The sequence numbers behind `ovn-ic-nbctl --wait=sb`: each zone says up to which change everything of its
 * own is in place, and once all zones have said so, that is made known to who waits. One unit, which is
 * planned only when nothing else is left to be written.
 */
import type { Planner } from "../planning/index.ts";
import { ALL, updateRow } from "../planning/index.ts";

export const sequenceNumbers: Planner = {
  name: "sequence-numbers",
  writes: ["icNb", "icSb"],
  leads: false,
  last: true,
  feeds: {
    icNb: { IC_NB_Global: () => ALL },
    icSb: { IC_SB_Global: () => ALL, Availability_Zone: () => ALL },
  },
  units: () => [""],
  plan(_key, view, plan) {
    if (view.zone === null || !view.can("sequence numbers")) return;
    const north = view.icNb.IC_NB_Global.first();
    const south = view.icSb.IC_SB_Global.first();
    const zone = view.icSb.Availability_Zone.get(view.zone);
    const missing = { why: "sequence-numbers: the row that holds them is missing" };
    if (north === undefined) plan.insert("icNb", "IC_NB_Global", {}, missing);
    if (south === undefined) plan.insert("icSb", "IC_SB_Global", {}, missing);
    if (north === undefined || south === undefined || zone === undefined) return;

    const wanted = north.nb_ic_cfg;
    if (view.confirmed !== wanted) return;
    const why = `sequence-numbers: IC_NB_Global.nb_ic_cfg is ${wanted}`;
    // A zone that came later has nothing to say about what all others have agreed on; one that is ahead of
    // all never could.
    if (zone.nb_ic_cfg !== wanted && (south.nb_ic_cfg !== wanted || zone.nb_ic_cfg > wanted)) {
      updateRow(view, plan, "icSb", "Availability_Zone", zone, { columns: { nb_ic_cfg: wanted }, why });
      return;
    }
    const agreed =
      south.nb_ic_cfg === wanted || [...view.icSb.Availability_Zone].every((one) => one.nb_ic_cfg === wanted);
    if (!agreed) return;
    updateRow(view, plan, "icSb", "IC_SB_Global", south, { columns: { nb_ic_cfg: wanted }, why });
    updateRow(view, plan, "icNb", "IC_NB_Global", north, { columns: { sb_ic_cfg: wanted }, why });
  },
};
