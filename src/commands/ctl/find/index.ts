/** What the words of a command stand for: tables, columns, records, conditions. What others may use of it. */
export { argumentColumn, parseColumnKey, parseColumnKeyValue } from "./column-argument.ts";
export { rowsSatisfying, rowTest } from "./conditions.ts";
export { globalRow, needTable, sortedBy, textOf } from "./known-tables.ts";
export {
  findRecord,
  findRecordToKeep,
  findRecordUnless,
  keepColumns,
  keepName,
  needRecords,
  rowsOf,
} from "./records.ts";
export { findColumn, findTable } from "./tables.ts";
