// Commands and options that 26.03.1 has and 23.03.1 has not.
import type { Case } from "./case.ts";
import { cases } from "./case.ts";
import { id } from "./fixture.ts";

const mac = "00:00:00:00:00:07";

const all: readonly Case[] = [
  ...cases(
    "nb",
    `
    sync
    --wait=none sync
    --no-wait sync
    --wait=none ts-add x
    --wait=foo ts-list
    --wait= ts-list
    --wait
    --wait=hv sync
    sync x
    -t 1 --wait=sb sync
    -t 1 --wait=sb ts-add x
    -t 5 --wait=sb get Transit_Switch ts1 name
    -t 5 --wait=sb --may-exist ts-add ts1
    -t 5 --wait=sb ts-add ts1
    -t 5 --wait=sb set IC_NB_Global . sb_ic_cfg=7 -- sync
    -t 5 --wait=sb set IC_NB_Global . sb_ic_cfg=7 -- get IC_NB_Global . nb_ic_cfg
    -t 5 --wait=sb --no-wait sync
    ~ --filter=ts show
    --filter=ts1 show
    --filter=TS1 show
    ~ --filter= show
    ~ --filter=, show
    --filter=| show
    ~ --filter=ts1|-5 show
    --filter=zz,ts1 show
    --filter=Transit_Switch(ts1) show
    --filter=Transit_Switch(zz) show
    --filter=Transit_Switch() show
    --filter=Transit_Switch(ts1,ts2) show
    --filter=Transit_Switch(ts1)x show
    --filter=Transit_Switch( show
    --filter=transit-switch(ts1) show
    --filter=Transit_S(ts1),Transit_S(ts2) show
    ~ --filter=Connection(x) show
    --filter=Connection(x),ts1 show
    --filter=foo(x) show
    --filter=tr(x) show
    --filter=(x) show
    '--filter="a' show
    --filter=quoted show
    --filter show
    --filter=x ts-list
    ~ show -- --filter=ts1 show
    tr-list
    ~ --oneline tr-list
    tr-add new
    tr-add tr1
    --may-exist tr-add tr1
    --may-exist tr-add new
    tr-add
    tr-add ''
    tr-add a b
    tr-del tr1
    tr-del tr2
    tr-del nope
    --if-exists tr-del nope
    tr-del ${id.tr1}
    tr-del ${id.missing}
    --if-exists tr-del ${id.missing}
    tr-add a -- tr-del a
    trp-add
    trp-add tr1 p9 ${mac} 10.0.0.1/24
    trp-add tr1 p9 ${mac} 10.0.0.1/24 chassis=c
    trp-add tr1 p9 ${mac} 10.0.0.1/24 fd00::1/64
    trp-add ${id.tr1} p9 ${mac} 10.0.0.1/24 fd00::1/64 chassis=c other_config:a=b
    trp-add nope p9 ${mac} 10.0.0.1/24 chassis=c
    trp-add tr1 p9 xx 10.0.0.1/24 chassis=c
    trp-add tr1 p9 0:0:0:0:0:1 10.0.0.1/24 chassis=c
    trp-add tr1 p9 ${mac} foo chassis=c
    trp-add tr1 p9 ${mac} 10.0.0.1 chassis=c
    trp-add tr1 p9 ${mac} fd00::1 chassis=c
    trp-add tr1 p9 ${mac} 10.0.0.1/33 chassis=c
    trp-add tr1 p9 ${mac} '' chassis=c
    trp-add tr1 p9 ${mac} 10.0.0.1/24 foo=c
    trp-add tr1 p9 ${mac} 10.0.0.1/24 chassis=
    trp-add tr1 p9 ${mac} chassis=c 10.0.0.1/24
    trp-add tr1 p1 ${mac} 10.0.0.1/24 chassis=c
    --may-exist trp-add tr1 p1 ${mac} 10.0.0.1/24 chassis=c
    --may-exist trp-add tr1 p1 00:00:00:00:00:01 10.0.0.1/24 chassis=c
    --may-exist trp-add tr1 p1 00:00:00:00:00:01 10.0.0.1/24 fd00::1/64 chassis=c
    --may-exist trp-add tr1 p1 00:00:00:00:00:01 foo fd00::1/64 chassis=c
    --may-exist trp-add tr1 p2 00:00:00:00:00:01 10.0.0.1/24 fd00::1/64 chassis=c
    --may-exist trp-add tr1 p9 ${mac} 10.0.0.1/24 chassis=c
    trp-del p1
    trp-del p9
    trp-del ${id.missing}
    --if-exists trp-del p9
    trp-add tr2 q ${mac} 10.0.0.1/24 chassis=c -- get Transit_Router_Port q mac networks chassis
    trp-del p1 -- trp-add tr1 p1 ${mac} 10.0.0.1/24 chassis=c
    list Transit_Router tr1
    list Transit_Router_Port p1
    list Transit_Router_Port 00:00:00:00:00:01
    list Transit_Router_Port ${id.tr1}
    get Transit_Router_Port p1 tr_uuid
    set Transit_Router_Port p1 tr_uuid=${id.missing}
    set Transit_Router_Port p1 networks=10.0.0.5/24,10.0.0.6/24
    add Transit_Router_Port p1 networks 10.0.0.5/24
    remove Transit_Router_Port p1 networks 10.0.0.1/24
    clear Transit_Router_Port p1 networks
    find Transit_Router_Port networks=nonsense
    find Transit_Router_Port 'networks{>=}fd00::1/64'
    list transit
    list t
    set-ssl a b c TLSv1.2 HIGH TLS_AES_256_GCM_SHA384
    set-ssl a b c TLSv1.2 HIGH X Y
    set IC_NB_Global . options:a=b
    get IC_NB_Global . nb_ic_cfg sb_ic_cfg
    --id=00000099-0000-4000-8000-000000000099 create Transit_Switch name=chosen
    --id=${id.ts1} create Transit_Switch name=chosen
    --id=00000099-0000-4000-8000-00000000009A create Transit_Switch name=chosen
    --id=00000099-0000-4000-8000-000000000099 create Connection target=x
    --id=00000099-0000-4000-8000-000000000099 create Connection target=x -- set IC_NB_Global . connections=00000099-0000-4000-8000-000000000099
    --id=00000099 create Transit_Switch name=chosen
    --id=${id.ts1} get Transit_Switch ts1
    `,
  ),
  ...cases(
    "sb",
    `
    list Service_Monitor
    find Service_Monitor protocol=tcp
    find Service_Monitor protocol=[]
    find Service_Monitor protocol=foo
    find Service_Monitor 'port>79'
    set Service_Monitor . port=65536
    set Service_Monitor . port=0 protocol=udp status=online
    set Service_Monitor . type=[]
    clear Service_Monitor . protocol
    create Service_Monitor ip=1.1.1.1 port=1
    set Datapath_Binding 00000061-0000-4000-8000-000000000061 type=transit-router nb_ic_uuid=${id.ts1}
    find Datapath_Binding type=[]
    find Port_Binding type=transit-switch-port
    set Availability_Zone az1 nb_ic_cfg=5
    ~ show
    ~ show az1
    --wait=sb show
    sync
    --filter=x show
    `,
  ),
];

/** The tables and columns of these are missing from the older schema. */
export const newerCases: readonly Case[] = all.map((one) => ({ since: "26.03.1", ...one }));
