/** The program `ovn-ic-sbctl`. */
import { runProgram } from "../ctl/main.ts";
import { castNet } from "../last-net.ts";
import { sbctl } from "./program.ts";

castNet(sbctl.name);
void runProgram(sbctl, process.argv.slice(2), process.env).then((status) => process.exit(status));
