/** The program `ovn-ic-nbctl`. */

import { castNet } from "../cli/index.ts";
import { runProgram } from "../ctl/main.ts";
import { nbctl } from "./program.ts";

castNet(nbctl.name);
void runProgram(nbctl, process.argv.slice(2), process.env).then((status) => process.exit(status));
