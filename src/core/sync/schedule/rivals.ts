/**
 * Another deployment with this zone's name, as far as it can be seen: gateways under our own row that are
 * none of this zone's chassis. One alone proves nothing, a chassis that is gone leaves such a one too; but
 * that somebody makes again what we delete does.
 */
import type { ChangeSet, OvsSchema } from "ovsdb-client-ts";
import type { DatabaseName, View } from "../../model/index.ts";
import { isTrue } from "../../model/index.ts";
import type { Gateway } from "../../schema/ic-sb.ts";

/** Gateways that are remembered: enough to find the other deployment by. */
const MOST = 8;
/** Milliseconds for which they are: with the longest pauses they come back once a minute. */
const MEMORY = 180_000;

interface Rival {
  readonly ips: readonly string[];
  readonly seen: number;
}

export class Rivals {
  readonly #view: View;
  /**
   * Tunnel addresses of gateways by their names. They come and go with every write of either side, so that
   * they have to be remembered.
   */
  readonly #gateways = new Map<string, Rival>();

  constructor(view: View) {
    this.#view = view;
  }

  /** To be called with everything that changes. */
  changed<S extends OvsSchema>(database: DatabaseName, changes: ChangeSet<S>, now: number): void {
    if (database !== "icSb") return;
    for (const { table, uuid } of changes) {
      if (table === "Gateway") this.#look(this.#view.icSb.Gateway.get(uuid as Gateway["_uuid"]), now);
    }
  }

  #look(gateway: Gateway | undefined, now: number): void {
    const { zone, icSb } = this.#view;
    if (gateway === undefined || zone === null || gateway.availability_zone !== zone) return;
    // Both may have a gateway of one name, which is now ours and now the other's.
    if (this.#view.isOwnGateway(gateway)) return;
    this.#gateways.delete(gateway.name);
    const ips = gateway.encaps.flatMap((uuid) => icSb.Encap.get(uuid)?.ip ?? []);
    this.#gateways.set(gateway.name, { ips, seen: now });
    const [oldest] = this.#gateways.keys();
    if (this.#gateways.size > MOST && oldest !== undefined) this.#gateways.delete(oldest);
  }

  /** What two deployments with one name look like to people; null if there is no sign of a second one. */
  describe(now: number): string | null {
    for (const [gateway, { seen }] of this.#gateways) if (now - seen > MEMORY) this.#gateways.delete(gateway);
    if (this.#view.zone === null || this.#gateways.size === 0) return null;
    const name = this.#view.zoneName;
    const ours: [string, string[]][] = [];
    for (const chassis of this.#view.sb.Chassis) {
      if (!isTrue(chassis.other_config.get("is-interconn"))) continue;
      ours.push([chassis.name, chassis.encaps.flatMap((uuid) => this.#view.sb.Encap.get(uuid)?.ip ?? [])]);
    }
    return (
      `two deployments use the name ${name}: this one has ${describeGateways(ours)}, the other one ` +
      `${describeGateways([...this.#gateways].map(([gateway, { ips }]) => [gateway, ips]))}. Each deletes what the other one writes, so nobody reaches either: give one of them ` +
      `another name (ovn-nbctl set NB_Global . name=NAME)`
    );
  }
}

function describeGateways(gateways: Iterable<readonly [string, readonly string[]]>): string {
  const list = [...gateways].slice(0, MOST).map(([name, ips]) => `${name} (${[...new Set(ips)].join(", ")})`);
  return list.length === 0 ? "no gateway" : `gateway ${list.join(", ")}`;
}
