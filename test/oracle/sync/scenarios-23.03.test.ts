import { compareWith } from "./scenarios.ts";

compareWith("23.03.1");
