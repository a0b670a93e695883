/** Topologies of a lab, and parts of them, as commands: see `Lab.run`. */

/** A gateway of a zone. */
export function gateway(zone: string, name: string, ip: string, type = "geneve"): string[] {
  return [
    `${zone}.sb chassis-add ${name} ${type} ${ip}`,
    `${zone}.sb set Chassis ${name} other_config:is-interconn=true`,
  ];
}

/** A router with a network of its own: 10.0.N.0/24 and fd01:N::/64. */
export function router(zone: string, n: number): string[] {
  return [
    `${zone} lr-add lr${n}`,
    `${zone} lrp-add lr${n} lr${n}-ls aa:aa:aa:aa:0${n}:01 10.0.${n}.1/24 fd01:${n}::1/64`,
  ];
}

/** Connects router `lrN` of a zone to transit switch `tsK`. */
export function join(zone: string, n: number, k = 1): string[] {
  const port = `lr${n}-ts${k}`;
  const peer = `ts${k}-lr${n}`;
  return [
    `${zone} lrp-add lr${n} ${port} aa:aa:aa:aa:1${k}:0${n} 169.254.${99 + k}.${n}/24 fd00:${k}::${n}/64`,
    `${zone} lsp-add ts${k} ${peer}`,
    `${zone} lsp-set-type ${peer} router`,
    `${zone} lsp-set-addresses ${peer} router`,
    `${zone} lsp-set-options ${peer} router-port=${port}`,
  ];
}

/** Gateways and routers in both zones, and transit switch ts1, that nobody has joined. */
export const apart: readonly (readonly string[])[] = [
  [
    "ic ts-add ts1",
    ...gateway("az1", "gw1", "10.255.0.1"),
    ...gateway("az2", "gw2", "10.255.0.2"),
    ...router("az1", 1),
    ...router("az2", 2),
  ],
];

/** The same, joined. */
export const joined: readonly (readonly string[])[] = [...apart, [...join("az1", 1), ...join("az2", 2)]];

/** The same, and after that in az1 an own static route. */
export const routed: readonly (readonly string[])[] = [
  ...joined,
  ["az1 lr-route-add lr1 172.16.0.0/16 10.0.1.9", "az1 lr-route-add lr1 fd02::/32 fd01:1::9"],
];

/** Both zones' routers on a second transit switch too. */
export const two: readonly (readonly string[])[] = [
  ...joined,
  ["ic ts-add ts2"],
  [...join("az1", 1, 2), ...join("az2", 2, 2)],
];

/** Sets an option of a zone, and one of the port of its router lrN on ts1. */
export const option = (zone: string, text: string) => `${zone} set NB_Global . options:${text}`;
export const portOption = (zone: string, n: number, text: string) =>
  `${zone} set Logical_Router_Port lr${n}-ts1 options:${text}`;

/**
 * Static routes of a router, each by its columns: what ovn-nbctl would refuse, or write otherwise. Once for a
 * zone in each group.
 */
export function rawRoutes(zone: string, router: string, ...routes: readonly string[]): string[] {
  return routes.flatMap((columns, i) => [
    `${zone} --id=@r${i} create Logical_Router_Static_Route ${columns}`,
    `${zone} add Logical_Router ${router} static_routes @r${i}`,
  ]);
}

/**
 * Routes that the chassis of router lrN learned, as ovn-controller writes them: from northd's point of view
 * they are its own, and it deletes those of a router without dynamic routing when it comes round to it
 * (26.03.1).
 */
export function dynamicRoutes(zone: string, n: number, ...routes: readonly string[]): string[] {
  const router = `datapath={${zone}.sb Datapath_Binding nb_uuid={${zone} Logical_Router name=lr${n}}}`;
  const port = `logical_port={${zone}.sb Port_Binding logical_port=lr${n}-ls}`;
  return [
    `${zone} set Logical_Router lr${n} options:dynamic-routing=true`,
    ...routes.map((columns) => `${zone}.sb create Learned_Route ${router} ${port} ${columns}`),
  ];
}

/** A zone that nothing runs in, and rows that it has in the global database. */
export const foreignZone = ["ic.sb create Availability_Zone name=az9"];
export const foreign = (table: string, columns: string) =>
  `ic.sb create ${table} availability_zone={ic.sb Availability_Zone name=az9} ${columns}`;
export const foreignRoute = (columns: string) => foreign("Route", `transit_switch=ts1 ${columns}`);
