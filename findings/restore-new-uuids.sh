#!/usr/bin/env bash
# `ovsdb-client restore` of a backup that is what the server has already: all rows are deleted and made again under other uuids. Whatever
# remembers a row by its uuid (an ISB Datapath_Binding's nb_ic_uuid, a learned route's external_ids:ic-learned-route) points nowhere afterwards.
#
# Seen: ovsdb-server 3.1.0 (Debian 12); 4.0.0 does the same.
source "$(dirname "$0")/packages.bash"
fetch "openvswitch-common=$OVS" "ovn-common=$OVN" "ovn-ic-db=$OVN"

serve icnb "$work/root/usr/share/ovn/ovn-ic-nb.ovsschema"
export OVN_IC_NB_DB=unix:$work/icnb.sock
ovn-ic-nbctl ts-add ts1
uuid() { ovn-ic-nbctl --bare --columns=_uuid list Transit_Switch; }
before=$(uuid)
ovsdb-client backup "$OVN_IC_NB_DB" OVN_IC_Northbound >"$work/backup"
ovsdb-client --force restore "$OVN_IC_NB_DB" OVN_IC_Northbound <"$work/backup"
after=$(uuid)
{
  echo "rows: $(ovn-ic-nbctl --bare --columns=name list Transit_Switch)"
  if [[ $before == "$after" ]]; then echo "uuid: the same"; else echo "uuid: another"; fi
} | expect 'rows: ts1
uuid: another'
