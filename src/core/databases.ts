/**
 * Where OVN's databases are found when nobody says: environment variables and default sockets, as in
 * ovn-nbctl(8), ovn-sbctl(8), ovn-ic-nbctl(8) and ovn-ic-sbctl(8).
 */

/** The four databases: of the local availability zone, and those that all zones share. */
export type DatabaseName = "nb" | "sb" | "icNb" | "icSb";

/** The part of `process.env` that matters. */
export type Environment = Readonly<Record<string, string | undefined>>;

const DATABASES: Readonly<Record<DatabaseName, { readonly variable: string; readonly socket: string }>> = {
  nb: { variable: "OVN_NB_DB", socket: "ovnnb_db.sock" },
  sb: { variable: "OVN_SB_DB", socket: "ovnsb_db.sock" },
  icNb: { variable: "OVN_IC_NB_DB", socket: "ovn_ic_nb_db.sock" },
  icSb: { variable: "OVN_IC_SB_DB", socket: "ovn_ic_sb_db.sock" },
};

/**
 * OVN's run directory: OVN_RUNDIR, or /var/run/ovn.
 *
 * @example runDirectory(process.env); // "/var/run/ovn"
 */
export function runDirectory(environment: Environment): string {
  return environment.OVN_RUNDIR ?? "/var/run/ovn";
}

/**
 * The remotes of a database: the value of its environment variable, even if that is empty, or the default
 * socket.
 *
 * @example defaultRemote("icNb", {}); // "unix:/var/run/ovn/ovn_ic_nb_db.sock"
 */
export function defaultRemote(database: DatabaseName, environment: Environment): string {
  const { variable, socket } = DATABASES[database];
  return environment[variable] ?? `unix:${runDirectory(environment)}/${socket}`;
}
