import { compareWith } from "./scenarios.ts";

compareWith("26.03.1");
