/**
 * The commands that both programs have. What others may use of it; what they do is loaded by the groups, when
 * a line runs one.
 */
export { connectionCommands, databaseCommands, sslCommands } from "./groups.ts";
