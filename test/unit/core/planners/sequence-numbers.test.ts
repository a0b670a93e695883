import { describe } from "vitest";
import { sequenceNumbers } from "../../../../src/core/planners/sequence-numbers.ts";
import type { Rows } from "../../../harness/memory/rows.ts";
import { itPlans, rows } from "./cases.ts";

/** What is asked for, what zones have said, and what was agreed on. */
function numbers(asked: number, az1: number, az2: number, agreed: number): Rows {
  return {
    nb: { NB_Global: [{ name: "az1" }] },
    icNb: { IC_NB_Global: [{ nb_ic_cfg: asked }] },
    icSb: {
      IC_SB_Global: [{ nb_ic_cfg: agreed }],
      Availability_Zone: [
        { name: "az1", nb_ic_cfg: az1 },
        { name: "az2", nb_ic_cfg: az2 },
      ],
    },
  };
}

describe("a sequence number", () => {
  itPlans(sequenceNumbers, [
    {
      name: "is said by this zone when everything is in place",
      given: numbers(2, 1, 1, 1),
      confirmed: 2,
      does: ["icSb ~ Availability_Zone az1: nb_ic_cfg=2"],
    },
    {
      name: "is not said before everything that came before is known",
      given: numbers(2, 1, 1, 1),
      confirmed: 1,
    },
    {
      name: "is not made known while another zone has not said it",
      given: numbers(2, 2, 1, 1),
      confirmed: 2,
    },
    {
      name: "is made known once all zones have said it",
      given: numbers(2, 2, 2, 1),
      confirmed: 2,
      does: [
        "icNb ~ IC_NB_Global IC_NB_Global: sb_ic_cfg=2",
        "icSb ~ IC_SB_Global IC_SB_Global: nb_ic_cfg=2",
      ],
    },
    {
      name: "that all have agreed on is not said by a zone that came later",
      given: rows(numbers(2, 0, 2, 2)),
      confirmed: 2,
      does: ["icNb ~ IC_NB_Global IC_NB_Global: sb_ic_cfg=2"],
    },
    {
      name: "is said again by a zone that is ahead of what is asked for",
      given: numbers(2, 3, 2, 2),
      confirmed: 2,
      does: ["icSb ~ Availability_Zone az1: nb_ic_cfg=2"],
    },
    {
      name: "has its rows made where they are missing",
      given: { nb: { NB_Global: [{ name: "az1" }] }, icSb: { Availability_Zone: [{ name: "az1" }] } },
      does: ["icNb + IC_NB_Global ", "icSb + IC_SB_Global "],
    },
    {
      name: "is nothing that older servers know",
      given: { nb: { NB_Global: [{ name: "az1" }] }, icSb: { Availability_Zone: [{ name: "az1" }] } },
      without: ["icSb.Availability_Zone.nb_ic_cfg"],
    },
  ]);
});
