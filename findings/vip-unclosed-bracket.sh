#!/usr/bin/env bash
# Which keys of Load_Balancer.vips ovn-northd takes for virtual addresses: a bracket need not be closed, white space and a plus sign before the
# port are fine, and a port may be empty; but a zero before an octet makes an address none.
#
# Seen: OVN 23.03.1 (Debian 12); 26.03.1 agrees.
source "$(dirname "$0")/packages.bash"
fetch "openvswitch-common=$OVS" "ovn-common=$OVN" "ovn-central=$OVN"

start_zone

ovn-nbctl lr-add lr1 -- lrp-add lr1 p1 00:00:00:00:00:01 10.9.0.1/24 fd09::1/64 -- set Logical_Router lr1 options:chassis=none
balance() {
  ovn-nbctl --id=@lb create Load_Balancer protocol=tcp "vips={\"$1\"=\"$2\"}" -- add Logical_Router lr1 load_balancer @lb >/dev/null
}
balance '[fd00::26' fd09::5
balance '10.0.0.27: 80' 10.9.0.5:80
balance '10.0.0.25:+80' 10.9.0.5:80
balance '10.0.0.5:' 10.9.0.5
balance '10.0.0.03:80' 10.9.0.5:80
ovn-nbctl --wait=sb sync

ovn-sbctl lflow-list lr1 | grep -oE '(ip4|ip6)\.dst == (10\.0\.0\.|fd00::)[0-9]+' | sort -u | expect 'ip4.dst == 10.0.0.25
ip4.dst == 10.0.0.27
ip4.dst == 10.0.0.5
ip6.dst == fd00::26'
