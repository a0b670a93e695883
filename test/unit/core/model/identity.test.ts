import { describe, expect, it } from "vitest";
import type { Identity } from "../../../../src/core/model/identity.ts";
import { NOBODY, nextIdentity } from "../../../../src/core/model/identity.ts";
import type { AvailabilityZone } from "../../../../src/core/schema/ic-sb.ts";

/** The name of the row with our gateways. */
let ours = "";
/** The name of a row that is certain to be another zone's. */
let others = "";

function zonesNamed(...names: string[]) {
  const rows = names.map((name) => ({ _uuid: `uuid of ${name}`, name }) as unknown as AvailabilityZone);
  return {
    get: (uuid: string) => rows.find((row) => row._uuid === uuid),
    named: (name: string) => rows.find((row) => row.name === name),
    isOthers: (row: AvailabilityZone) => row.name === others,
    isOurs: (row: AvailabilityZone) => row.name === ours,
  };
}

const nameless: Identity = { ...NOBODY, name: "az1" };

describe("a zone's row", () => {
  it("is the one that bears its name", () => {
    expect(nextIdentity(NOBODY, "az1", zonesNamed("az1", "az2")).zone).toBe("uuid of az1");
    expect(nextIdentity(NOBODY, "az1", zonesNamed("az2")).zone).toBeNull();
  });

  it("stays the one that bore the former name", () => {
    const before = nextIdentity(NOBODY, "az1", zonesNamed("az1"));
    expect(nextIdentity(before, "paris", zonesNamed("az1")).zone).toBe("uuid of az1");
    expect(nextIdentity(before, "", zonesNamed("az1"))).toMatchObject({ zone: null, retired: "uuid of az1" });
  });

  it("stays the same while another zone's row has the new name, however often one looks", () => {
    const zones = zonesNamed("az1", "az2");
    const before = nextIdentity(NOBODY, "az1", zones);
    const refused = nextIdentity(before, "az2", zones);
    expect(refused.zone).toBe("uuid of az1");
    const later = nextIdentity(refused, "az2", zones);
    expect(later.zone).toBe("uuid of az1");
    expect(nextIdentity(later, "", zones).retired).toBe("uuid of az1");
    expect(nextIdentity(later, "az1", zones).zone).toBe("uuid of az1");
  });

  it("has been named by us until we want another name, whatever others call it", () => {
    const before = nextIdentity(NOBODY, "az1", zonesNamed("az1"));
    expect(before.named).toBe(true);
    const ours = { ...zonesNamed("az9"), get: () => zonesNamed("az9").named("az9") };
    const renamed = nextIdentity(before, "az1", ours);
    expect([renamed, nextIdentity(renamed, "az1", ours)].map(({ named }) => named)).toEqual([true, true]);
    expect(nextIdentity(renamed, "paris", ours).named).toBe(false);
    expect(nextIdentity(before, "paris", zonesNamed("az1")).named).toBe(false);
    expect(nextIdentity(before, "", zonesNamed("az1")).named).toBe(false);
  });

  it("is never one that is certain to be another zone's", () => {
    others = "az2";
    try {
      const zones = zonesNamed("az1", "az2");
      const first = nextIdentity(NOBODY, "az2", zones);
      expect(first.zone).toBeNull();
      const later = nextIdentity(first, "az2", zones);
      expect(later.zone).toBeNull();
      expect(nextIdentity(later, "", zones).retired).toBeNull();
      expect(nextIdentity(later, "az1", zones).zone).toBe("uuid of az1");
    } finally {
      others = "";
    }
  });

  it("is left for the one with our name where our gateways are", () => {
    const zones = zonesNamed("north", "az1");
    const before = nextIdentity(NOBODY, "north", zones);
    expect(nextIdentity(before, "az1", zones).zone).toBe("uuid of north");
    ours = "az1";
    try {
      expect(nextIdentity(before, "az1", zones).zone).toBe("uuid of az1");
    } finally {
      ours = "";
    }
  });

  it("is another one only when it is gone", () => {
    const before = nextIdentity(NOBODY, "az1", zonesNamed("az1"));
    expect(nextIdentity(before, "az2", zonesNamed("az2")).zone).toBe("uuid of az2");
    expect(nextIdentity(before, "az1", zonesNamed("az2")).zone).toBeNull();
  });

  it("is the one for the former name, too, that comes only after the name has changed", () => {
    expect(nextIdentity(nameless, "paris", zonesNamed("az1")).zone).toBe("uuid of az1");
    expect(nextIdentity(nameless, "", zonesNamed("az1"))).toMatchObject({
      zone: null,
      retired: "uuid of az1",
    });
    expect(nextIdentity(nameless, "paris", zonesNamed("az2")).zone).toBeNull();
  });
});
