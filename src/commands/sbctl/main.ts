/** The program `ovn-ic-sbctl`. */

import { castNet } from "../cli/index.ts";
import { runProgram } from "../ctl/main.ts";
import { sbctl } from "./program.ts";

castNet(sbctl.name);
void runProgram(sbctl, process.argv.slice(2), process.env).then((status) => process.exit(status));
