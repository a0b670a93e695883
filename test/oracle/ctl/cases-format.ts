// Output formats: each of --format with each of --data, and what goes with them.
import type { Case } from "./case.ts";
import { cases } from "./case.ts";

const formats = ["table", "list", "html", "csv", "json"];
const data = ["string", "bare", "json"];

const combinations = formats.flatMap((format) =>
  data.flatMap((cell) => [
    ...cases(
      "nb",
      `
      -f ${format} -d ${cell} list Transit_Switch ts1
      ~ -f ${format} -d ${cell} list Transit_Switch
      -f ${format} -d ${cell} list IC_NB_Global
      -f ${format} -d ${cell} list Connection
      -f ${format} -d ${cell} find Transit_Switch name=nope
      -f ${format} -d ${cell} --no-headings --columns=name,other_config list Transit_Switch ts1 ts2
      `,
    ),
    ...cases(
      "sb",
      `
      ~ -f ${format} -d ${cell} list Gateway
      ~ -f ${format} -d ${cell} --columns=logical_port,encap,tunnel_key,_uuid list Port_Binding
      -f ${format} -d ${cell} list Gateway gw1 -- list Encap nope
      -f ${format} -d ${cell} list Gateway gw1 -- list Availability_Zone az1 -- get Gateway gw1 name
      `,
    ),
  ]),
);

export const formatCases: readonly Case[] = [
  ...combinations,
  ...formats.flatMap((format) =>
    cases(
      "nb",
      `
      -f ${format} list Transit_Switch ts1
      -f ${format} --pretty list Transit_Switch ts1
      -f ${format} --no-headings list SSL
      -f ${format} --max-column-width=7 list Transit_Switch ts1
      -f ${format} --max-column-width=3 --no-headings list Transit_Switch ts1
      -f ${format} list Transit_Switch ts1 -- list Transit_Switch ts2
      `,
    ),
  ),
  ...cases(
    "nb",
    `
    --bare list Transit_Switch ts1
    ~ --bare list Transit_Switch
    --bare --columns=name list Transit_Switch ts1
    --bare -f csv list Transit_Switch ts1
    -fcsv -dbare --no-head --col=name list Transit_Switch ts1
    --max-column-width=0 -f table list Transit_Switch ts1
    --max-column-width=x -f table list Transit_Switch ts1
    --oneline list Transit_Switch ts1
    --oneline -f table list Transit_Switch ts1 -- ts-del ts1
    -f json --pretty find Transit_Switch name=nope
    -f json --pretty list Connection
    ts-list -- list SSL -- get Transit_Switch ts1 name -- list Connection
    `,
  ),
];
