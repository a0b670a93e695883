import { describe } from "vitest";
import { serviceMonitors } from "../../../../src/core/planners/service-monitors.ts";
import type { GivenRow, Rows } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";

const mac: Rows = { sb: { SB_Global: [{ options: { svc_monitor_mac: "02:00:00:00:00:99" } }] } };
const key = {
  type: "load-balancer",
  ip: "10.1.0.5",
  port: 80,
  protocol: "tcp",
  logical_port: "vm1",
} as const;

/** What northd here wants to know of a backend in zone az2. */
function wanted(more: GivenRow<"sb", "Service_Monitor"> = {}): Rows {
  return {
    sb: {
      Service_Monitor: [
        { _uuid: "m1", ...key, src_ip: "10.9.0.1", remote: true, options: { "az-name": "az2" }, ...more },
      ],
    },
  };
}

function global(source: string, target: string, more: GivenRow<"icSb", "Service_Monitor"> = {}): Rows {
  return {
    icSb: {
      Service_Monitor: [
        {
          _uuid: "g1",
          ...key,
          src_ip: "10.9.0.1",
          src_mac: "02:00:00:00:00:99",
          source_availability_zone: source,
          target_availability_zone: target,
          ...more,
        },
      ],
    },
  };
}

/** The backend, in this zone. */
function backend(more: GivenRow<"sb", "Port_Binding"> = {}): Rows {
  return {
    sb: {
      Datapath_Binding: [{ _uuid: "d1", tunnel_key: 1 }],
      Port_Binding: [
        {
          logical_port: "vm1",
          datapath: "d1",
          tunnel_key: 1,
          up: true,
          mac: ["02:00:00:00:00:05 10.1.0.5"],
          ...more,
        },
      ],
    },
  };
}

const pulled =
  'sb + Service_Monitor type=load-balancer, ip=10.1.0.5, port=80, protocol=tcp, src_ip=10.9.0.1, logical_port=vm1, options={}, src_mac=02:00:00:00:00:99, chassis_name="", ic_learned=true, remote=false';
const refused = (reason: string) => [
  `warn: ${reason} of Service_Monitor g1`,
  `explain: ${reason} of Service_Monitor g1`,
];

describe("a monitor of a backend in another zone", () => {
  itPlans(serviceMonitors, [
    {
      name: "is made known",
      given: rows(zones(), mac, wanted()),
      does: [
        "icSb + Service_Monitor type=load-balancer, ip=10.1.0.5, port=80, protocol=tcp, src_ip=10.9.0.1, logical_port=vm1, options={az-name=az2}, src_mac=02:00:00:00:00:99, source_availability_zone=az1, target_availability_zone=az2",
      ],
    },
    { name: "is not made known before northd has told its address", given: rows(zones(), wanted()) },
    {
      name: "is not made known for this zone itself",
      given: rows(zones(), mac, wanted({ options: { "az-name": "az1" } })),
    },
    {
      name: "is not made known of a kind that can't be watched",
      given: rows(zones(), mac, wanted({ protocol: "icmp" })),
      says: ["explain: monitor-not-supported of Service_Monitor m1"],
    },
    {
      name: "is told what the other zone has found",
      given: rows(
        zones(),
        mac,
        wanted(),
        global("az1", "az2", { status: "online", options: { "az-name": "az2" } }),
      ),
      does: ["sb ~ Service_Monitor m1: status=online"],
    },
    {
      name: "goes when northd wants it no more",
      given: rows(zones(), mac, global("az1", "az2")),
      does: ["icSb - Service_Monitor g1"],
    },
    {
      name: "is nothing that older servers know",
      given: rows(zones(), mac, wanted()),
      without: ["icSb.Service_Monitor"],
    },
  ]);
});

describe("a monitor that another zone asks for", () => {
  itPlans(serviceMonitors, [
    {
      name: "is run where the backend is up",
      given: rows(zones(), mac, global("az2", "az1"), backend()),
      does: [pulled],
    },
    {
      name: "is not run where it is not",
      given: rows(zones(), mac, global("az2", "az1"), backend({ up: null })),
    },
    {
      name: "tells the other zone what was found",
      given: rows(zones(), mac, global("az2", "az1"), backend(), {
        sb: {
          Service_Monitor: [
            {
              _uuid: "l1",
              ...key,
              src_ip: "10.9.0.1",
              src_mac: "02:00:00:00:00:99",
              ic_learned: true,
              status: "offline",
            },
          ],
        },
      }),
      does: ["icSb ~ Service_Monitor g1: status=offline"],
    },
    {
      name: "is answered by one that northd runs itself",
      given: rows(zones(), mac, global("az2", "az1"), backend(), {
        sb: { Service_Monitor: [{ _uuid: "own", ...key, src_ip: "10.9.0.1", status: "online" }] },
      }),
      does: ["icSb ~ Service_Monitor g1: status=online"],
    },
    {
      name: "goes when it is not asked for any more",
      given: rows(zones(), mac, backend(), {
        sb: { Service_Monitor: [{ _uuid: "l1", ...key, src_ip: "10.9.0.1", ic_learned: true }] },
      }),
      does: ["sb - Service_Monitor l1"],
    },
    {
      name: "is not run where none is to be",
      given: rows(zones({ "ic-svc-monitor-learn": "false" }), mac, global("az2", "az1"), backend()),
      says: ["explain: monitors-not-learned of Service_Monitor g1"],
    },
    {
      name: "is not run for a zone that is denied",
      given: rows(zones({ "ic-svc-monitor-deny": "az3, az2" }), mac, global("az2", "az1"), backend()),
      says: ["explain: monitor-zone-denied of Service_Monitor g1"],
    },
    {
      name: "is not run at an address that the port doesn't have",
      given: rows(zones(), mac, global("az2", "az1"), backend({ mac: ["02:00:00:00:00:05 10.1.0.6"] })),
      says: refused("monitor-ip-not-of-port"),
    },
    {
      name: "is run at any address of a port that may have others",
      given: rows(zones(), mac, global("az2", "az1"), backend({ mac: ["unknown"] })),
      does: [pulled],
    },
    {
      name: "is not run from an address of this zone",
      given: rows(zones(), mac, global("az2", "az1"), backend(), {
        nb: {
          Logical_Router: [{ name: "lr1", ports: ["lrp1"] }],
          Logical_Router_Port: [{ name: "lrp1", networks: ["10.9.0.1/24"] }],
        },
      }),
      says: refused("monitor-source-not-remote"),
    },
    {
      name: "is run without the options that are not known",
      given: rows(zones(), mac, global("az2", "az1", { options: { odd: "1" } }), backend()),
      does: [pulled],
      says: refused("monitor-option-unknown"),
    },
    {
      name: "is left out of more than a zone may have",
      given: rows(zones({ "ic-max-svc-monitors": "0" }), mac, global("az2", "az1"), backend()),
      says: [
        "explain: too-many-monitors of Service_Monitor g1",
        "warn: too-many-monitors of Service_Monitor g1",
      ],
    },
  ]);
});
