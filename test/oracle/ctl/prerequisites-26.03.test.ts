// What lines depend on, beside the C programs of OVN 26.03.1.
import { comparePrerequisites } from "./prerequisites.ts";

comparePrerequisites("26.03.1");
