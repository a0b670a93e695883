#!/usr/bin/env bash
# ovn-northd reads keys of Load_Balancer.vips with a parser for sockets, so that an IPv6 address with a zone index (`%lo`, RFC 4007) is a virtual
# address if the machine of northd happens to have an interface of that name. The index goes into the match of logical flows, which is no
# expression any more: no flow of that virtual address is ever installed, and nothing but a warning of each ovn-controller tells.
#
# Seen: OVN 23.03.1 (Debian 12). 26.03.1 makes the same of the key.
source "$(dirname "$0")/packages.bash"
fetch "openvswitch-common=$OVS" "ovn-common=$OVN" "ovn-central=$OVN"

start_zone

ovn-nbctl lr-add lr1 -- lrp-add lr1 p1 00:00:00:00:00:01 fd09::1/64 -- set Logical_Router lr1 options:chassis=none \
  -- --id=@lb create Load_Balancer name=lb1 protocol=tcp 'vips={"[fd00::24%lo]:80"="[fd09::5]:80"}' \
  -- add Logical_Router lr1 load_balancer @lb >/dev/null
ovn-nbctl --wait=sb sync

ovn-sbctl lflow-list lr1 | grep -oE 'ip6\.dst == fd00::24[^)]*' | sort -u | expect 'ip6.dst == fd00::24%lo
ip6.dst == fd00::24%lo && tcp && tcp.dst == 80'
# ovn-trace reads flows as ovn-controller does.
ovn-trace lr1 'inport == "p1" && ip6.dst == fd00::24' 2>&1 | grep -oE 'WARN.ip && ip6.*' | expect \
  "WARN|ip && ip6.dst == fd00::24%lo: parsing expression failed (Invalid character \`%' in input.)"
