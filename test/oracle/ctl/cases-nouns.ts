// Commands that know what the tables mean.
import type { Case } from "./case.ts";
import { cases } from "./case.ts";
import { id } from "./fixture.ts";

export const nounCases: readonly Case[] = [
  ...cases(
    "nb",
    `
    init
    ts-list
    ~ show
    ~ --oneline ts-list
    ts-add new
    ts-add ts1
    ts-add -6
    ts-add -5
    ts-add ''
    ts-add {x
    ts-add 'a b'
    ts-add '"q"'
    ts-add a\\b
    ts-add ünï
    ts-add a -- ts-add b -- ts-add c
    ts-add a -- ts-add a
    ts-add a -- --may-exist ts-add a
    ts-add a -- ts-del a
    ts-add new -- get Transit_Switch new name
    ts-add new -- set Transit_Switch new other_config:x=y -- get Transit_Switch new other_config
    ts-add new -- foo
    ts-add new -- ts-add ts1
    ts-add new -- set Transit_Switch new name=ts1
    --may-exist ts-add ts1 -- set Transit_Switch ts1 external_ids:subnet="10.0.0.0/16" external_ids:vendor="kube-ovn"
    --may-exist ts-add new -- set Transit_Switch new external_ids:subnet="10.0.0.0/16" external_ids:vendor="kube-ovn"
    ts-del ts1
    ts-del nope
    ts-del ${id.ts1}
    ts-del ${id.missing}
    ts-del ''
    --if-exists ts-del nope
    --if-exists ts-del ${id.missing}
    --if-exists ts-del ts1
    ts-del ts1 -- ts-del ts1
    ts-del ts1 -- ts-add ts1
    ts-del ts1 -- --if-exists ts-del ts1 -- get Transit_Switch ts2 name
    ts-del 00000011
    ts-del ts1 -- ts-list
    get-connection
    del-connection
    del-connection -- get-connection
    set-connection ptcp:6645
    set-connection pssl:6645:[::] -- get-connection
    set-connection ptcp:1 tcp:x ssl:y unix:z punix:w pssl: -- get-connection
    set-connection foo
    set-connection SSL:x ptcp:1
    set-connection ptcp:1 -- set-connection ptcp:1
    set-connection ptcp:1 ptcp:1
    get-connection -- set-connection tcp:4 -- get-connection -- del-connection -- get-connection
    --inactivity-probe=300 set-connection ptcp:1
    --inactivity-probe=x set-connection ptcp:1
    --inactivity-probe=7x set-connection ptcp:1
    --inactivity-probe= set-connection ptcp:1
    --inactivity-probe=-7 set-connection ptcp:1
    --inactivity-probe set-connection ptcp:1
    --inact=5 set-connection ptcp:1
    get-ssl
    del-ssl
    del-ssl -- get-ssl
    set-ssl a b c
    set-ssl a b c -- get-ssl
    set-ssl a b c TLSv1.2
    set-ssl a b c TLSv1.2 HIGH
    set-ssl a b c '' ''
    --bootstrap set-ssl a b c -- get-ssl
    --boot set-ssl a b c
    get-ssl -- set-ssl a b c -- get-ssl -- del-ssl -- get-ssl
    `,
  ),
  ...cases(
    "sb",
    `
    init
    show
    show az1
    show az2
    show 'AZ three'
    show nope
    show ''
    show ${id.az1}
    show ${id.missing}
    show az
    show az1 az2
    show az1 -- show az2
    --oneline show az1
    destroy Port_Binding p1 -- show az1
    set Gateway gw1 hostname='""' name=renamed -- show
    get-connection
    set-connection pssl:6646:[::]
    set-ssl a b c
    del-ssl
    del-connection
    ts-add x
    `,
  ),
];
