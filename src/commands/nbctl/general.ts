/** `init`, `show`, `sync`. */
import type { Behaviour, Behaviours } from "../ctl/command/index.ts";
import { formatAtom } from "../ctl/datum/index.ts";
import { needTable, sortedBy, textOf } from "../ctl/find/index.ts";
import { parseShowFilter } from "./show-filter.ts";

const show: Behaviour = {
  needs: (context) => needTable(context, "Transit_Switch", ["name"]),
  run: ({ options, schema, txn, print }) => {
    const isShown = parseShowFilter(options.get("filter") ?? "", schema);
    for (const row of sortedBy("name", txn.rows("Transit_Switch"))) {
      const line = `Transit_Switch ${formatAtom(textOf(row, "name"))}`;
      if (isShown("Transit_Switch", line)) print(`${line}\n`);
    }
  },
};

const sync: Behaviour = {
  run: ({ forceIncrement, inform }) => {
    if (!forceIncrement()) inform('"sync" command has no effect without --wait');
  },
};

export const behaviours: Behaviours = { show, sync };
