// `npm run completion`: writes what bash completes, made from the programs' tables.
import { writeFileSync } from "node:fs";
import { formatBash } from "./bash.ts";

writeFileSync("completion/ovn-ic-tools.bash", formatBash());
console.log("completion/ovn-ic-tools.bash");
