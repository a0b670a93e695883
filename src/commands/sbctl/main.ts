/** The program `ovn-ic-sbctl`. */
import { runProgram } from "../ctl/main.ts";
import { sbctl } from "./program.ts";

void runProgram(sbctl, process.argv.slice(2), process.env).then((status) => process.exit(status));
