/** The program `ovn-ic-nbctl`. */
import { runProgram } from "../ctl/main.ts";
import { nbctl } from "./program.ts";

void runProgram(nbctl, process.argv.slice(2), process.env).then((status) => process.exit(status));
