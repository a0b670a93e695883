/**
 * What all programs share. What others may use of it, besides `remotes.ts` and `progress.ts`: these are not
 * loaded at every start.
 */
export { CONNECTIONS } from "./connections-help.ts";
export { CommandError, castNet, internalError } from "./errors.ts";
export { type OptionSpec, readOptions } from "./getopt.ts";
export { checkSyslogMethod, defaultLogFile, setLevels } from "./logging.ts";
export { show } from "./show.ts";
export { absoluteTls, setTls, TLS_OPTIONS, type TlsOptionName, warnOfTls } from "./tls.ts";
