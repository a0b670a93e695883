// Both programs against the C programs of OVN 23.03.1.
import { compareWith } from "./differential.ts";

compareWith("23.03.1");
