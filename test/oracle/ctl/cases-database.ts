// The generic database commands.
import type { Case } from "./case.ts";
import { cases } from "./case.ts";
import { id } from "./fixture.ts";

const names = cases(
  "nb",
  `
  list Transit_Switch ts1
  list transit-switch ts1
  list TRANSIT_switch ts1
  list tr ts1
  list ic
  list c
  list s
  list x
  list ''
  list 'Transit Switch'
  list Transit_Switchx
  list Transit_Switch nope
  list Transit_Switch ts1 nope
  list Transit_Switch ts1 ts2
  list Transit_Switch ts1 ts1
  --if-exists list Transit_Switch nope ts1
  --if-exists list Transit_Switch nope
  list Transit_Switch ${id.ts1}
  list Transit_Switch ${id.ts1.toUpperCase()}
  list Transit_Switch ${id.missing}
  list Transit_Switch 00000011
  list Transit_Switch 000
  list Transit_Switch abcd1
  list Transit_Switch abcd
  list Transit_Switch ABCD2
  list Transit_Switch .
  list IC_NB_Global .
  list IC_NB_Global
  list IC_NB_Global x
  list Transit_Switch ''
  list Transit_Switch '""'
  list Transit_Switch @x
  list SSL .
  list Connection .
  list Connection ptcp:6645:[::]
  ~ list Transit_Switch
  --columns=name list Transit_Switch ts1
  --columns=name,_uuid list Transit_Switch ts1
  --columns=name,name list Transit_Switch ts1
  --columns=na,ext list Transit_Switch ts1
  '--columns=name, other_config' list Transit_Switch ts2
  --columns=NAME,_UUID list Transit_Switch ts2
  --columns=name,foo list Transit_Switch
  --columns= list Transit_Switch
  --columns=, list Transit_Switch
  --columns=_u list Transit_Switch
  --columns=ssl list SSL
  --columns=ss list SSL
  --columns list Transit_Switch
  `,
);

const gets = cases(
  "nb",
  `
  get Transit_Switch ts1
  get Transit_Switch ts1 name other_config external_ids _uuid
  get Transit_Switch ts1 _UUID
  get Transit_Switch ts1 _
  get Transit_Switch ts1 _version
  get Transit_Switch ts1 foo
  get Transit_Switch ts1 name:x
  get Transit_Switch ts1 name=
  get Transit_Switch ts1 name!
  get Transit_Switch ts1 ''
  get Transit_Switch ts1 :x
  get Transit_Switch ts1 external_ids:subnet
  get Transit_Switch ts1 external_ids:vendor external_ids:u external_ids:é
  get Transit_Switch ts1 other_config:'"c d"'
  get Transit_Switch ts1 other_config:'c d'
  get Transit_Switch ts1 other_config:'c\\ d'
  get Transit_Switch ts1 other_config:nope
  get Transit_Switch ts1 other_config:
  get Transit_Switch ts1 other_config:'""'
  get Transit_Switch ts1 other_config:'"a'
  get Transit_Switch ts1 other_config:a\\
  --if-exists get Transit_Switch ts1 other_config:a other_config:nope name
  --if-exists get Transit_Switch nope name
  --if-exists get Transit_Switch ts1 name:x
  get Transit_Switch nope name
  get Transit_Switch nope foo
  get Connection . inactivity_probe max_backoff is_connected status target
  get IC_NB_Global . connections ssl
  get Transit_Switch -5 name
  get Transit_Switch true name
  get Transit_Switch ünï€😀 name
  --id=@x get Transit_Switch ts1 name
  --id=x get Transit_Switch ts1 name
  --id= get Transit_Switch ts1
  --if-exists --id=@x get Transit_Switch ts1
  --id=@x get Transit_Switch ts1 -- --id=@x get Transit_Switch ts2
  --id=@x get Connection . -- set IC_NB_Global . connections=@x
  set IC_NB_Global . connections=@x -- --id=@x get Connection .
  `,
);

const sets = cases(
  "nb",
  `
  set Transit_Switch ts1 other_config:a=c
  set Transit_Switch ts1 other_config:new=c external_ids:x=y name=renamed
  set Transit_Switch ts1 other_config:a=b
  set Transit_Switch ts1 name=ts1
  set Transit_Switch ts1 name=ts2
  set Transit_Switch ts1 name=x -- set Transit_Switch ts2 name=ts1
  set Transit_Switch ts1 name=ts2 -- set Transit_Switch ts2 name=x
  set Transit_Switch nope name=x
  --if-exists set Transit_Switch nope name=x
  --if-exists set Transit_Switch nope foo=x
  set Transit_Switch ts1 foo=x
  set Transit_Switch ts1 other_config:a
  set Transit_Switch ts1 other_config
  set Transit_Switch ts1 name=
  set Transit_Switch ts1 name='""'
  set Transit_Switch ts2 name='"a b"'
  set Transit_Switch ts2 name='a b'
  set Transit_Switch ts2 name=a,b
  set Transit_Switch ts2 name=[a]
  set Transit_Switch ts2 name='[ a ]'
  set Transit_Switch ts2 name=[a
  set Transit_Switch ts2 name='[a] b'
  set Transit_Switch ts2 name=[]
  set Transit_Switch ts2 name={}
  set Transit_Switch ts2 name=a]
  set Transit_Switch ts2 name=a:b
  set Transit_Switch ts2 name='"a'
  set Transit_Switch ts2 name='"a"b'
  set Transit_Switch ts2 name='a"b c"'
  set Transit_Switch ts2 name='"\\q"'
  set Transit_Switch ts2 name='"\\u0000"'
  set Transit_Switch ts2 name='"\\u12"'
  set Transit_Switch ts2 name='"\\u12x4"'
  set Transit_Switch ts2 name='"\\udc00"'
  set Transit_Switch ts2 name='"\\ud800"'
  set Transit_Switch ts2 name='"\\ud800\\u0041"'
  set Transit_Switch ts2 name='"\\ud83d\\ude00"'
  set Transit_Switch ts2 name='"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9"'
  set Transit_Switch ts2 name=a\\
  set Transit_Switch ts2 name=a\\n
  set Transit_Switch ts2 name=a\\"b
  set Transit_Switch ts2 name='"a\\"'
  set Transit_Switch ts2 name='"name"=x'
  set Transit_Switch ts2 '"name=x'
  set Transit_Switch ts2 na"m=x
  set Transit_Switch ts2 =x
  set Transit_Switch ts2 :a=x
  set Transit_Switch ts2 name:a=x
  set Transit_Switch ts2 name+x
  set Transit_Switch ts2 name!=x
  set Transit_Switch ts2 _uuid=x
  set Transit_Switch ts2 other_config=a=b,c=d
  set Transit_Switch ts2 other_config='{a=b c=d}'
  set Transit_Switch ts2 other_config='a=b  ,  c=d , '
  set Transit_Switch ts2 other_config='{ a = b , c = d }'
  set Transit_Switch ts2 other_config={a=b
  set Transit_Switch ts2 other_config='{a=b} c'
  set Transit_Switch ts2 other_config=[a=b]
  set Transit_Switch ts2 other_config={}
  set Transit_Switch ts1 other_config={}
  set Transit_Switch ts2 other_config=
  set Transit_Switch ts2 other_config=,
  set Transit_Switch ts2 other_config=a
  set Transit_Switch ts2 other_config=a:b
  set Transit_Switch ts2 other_config=a=
  set Transit_Switch ts2 other_config=a='""'
  set Transit_Switch ts2 other_config=a=b=c
  set Transit_Switch ts2 other_config=a='"b=c"'
  set Transit_Switch ts2 other_config=a=b,a=c
  set Transit_Switch ts2 other_config:=c
  set Transit_Switch ts2 other_config:'"a b"'=c
  set Transit_Switch ts2 'other_config:a b=c'
  set Transit_Switch ts2 other_config:a=b,c
  set Transit_Switch ts2 other_config:a=[b]
  set Transit_Switch ts2 other_config:a='"x" y'
  set Transit_Switch ts2 other_config:a=10.0.0.0/16
  set Transit_Switch ts2 other_config:a=true other_config:b=-5 other_config:c=${id.ts1}
  set Transit_Switch ts2 other_config:__proto__=x other_config:constructor=y
  set Transit_Switch ts2 other_config:a=b -- get Transit_Switch ts2 other_config
  set Connection . inactivity_probe=5
  set Connection . inactivity_probe=[]
  set Connection . inactivity_probe=-3
  set Connection . inactivity_probe=+12
  set Connection . inactivity_probe=' 12'
  set Connection . inactivity_probe=0x10
  set Connection . inactivity_probe=1.5
  set Connection . inactivity_probe=x
  set Connection . inactivity_probe=5,6
  set Connection . inactivity_probe=5-7
  set Connection . inactivity_probe=7-5
  set Connection . inactivity_probe=7-
  set Connection . inactivity_probe={1}
  set Connection . inactivity_probe=[1
  set Connection . inactivity_probe=9223372036854775807 -- get Connection . inactivity_probe
  set Connection . inactivity_probe=-9223372036854775808 -- get Connection . inactivity_probe
  set Connection . inactivity_probe=9007199254740993 -- get Connection . inactivity_probe
  set Connection . inactivity_probe=9223372036854775808
  set Connection . inactivity_probe=99999999999999999999
  set Connection . max_backoff=999
  set Connection . max_backoff=1000
  set Connection . is_connected=true
  set Connection . is_connected=yes -- get Connection . is_connected
  set Connection . is_connected=on -- get Connection . is_connected
  set Connection . is_connected=1 -- get Connection . is_connected
  set Connection . is_connected=off
  set Connection . is_connected=maybe
  set Connection . is_connected=TRUE
  set IC_NB_Global . ssl=foo
  set IC_NB_Global . ssl=@foo
  set IC_NB_Global . ssl:a=b
  set IC_NB_Global . ssl=[]
  set IC_NB_Global . connections=00000002
  set IC_NB_Global . connections=${id.missing}
  `,
);

const collections = cases(
  "nb",
  `
  add Transit_Switch ts1 other_config x=y
  add Transit_Switch ts1 other_config a=b
  add Transit_Switch ts1 other_config x=y z=w,v=u
  add Transit_Switch ts1 other_config '{x=y}'
  add Transit_Switch ts1 other_config {}
  add Transit_Switch ts1 other_config ''
  add Transit_Switch ts1 other_config x
  add Transit_Switch ts1 other_config x=y -- get Transit_Switch ts1 other_config
  add Transit_Switch ts1 other_config x=y -- remove Transit_Switch ts1 other_config x
  add Transit_Switch nope other_config x=y
  --if-exists add Transit_Switch nope other_config x=y
  add Transit_Switch ts1 foo x=y
  add IC_NB_Global . connections foo
  add IC_NB_Global . connections @foo
  add IC_NB_Global . connections @c -- --id=@c create Connection target=x
  --id=@c create Connection target=x -- add IC_NB_Global . connections @c -- get-connection
  add Connection . max_backoff 2000
  add Connection . max_backoff 500
  add Connection . max_backoff 2000 -- get Connection . max_backoff
  remove Transit_Switch ts1 other_config a
  remove Transit_Switch ts1 other_config a=b
  remove Transit_Switch ts1 other_config a=c
  remove Transit_Switch ts1 other_config nope
  remove Transit_Switch ts1 other_config a n t
  remove Transit_Switch ts1 other_config a,n
  remove Transit_Switch ts1 other_config a=b,n=5
  remove Transit_Switch ts1 other_config a=b,n
  remove Transit_Switch ts1 other_config a=b=c
  remove Transit_Switch ts1 other_config ''
  remove Transit_Switch ts1 other_config {}
  remove Transit_Switch ts1 other_config '"c d"'
  remove Transit_Switch ts1 other_config a -- get Transit_Switch ts1 other_config
  remove Transit_Switch ts1 name x
  remove Transit_Switch ts1 name ts1
  remove Transit_Switch nope name x
  --if-exists remove Transit_Switch nope name x
  remove Connection . inactivity_probe 60000
  remove Connection . inactivity_probe 5
  remove Connection . inactivity_probe x
  clear Transit_Switch ts1 other_config
  clear Transit_Switch ts1 other_config external_ids
  clear Transit_Switch ts1 other_config other_config
  clear Transit_Switch ts1 name
  clear Transit_Switch ts1 foo
  clear Transit_Switch ts1 _uuid
  clear Transit_Switch nope other_config
  --if-exists clear Transit_Switch nope name
  clear IC_NB_Global . connections ssl
  clear Connection . inactivity_probe
  clear Transit_Switch ts1 other_config -- add Transit_Switch ts1 other_config x=y
  `,
);

const rows = [
  ...cases(
    "nb",
    `
  create Transit_Switch name=new
  create Transit_Switch name=new other_config:a=b other_config:c=d
  create Transit_Switch other_config=a=b
  create Transit_Switch foo=x
  create Transit_Switch name=
  create Transit_Switch name=ts1
  create Transit_Switch name:x=3
  create foo name=x
  create Transit_Switch name=new -- get Transit_Switch new name
  create Transit_Switch name=new -- set Transit_Switch new other_config:x=y -- find Transit_Switch other_config:x=z
  create Connection target=x
  create SSL private_key=a certificate=b ca_cert=c
  --id=@c create Connection target=x
  --id=@c create Connection target=x -- set IC_NB_Global . connections=@c
  set IC_NB_Global . connections=@c -- --id=@c create Connection target=x
  set IC_NB_Global . connections=@c,@d -- --id=@c create Connection target=x
  --id=@c create Connection target=x -- --id=@d create Connection target=y -- set IC_NB_Global . connections=@c,@d
  --id=@c create Connection target=x -- --id=@c create Connection target=y
  --id=c create Connection target=x
  --id= create Transit_Switch name=x
  --id=@s create Transit_Switch name=@s
  --id=@s create Transit_Switch name=x -- set IC_NB_Global . external_ids:x=@s
  destroy Transit_Switch ts1
  destroy Transit_Switch ts1 ts2
  destroy Transit_Switch ts1 nope
  destroy Transit_Switch ts1 ts1
  destroy Transit_Switch
  --all destroy Transit_Switch
  --all destroy Transit_Switch -- ts-list
  --all destroy Transit_Switch ts1
  --all --if-exists destroy Transit_Switch
  --if-exists destroy Transit_Switch nope ts1
  destroy Transit_Switch ts1 -- get Transit_Switch ts1 name
  destroy Connection .
  --all destroy Connection
  ts-add x -- destroy Transit_Switch x
  destroy foo bar
  wait-until Transit_Switch ts1
  wait-until Transit_Switch ts1 name=ts1 other_config:a=b
  wait-until Transit_Switch ts1 name
  wait-until Transit_Switch ts1 foo=x
  wait-until foo bar
  -t 5 ts-add x -- wait-until Transit_Switch x
  `,
  ),
  ...cases(
    "sb",
    `
  set Gateway gw1 encaps=[]
  set Gateway gw1 encaps=x
  set Gateway gw1 encaps=${id.encap1}
  set Gateway gw1 encaps=${id.encap1},${id.encap1}
  set Gateway gw1 encaps=${id.missing}
  set Gateway gw1 name=gw0
  set Gateway gw1 availability_zone=${id.az2}
  set Gateway gw1 availability_zone=az2
  set Gateway gw1 availability_zone=[]
  set Encap ${id.encap1} type=foo
  set Encap ${id.encap1} type=stt
  set Encap ${id.encap1} type=vxlan
  set Encap 10.0.0.1 type=stt
  set Port_Binding p1 tunnel_key=0
  set Port_Binding p1 tunnel_key=32767
  set Port_Binding p1 tunnel_key=32768
  set Port_Binding p1 tunnel_key=-1
  set Port_Binding p1 tunnel_key=2
  set Port_Binding p1 encap=${id.encap2} -- get Port_Binding p1 encap
  set Port_Binding p1 encap=${id.missing}
  set Port_Binding p1 encap=[]
  clear Port_Binding p1 encap
  clear Gateway gw1 encaps
  clear Port_Binding p1 tunnel_key
  remove Gateway gw1 encaps ${id.encap2}
  remove Gateway gw1 encaps ${id.encap1} ${id.encap2}
  remove Gateway gw1 encaps ${id.missing}
  remove Port_Binding p1 tunnel_key 1
  remove Port_Binding p1 tunnel_key 7
  add Gateway gw1 encaps ${id.encap1}
  add Gateway gw2 encaps ${id.encap1}
  add Encap ${id.encap1} options a=b
  create Route origin=foo
  create Route ip_prefix='"10.0.0.0/8"' nexthop='"1.1.1.1"' origin=static transit_switch=ts1 availability_zone=${id.az2}
  create Port_Binding logical_port=x tunnel_key=9
  create Port_Binding logical_port=x transit_switch=ts1 tunnel_key=1 availability_zone=${id.az1}
  create Availability_Zone name=az1
  create Availability_Zone name=az9
  --id=@e create Encap type=geneve ip=1.1.1.1 -- create Gateway name=gw9 encaps=@e availability_zone=${id.az1}
  --id=@e create Encap type=geneve ip=1.1.1.1 -- set Port_Binding p1 encap=@e
  create Gateway name=gw9 encaps=@e availability_zone=@a -- --id=@e create Encap type=geneve ip=1.1.1.1 -- --id=@a create Availability_Zone name=az9
  create Encap type=geneve ip=9.9.9.9
  destroy Availability_Zone az1
  destroy Availability_Zone az3
  destroy Availability_Zone 'AZ three'
  destroy Gateway gw1
  destroy Gateway ${id.gw1}
  destroy Encap ${id.encap1}
  list Datapath_Binding ts1
  list Datapath_Binding ts2
  list Datapath_Binding nope
  list Route 10.1.0.0/24
  list Gateway gw1
  list port p3
  list avail az1
  list dp
  `,
  ),
];

const operators = [
  "=",
  "!=",
  "<",
  ">",
  "<=",
  ">=",
  "{=}",
  "{!=}",
  "{<}",
  "{>}",
  "{<=}",
  "{>=}",
  "{in}",
  "{not-in}",
];

const finds = [
  ...cases(
    "sb",
    `
  ~ --columns=name find Gateway
  find Gateway name=gw1
  find Gateway name=gw1 hostname=host-1.example
  find Gateway name=gw1 hostname=x
  find Gateway name=nope
  find Gateway name
  find Gateway name=
  find Gateway name='""'
  find Gateway foo=x
  find Gateway name~x
  find Gateway name==gw1
  find Gateway name:x=y
  find Gateway =x
  find Gateway name={}
  find Gateway name=[]
  find Gateway name=gw1,gw0
  find Gateway name{in}gw1,gw0
  find Gateway external_ids:a~b
  find Gateway external_ids:='""'
  find Gateway external_ids:a={}
  find Gateway _uuid=${id.gw1}
  find Gateway availability_zone=az1
  ~ --bare --columns=name find Gateway availability_zone=${id.az1}
  find Encap type=foo
  find Encap 'type>g'
  ~ --columns=ip find Encap type=geneve
  ~ --columns=ip,type find Encap ip=10.0.0.1
  ~ --bare --columns=logical_port find Port_Binding 'tunnel_key>2'
  ~ --bare --columns=logical_port find Port_Binding 'tunnel_key<=4' 'tunnel_key!=3'
  find Port_Binding tunnel_key=0
  find Port_Binding tunnel_key=x
  ~ --columns=logical_port find Port_Binding encap=[]
  --columns=logical_port find Port_Binding encap=${id.encap1}
  --columns=logical_port find Port_Binding 'encap!=[]'
  --format=csv --data=bare --no-heading --columns=_uuid find availability_zone name=az1
  --columns=_uuid find Gateway name=gw1
  find Gateway name=gw1 -- find Gateway name=nope -- find Gateway name=gw2
  --columns=foo find Gateway
  `,
  ),
  ...operators.flatMap((operator) =>
    ["a=b", "a=b,c=d", "{}", "a=c"].map(
      (value): Case => ({
        program: "sb",
        line: `--bare --columns=name find Gateway external_ids${operator}${value}`,
        unordered: true,
      }),
    ),
  ),
  ...operators.flatMap((operator) =>
    ["a%b", "a%c", "zz%b", "a%[]", "a%b,c"].map(
      (value): Case => ({
        program: "sb",
        line: `--bare --columns=name find Gateway external_ids:${value.replace("%", operator)}`,
        unordered: true,
      }),
    ),
  ),
  ...operators.flatMap((operator) =>
    ["name%gw1", `encaps%${id.encap1}`, `encaps%${id.encap1},${id.encap2}`].map(
      (value): Case => ({
        program: "sb",
        line: `--bare --columns=name find Gateway ${value.replace("%", operator)}`,
        unordered: true,
      }),
    ),
  ),
];

/** Where 26.03.1 does or words it otherwise, and we with it. */
const newer: readonly Case[] = [
  {
    program: "nb",
    line: "add Transit_Switch ts1 other_config a=c",
    newer: { contents: (old) => old.map((row) => row.replace('["a","c"]', '["a","b"]')) },
  },
  {
    program: "sb",
    line: "add Port_Binding p1 tunnel_key 9",
    newer: {
      stderr:
        'ovn-ic-sbctl: "add" operation would put 2 values in column tunnel_key of table Port_Binding but the maximum number is 1\n',
    },
  },
  {
    program: "nb",
    line: "add Connection . inactivity_probe 6 7",
    newer: {
      stderr:
        'ovn-ic-nbctl: "add" operation would put 3 values in column inactivity_probe of table Connection but the maximum number is 1\n',
    },
  },
];

export const databaseCases: readonly Case[] = [
  ...names,
  ...gets,
  ...sets,
  ...collections,
  ...rows,
  ...finds,
  ...newer,
];
