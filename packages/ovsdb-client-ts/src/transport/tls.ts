/** How TLS connections prove who they are and whom they trust. */

export interface TlsOptions {
  /** PEM file with the private key (`--private-key`). */
  privateKey?: string;
  /** PEM file with the certificate for it (`--certificate`). */
  certificate?: string;
  /** PEM file with the CA certificates that the peer's must be signed by (`--ca-cert`). */
  caCert?: string;
  /** Like `caCert`, but a file that does not exist yet is made from the first CA presented (`--bootstrap-ca-cert`). */
  bootstrapCaCert?: string;
  /** `--ssl-protocols`: "TLSv1.2,TLSv1.3" or "TLSv1.2+". */
  protocols?: string;
  /** `--ssl-ciphers`: OpenSSL cipher list for TLS 1.2 and below. */
  ciphers?: string;
  /** `--ssl-ciphersuites`: names of TLS 1.3 suites, colon separated. */
  ciphersuites?: string;
  /** `--ssl-server-name`: name sent as SNI. Default: the host of the remote when it is a DNS name. */
  serverName?: string;
}
