// Options, `--`, numbers of arguments, connections.

import { splitWords } from "../../harness/words.ts";
import type { Case } from "./case.ts";
import { cases } from "./case.ts";

export const grammarCases: readonly Case[] = [
  { program: "nb", line: "", args: [] },
  ...cases(
    "nb",
    `
    --
    -- --
    ts-list -- -- get Transit_Switch ts2 name
    -- -- get Transit_Switch ts2 name
    --may-exist
    --may-exist -- ts-add ts1
    --may-exist -- --may-exist ts-add ts1
    -- --may-exist
    -- --may-exist -- ts-list
    ts-list -- --foo
    ''
    -- ''
    - ts-list
    -- - ts-list
    ts-add
    ts-add a b
    ts-add a -b
    ts-add a b -- ts-list
    ts-del
    ts-del a b
    ts-list x
    init x
    show x
    set
    set Transit_Switch
    set Transit_Switch ts1
    add Transit_Switch ts1 other_config
    remove Transit_Switch ts1 other_config
    clear Transit_Switch ts1
    create Transit_Switch
    destroy
    get Transit_Switch
    list
    find
    wait-until Transit_Switch
    set-connection
    set-ssl a b
    get-ssl x
    --may-exist=3 ts-add z
    --may-exist ts-add ts1
    --may ts-add ts1
    --m ts-add ts1
    --may-exist --may-exist ts-add ts1
    ts-add q -- --may-exist --may-exist ts-add q
    ts-add q -- --may-exist=1 ts-add q
    ts-add q -- --may ts-add q
    ts-add q -- --id ts-add q
    -- --id create Transit_Switch name=x
    -- --if-exists --if-exists=3 ts-del x
    --all ts-add z
    --if-exists ts-add z
    --inactivity-probe=5 ts-list
    --foo ts-list
    --foo=3 ts-list
    -x ts-list
    -tx ts-list
    --d ts-list
    --dry=3 ts-list
    -t
    -t x ts-list
    -t0 ts-list
    -t -1 ts-list
    -t '' ts-list
    -t 1x ts-list
    --timeout=99999999999 ts-list
    --timeout
    --db
    --bare=3
    -f
    -f foo ts-list
    -d foo ts-list
    --format=tab ts-list
    -p
    -vfoo ts-list
    -vconsole:foo ts-list
    -t 1 wait-until Transit_Switch nope
    -t 1 ts-add x -- wait-until Transit_Switch nope
    -t 1 wait-until Transit_Switch ts1 name=nope
    -t 5 get Transit_Switch ts1 name
    --timeout=5 get Transit_Switch ts1 name
    -t5 get Transit_Switch ts1 name
    -vconsole:warn get Transit_Switch ts1 name
    -voff get Transit_Switch ts1 name
    --verbose=ic_nbctl:syslog:off get Transit_Switch ts1 name
    --no-syslog get Transit_Switch ts1 name
    --leader-only get Transit_Switch ts1 name
    --no-leader-only get Transit_Switch ts1 name
    --no-leader get Transit_Switch ts1 name
    --db=unix:/nonexistent ts-list
    --db unix:/nonexistent ts-list
    --db=tcp:127.0.0.1:1 ts-list
    --db=foo:bar ts-list
    --db= ts-list
    --db=unix:/nonexistent,unix:/nonexistent2 ts-list
    --db=unix:/nonexistent list Foo
    --db=unix:/nonexistent get Transit_Switch ts1 foo
    --db=unix:/nonexistent create Connection target=x
    --db=unix:/nonexistent foo
    --db=unix:/nonexistent ts-add
    --db=unix: ts-list
    --oneline ts-list
    --oneline get Transit_Switch ts1 name external_ids
    --oneline comment x -- get Transit_Switch ts2 name -- init
    --dry-run ts-add x
    --dry-run ts-add ts1
    --dry-run ts-del ts1
    --dry-run create Transit_Switch name=x
    --dry-run create Transit_Switch name=ts1
    --dry get Transit_Switch ts1 name
    comment
    comment a b
    comment -- comment -x
    `,
  ),
  {
    program: "nb",
    line: "(default socket)",
    args: ["ts-list"],
    environment: { OVN_IC_NB_DB: "", OVN_RUNDIR: "/nonexistent" },
  },
  {
    program: "nb",
    line: "OVS_CTL_TIMEOUT=1 wait-until",
    args: splitWords("wait-until Transit_Switch x"),
    environment: { OVS_CTL_TIMEOUT: "1" },
  },
  {
    program: "nb",
    line: "OVS_CTL_TIMEOUT=x get",
    args: splitWords("get Transit_Switch ts1 name"),
    environment: { OVS_CTL_TIMEOUT: "x" },
  },
  ...["--no", "--no=3"].map(
    (option): Case => ({
      program: "nb",
      line: `${option} ts-list`,
      newer: {
        stderr:
          `ovn-ic-nbctl: option '${option}' is ambiguous; possibilities: ` +
          "'--no-syslog' '--no-wait' '--no-leader-only' '--no-headings'\n",
      },
    }),
  ),
];
