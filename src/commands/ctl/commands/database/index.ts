/** What the generic database commands do, and the writing of `COLUMN[:KEY]=VALUE` for others. */
import type { Behaviours } from "../../command/index.ts";
import { add, clear, remove } from "./add-remove.ts";
import { create, destroy } from "./create-destroy.ts";
import { get } from "./get.ts";
import { find, list } from "./list.ts";
import { set } from "./set.ts";
import { waitUntil } from "./wait-until.ts";

export { applySetting, needSettings } from "./set.ts";

export const behaviours: Behaviours = {
  list,
  find,
  get,
  set,
  add,
  remove,
  clear,
  create,
  destroy,
  "wait-until": waitUntil,
};
