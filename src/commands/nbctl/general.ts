/** `init` and `show`. */
import type { Behaviour, Behaviours } from "../ctl/command.ts";
import { formatAtom } from "../ctl/datum/format.ts";
import { needTable, sortedBy, textOf } from "../ctl/known-tables.ts";

const show: Behaviour = {
  needs: (context) => needTable(context, "Transit_Switch", ["name"]),
  run: ({ txn, print }) => {
    for (const row of sortedBy("name", txn.rows("Transit_Switch"))) {
      print(`Transit_Switch ${formatAtom(textOf(row, "name"))}\n`);
    }
  },
};

export const behaviours: Behaviours = { show };
