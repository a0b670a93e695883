// What programs and manuals are known to call: kube-ovn's controller and start scripts, and OVN's tutorial on
// interconnection.
import type { Case } from "./case.ts";
import { cases } from "./case.ts";
import { id } from "./fixture.ts";

/** Where no log file can be opened. */
const unwritable = { OVS_LOGDIR: "/nonexistent" };

export const callerCases: readonly Case[] = [
  ...[
    "--log-file",
    "--log-file --log-file",
    "--log-file=/nonexistent/x",
    "--log-file --log-file=/nonexistent/x",
  ].map((options) => ({ program: "nb" as const, line: `${options} ts-add a`, environment: unwritable })),
  { program: "sb", line: "--log-file show az1", environment: unwritable },
  { program: "nb", line: "-vconsole:off --log-file ts-add a", environment: unwritable },
  ...cases(
    "nb",
    `
    --timeout=30 --no-heading --data=bare --format=csv --columns=name find transit_switch name=ts1
    --format=csv --no-heading --data=bare --columns=external_ids find Transit_Switch name=ts1
    --timeout=30 --may-exist ts-add kube-ts -- set Transit_Switch kube-ts external_ids:subnet="10.0.0.0/16" external_ids:vendor="kube-ovn"
    --timeout=30 --may-exist ts-add ts1 -- set Transit_Switch ts1 external_ids:subnet="10.0.0.0/16" external_ids:vendor="kube-ovn"
    --timeout=30 --may-exist ts-add ts1 -- set Transit_Switch ts1 external_ids:subnet="fd00::/64,10.0.0.0/16"
    --timeout=30 ts-del ts1
    --timeout=30 --if-exists ts-del ts1
    --no-leader-only set-ssl /var/run/tls/key /var/run/tls/cert /var/run/tls/cacert
    --no-leader-only --inactivity-probe=60000 set-connection pssl:6645:[::]
    set-connection ptcp:6645:[::]
    set-connection ptcp:6645:[::] -- set connection . inactivity_probe=60000
    set-connection ptcp:6645
    ts-add ts1
    ts-add ts9
    -C none ts-add ts9
    --ca-cert=none --ca-cert=none ts-add ts9
    --bootstrap-ca-cert=none ts-add ts9
    -vconsole:off -C none ts-add ts9
    ~ show
    ~ --columns=name,other_config list transit_switch
    get transit_switch ts1 other_config:interconn-ts
    set transit_switch ts1 other_config:requested-tnl-key=5
    set ic_nb_global . options:vxlan_mode=false
    `,
  ),
  ...cases(
    "sb",
    `
    --format=csv --data=bare --no-heading --columns=_uuid find availability_zone name=az1
    --format=csv --data=bare --no-heading --columns=_uuid find availability_zone name=nope
    --timeout=30 --format=csv --data=bare --no-heading --columns=_uuid find gateway name=gw1
    ~ --columns=_uuid find gateway availability_zone=${id.az1}
    --columns=_uuid find gateway name=gw1
    ~ --format=csv --data=bare --no-heading --columns=_uuid find Port_Binding availability_zone=${id.az1}
    ~ --columns=_uuid find port_binding gateway=gw1
    --columns=_uuid find route availability_zone=${id.az1}
    --format=csv --data=bare --no-heading --columns=_uuid find route transit_switch=ts1
    --format=csv --data=bare --no-heading --columns=ip find encap type=geneve ip=10.0.0.1
    --columns=_uuid find encap ip=10.0.0.1 type=vxlan
    destroy gateway ${id.gw1}
    destroy gateway ${id.gw1} -- destroy port_binding p1 -- destroy port_binding p2
    destroy route 00000071-0000-4000-8000-000000000071
    destroy availability_zone ${id.az3}
    destroy availability_zone ${id.az1}
    destroy chassis ${id.gw1}
    --no-leader-only set-ssl /var/run/tls/key /var/run/tls/cert /var/run/tls/cacert
    --no-leader-only --inactivity-probe=60000 set-connection pssl:6646:[::]
    set-connection ptcp:6646:[::]
    set-connection ptcp:6646
    show
    list route
    list availability_zone az1
    ~ list gateway
    ~ list port_binding
    ~ list datapath_binding
    `,
  ),
];
