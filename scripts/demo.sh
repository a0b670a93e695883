#!/usr/bin/env bash
# `npm run demo`: two availability zones learn each other's routes over a transit switch, on real servers.
#
#   npm run demo              show it, and stop everything
#   npm run demo -- --keep    leave it running, and say how to go on
#
# Every step is printed as the command that a user would type, with its output. Ends non-zero if anything that is to be
# seen is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=false
for argument in "$@"; do
  case $argument in
    --keep) keep=true ;;
    *)
      echo "demo: unknown option '$argument'; there is only --keep" >&2
      exit 1
      ;;
  esac
done

scripts/setup.sh # before our programs are on the PATH, where it looks for the C programs of the same names
export PATH="$PWD/bin:$PATH:/usr/sbin:/sbin"
node scripts/build.mjs --programs >&2

title() { printf '\n# %s\n' "$*"; }

# Prints a command as it would be typed, and runs it.
run() {
  local word line=
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]] || word="'$word'"
    line+=" $word"
  done
  printf '$%s\n' "$line"
  "$@"
}

fail() {
  printf '\ndemo: FAILED: %s\n' "$*" >&2
  exit 1
}

# expect WHAT TEXT PATTERN...: TEXT holds each of the fixed texts.
expect() {
  local what=$1 text=$2 pattern
  shift 2
  for pattern in "$@"; do
    grep -qF -- "$pattern" <<<"$text" || fail "$what: '$pattern' is missing"
  done
}

title "Interconnection databases, and two availability zones with NB, SB and ovn-northd each"
printf '%s\n' '$ eval "$(ovn-ic sandbox --routes --keep)"'
environment=$(ovn-ic sandbox --routes --keep 2>/dev/null)
eval "$environment"
$keep || trap 'ovn-ic sandbox --stop "$OVN_IC_SANDBOX" >/dev/null' EXIT

title "In each zone a gateway, a router and a switch with a VM"
for n in 1 2; do
  zone=in_az$n
  run $zone ovn-sbctl chassis-add gw$n geneve 192.0.2.$n -- set Chassis gw$n other_config:is-interconn=true
  run $zone ovn-nbctl lr-add lr$n -- lrp-add lr$n lr$n-sw$n 0a:00:00:00:0$n:01 10.0.$n.1/24
  run $zone ovn-nbctl ls-add sw$n -- lsp-add sw$n sw$n-lr$n -- \
    set Logical_Switch_Port sw$n-lr$n type=router addresses=router options:router-port=lr$n-sw$n
  run $zone ovn-nbctl lsp-add sw$n vm$n -- lsp-set-addresses vm$n "0a:00:00:00:0$n:02 10.0.$n.2"
done
run in_az2 ovn-nbctl lr-route-add lr2 10.99.0.0/16 10.0.2.254

title "A transit switch between the zones; each zone gets its logical switch"
run ovn-ic-nbctl ts-add ts1
run ovn-ic-nbctl ts-list
run in_az1 ovn-ic sync
run in_az2 ovn-ic sync

title "Each router gets a port on it, bound to the zone's gateway"
for n in 1 2; do
  zone=in_az$n
  run $zone ovn-nbctl lrp-add lr$n lr$n-ts1 aa:aa:aa:aa:aa:0$n 169.254.100.$n/24 -- lrp-set-gateway-chassis lr$n-ts1 gw$n
  run $zone ovn-nbctl lsp-add ts1 ts1-lr$n -- \
    set Logical_Switch_Port ts1-lr$n type=router addresses=router options:router-port=lr$n-ts1
  run $zone ovn-nbctl --wait=sb sync
  run $zone ovn-sbctl lsp-bind cr-lr$n-ts1 gw$n
done

title "Each zone tells its ports and routes, and learns those of the other"
run in_az1 ovn-ic sync
run in_az2 ovn-ic sync
run in_az1 ovn-ic sync

title "What the zones know of each other"
show=$(run ovn-ic-sbctl show)
printf '%s\n' "$show"
expect "ovn-ic-sbctl show" "$show" "availability-zone az1" "gateway gw1" "port ts1-lr1" \
  "availability-zone az2" "gateway gw2" "port ts1-lr2" 'address: ["aa:aa:aa:aa:aa:02 169.254.100.2/24"]'

routes1=$(run in_az1 ovn-nbctl lr-route-list lr1)
printf '%s\n' "$routes1"
expect "routes of lr1" "$routes1" "10.0.2.0/24" "10.99.0.0/16" "169.254.100.2" "(learned)"
routes2=$(run in_az2 ovn-nbctl lr-route-list lr2)
printf '%s\n' "$routes2"
expect "routes of lr2" "$routes2" "10.0.1.0/24" "169.254.100.1" "(learned)"

title "A packet from VM 1 to VM 2 leaves zone 1 for the other zone's port on the transit switch"
run in_az1 ovn-nbctl --wait=sb sync
trace=$(run in_az1 ovn-trace --minimal sw1 \
  'inport == "vm1" && eth.src == 0a:00:00:00:01:02 && eth.dst == 0a:00:00:00:01:01 && ip4.src == 10.0.1.2 && ip4.dst == 10.0.2.2 && ip.ttl == 64 && icmp4.type == 8')
printf '%s\n' "$trace"
expect "ovn-trace" "$trace" 'output("ts1-lr2");' "ip.ttl--;"

if $keep; then
  cat <<END

# It stays up. To go on in this shell, and to stop it:
  export PATH="$PWD/bin:\$PATH"
  eval "\$(ovn-ic sandbox --env $OVN_IC_SANDBOX)"
  in_az1 ovn-nbctl show; ovn-ic-sbctl show
  ovn-ic sandbox --stop $OVN_IC_SANDBOX
END
else
  printf '\n# Done: both zones have learned the routes of the other.\n'
fi
