/** What is said when a connection is not as safe as TLS can make it. */
import type { Log } from "../daemon/log.ts";

/** `--ca-cert=none` must not go unnoticed, whether or not TLS is used. */
export function warnOfTls(log: Log, ...caCertificates: readonly (string | undefined)[]): void {
  if (!caCertificates.includes("none")) return;
  log.warn("stream_ssl", "Peer certificate validation disabled (this is a security risk)");
}
