// `npm run man`: writes the manual pages that are made from the programs' tables.
import { writeFileSync } from "node:fs";
import { formatPages } from "./page.ts";

for (const [name, text] of formatPages("scripts/man")) {
  writeFileSync(`man/${name}`, text);
  console.log(`man/${name}`);
}
