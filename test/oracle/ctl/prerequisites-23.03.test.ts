// What lines depend on, beside the C programs of OVN 23.03.1.
import { comparePrerequisites } from "./prerequisites.ts";

comparePrerequisites("23.03.1");
