/** The generic database commands, which know nothing of what tables mean (ovs-vsctl(8), "Database Commands"). */
import type { CommandGroup } from "../command.ts";
import { add, clear, remove } from "./add-remove.ts";
import { create, destroy } from "./create-destroy.ts";
import { get } from "./get.ts";
import { find, list } from "./list.ts";
import { set } from "./set.ts";
import { comment, waitUntil } from "./wait-until.ts";

export const databaseCommands: CommandGroup = {
  heading: "Database commands",
  commands: [list, find, get, set, add, remove, clear, create, destroy, waitUntil, comment],
};
