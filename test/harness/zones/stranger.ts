/**
 * Another zone, as rows of the global database: what it asks for is written by hand, so that it can be
 * anything.
 */
import { expect } from "vitest";
import type { Note } from "../../../src/core/model/subject.ts";
import { PLANNERS } from "../../../src/core/planners/all.ts";
import { planFullPass } from "../../../src/core/planning/full-pass.ts";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { commands } from "../words.ts";
import type { TestController } from "./zones.ts";
import { rows } from "./zones.ts";

const ZONE = "az9";

/** Makes rows of a zone named az9 and tells how to make and take away more of them. */
export async function stranger(sandbox: Sandbox) {
  const sbctl = (...args: string[]) => sandbox.run("ovn-ic-sbctl", args);
  await sbctl("create", "Availability_Zone", `name=${ZONE}`);
  const zone = String(
    (await rows(sandbox, "ic.sb", "Availability_Zone", "name,_uuid")).find(([name]) => name === ZONE)?.[1],
  );
  return {
    zone,
    sbctl,
    /** @param ends pairs of an encapsulation's type and its address: no two gateways may have the same */
    gateway: (name: string, ...ends: (readonly [type: string, ip: string])[]) =>
      sbctl(
        ...commands(
          ...ends.map(
            ([type, ip], i) => `--id=@e${i} create Encap type=${type} ip="${ip}" gateway_name=${name}`,
          ),
          `create Gateway name=${name} availability_zone=${zone} encaps=${ends.map((_end, i) => `@e${i}`).join()}`,
        ),
      ),
    port: (name: string, n: number, columns: Record<string, string> = {}) =>
      sbctl(
        "create",
        "Port_Binding",
        `logical_port=${name}`,
        "transit_switch=ts1",
        `availability_zone=${zone}`,
        `tunnel_key=${n}`,
        `address="aa:aa:aa:aa:aa:${n.toString(16)} 169.254.100.${n}/24"`,
        ...Object.entries(columns).map(([column, value]) => `${column}=${value}`),
      ),
    route: (prefix: string, nexthop = "169.254.100.9") =>
      sbctl(
        "create",
        "Route",
        `availability_zone=${zone}`,
        "transit_switch=ts1",
        `ip_prefix="${prefix}"`,
        `nexthop="${nexthop}"`,
        "origin=static",
      ),
    /** Deletes the row of a table that has a value in a column. */
    gone: async (table: string, column: string, value: string) => {
      const found = await rows(sandbox, "ic.sb", table, `_uuid,${column}`);
      const uuid = found.find(([, one]) => one === value)?.[0];
      expect(uuid, `${table} with ${column}=${value}`).toBeDefined();
      await sbctl("destroy", table, String(uuid));
    },
  };
}

/** Reasons that a zone's planners have now for leaving things out, without those that every zone has. */
export function reasons(zone: TestController): string[] {
  const notes: Note[] = [];
  planFullPass(zone.view, PLANNERS, { explain: (note) => notes.push(note) });
  return notes
    .map(({ reason, decidedBy }) => [reason, decidedBy?.option].filter(Boolean).join(" "))
    .filter((reason) => reason !== "own-route")
    .sort();
}

/** What a zone's planners warn of now. */
export function warnings(zone: TestController): string[] {
  const notes = new Set<string>();
  planFullPass(zone.view, PLANNERS, { warn: (note) => notes.add(note.text) });
  return [...notes];
}
