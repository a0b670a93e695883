#!/usr/bin/env bash
# Installs the OVN of Debian sid below a directory of its own, for `ovn-ic sandbox --ovn-root DIR`. The system's own
# packages stay as they are, and nothing is started. Needs root, debootstrap and a Debian mirror; some 2 minutes.
#
#   scripts/install-ovn-sid.sh [DIR]     default: .cache/ovn-sid in the repository
#
# Prints the version of ovn-ic that is in DIR then. If there is one already, that's all it does; to get a newer one,
# remove DIR. DEBOOTSTRAP_MIRROR names another mirror than debootstrap's own choice.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-$repository/.cache/ovn-sid}
packages=(openvswitch-common openvswitch-switch ovn-common ovn-central ovn-ic ovn-ic-db ovn-host)
needed=(
  usr/sbin/ovsdb-server usr/bin/ovsdb-tool usr/bin/ovn-nbctl usr/bin/ovn-sbctl usr/bin/ovn-ic-nbctl
  usr/bin/ovn-ic-sbctl usr/bin/ovn-northd usr/bin/ovn-ic usr/bin/ovn-trace usr/bin/ovn-controller
  usr/share/ovn/ovn-{nb,sb,ic-nb,ic-sb}.ovsschema
)

say() { printf 'install-ovn-sid: %s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

# Sets `missing` to what isn't in the root directory $1. Debian may move a program between bin and sbin.
find_missing() {
  local path
  missing=()
  for path in "${needed[@]}"; do
    [[ -e $1/$path || -e $1/${path/usr\/sbin/usr/bin} || -e $1/${path/usr\/bin/usr/sbin} ]] || missing+=("$path")
  done
}

# Runs ovn-ic as the sandbox does: as an ordinary process, through its own loader.
print_version() {
  local loader version
  loader=$(echo "$dir"/usr/lib/*-linux-gnu*/ld-linux*.so.*)
  version=$("$loader" --library-path "${loader%/*}" "$dir/usr/bin/ovn-ic" --version) ||
    fail "$dir: ovn-ic doesn't run"
  printf '%s\n' "${version%%$'\n'*}"
}

if [[ -e $dir ]]; then
  find_missing "$dir"
  ((${#missing[@]} == 0)) || fail "$dir exists, but lacks ${missing[*]}: remove it, or name another directory"
  print_version
  exit
fi

((EUID == 0)) || fail "needs root: sudo $0 $dir"
type -P debootstrap >/dev/null || fail "needs debootstrap: apt-get install debootstrap"

# Everything is done beside the final place, so that DIR is complete whenever it exists.
mkdir -p "$(dirname "$dir")"
root=$(mktemp -d "$dir.XXXXXX")
chmod 755 "$root"
log=$root.log
trap 'rm -rf --one-file-system "$root" "$log"' EXIT

run() {
  say "$1"
  shift
  "$@" </dev/null >>"$log" 2>&1 && return
  tail -n 30 "$log" >&2
  fail "failed: $*"
}

run "base system of Debian sid" debootstrap --variant=minbase sid "$root" ${DEBOOTSTRAP_MIRROR:+"$DEBOOTSTRAP_MIRROR"}
# policy-rc.d is how Debian is told not to start services.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
run "packages: ${packages[*]}" chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
  apt-get -q -y install --no-install-recommends "${packages[@]}"
chroot "$root" apt-get clean
rm -rf "$root"/var/lib/apt/lists/*

find_missing "$root"
((${#missing[@]} == 0)) || fail "the packages of sid no longer bring ${missing[*]}"
mv -T "$root" "$dir"
print_version
