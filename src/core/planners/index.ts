/** What should exist, kind by kind, and the rows that this needs. What others may use of it. */
export { PLANNERS, RULES } from "./all.ts";
export {
  describeFormerZone,
  describeNamelessZone,
  FORMER_ZONE,
  formerZone,
  NAMELESS,
} from "./former-zone.ts";
