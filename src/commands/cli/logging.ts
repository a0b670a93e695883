/** What options say about the log, and where its file is by default. */
import type { Environment } from "../../core/databases.ts";
import { LogSpecError } from "../../daemon/log-levels.ts";
import { isSyslogMethod } from "../../daemon/syslog.ts";
import { CommandError } from "./errors.ts";

/** Applies one `-vSPEC`. @throws CommandError */
export function setLevels(log: { set(spec: string): void }, spec: string): void {
  try {
    log.set(spec);
  } catch (error) {
    if (error instanceof LogSpecError) throw new CommandError(`processing "${spec}": ${error.message}`);
    throw error;
  }
}

/** What `--syslog-method` says. @throws CommandError for what the C programs refuse. */
export function checkSyslogMethod(text: string): string {
  if (isSyslogMethod(text)) return text;
  throw new CommandError(`unsupported syslog method '${text}'`);
}

/** The file of a `--log-file` that names none. */
export function defaultLogFile(program: string, environment: Environment): string {
  return `${environment.OVS_LOGDIR ?? "/var/log/openvswitch"}/${program}.log`;
}
