// Both programs against the C programs of OVN 26.03.1.
import { compareWith } from "./differential.ts";

compareWith("26.03.1");
