/** Column values as people write and read them. What others may use of it. */
export { compareElements, datumOf, type Element, elementsOf } from "./elements.ts";
export { formatAtom, formatDatum } from "./format.ts";
export { type ParseType, parseAtom, parseDatum, parseElements, type ResolveSymbol } from "./parse.ts";
export { formatTable, type OutputColumn, type OutputStyle, type OutputTable } from "./table.ts";
export { readToken } from "./token.ts";
