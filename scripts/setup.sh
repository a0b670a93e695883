#!/usr/bin/env bash
# Installs what the build, the tests and the demo need and what is missing; says nothing when all is there.
#
#   scripts/setup.sh         Node packages, and Open vSwitch, OVN and openssl (Debian packages; needs root)
#   scripts/setup.sh --npm   Node packages only: enough to build, lint and check types
#
# The service units that come with the Debian packages are neither used nor needed: the tests and the demo start
# servers of their own in temporary directories. So nothing is started while the packages are installed.
set -euo pipefail
cd "$(dirname "$0")/.."

# Debian package, and what it brings: a program, or a schema by its file name.
needs=(
  openvswitch-switch:ovs-vsctl
  openvswitch-common:ovsdb-server
  openvswitch-common:ovsdb-client
  openvswitch-common:ovsdb-tool
  openvswitch-common:ovs-appctl
  ovn-common:ovn-nbctl
  ovn-common:ovn-sbctl
  ovn-common:ovn-trace
  ovn-common:ovn-ic-nbctl
  ovn-common:ovn-ic-sbctl
  ovn-central:ovn-northd
  ovn-central:ovn-nb.ovsschema
  ovn-central:ovn-sb.ovsschema
  ovn-ic:ovn-ic
  ovn-ic-db:ovn-ic-nb.ovsschema
  ovn-ic-db:ovn-ic-sb.ovsschema
  ovn-host:ovn-controller
  iproute2:ip
  iputils-ping:ping
  openssl:openssl
  bsdutils:script
  debootstrap:debootstrap
  mandoc:mandoc
  prometheus:prometheus
  prometheus:promtool
  systemd:systemd-analyze
)
schema_dirs=(${OVN_PKGDATADIR:+"$OVN_PKGDATADIR"} /usr/share/ovn /usr/local/share/ovn)

say() { printf 'setup: %s\n' "$*" >&2; }

present() {
  local thing=$1 dir
  if [[ $thing != *.ovsschema ]]; then
    PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin" type -P "$thing" >/dev/null
    return
  fi
  for dir in "${schema_dirs[@]}"; do
    [[ -e $dir/$thing ]] && return
  done
  return 1
}

# Sets missing_packages and missing_things.
find_missing() {
  local need package
  missing_packages=() missing_things=()
  for need in "${needs[@]}"; do
    present "${need#*:}" && continue
    package=${need%%:*}
    missing_things+=("${need#*:}")
    [[ " ${missing_packages[*]} " == *" $package "* ]] || missing_packages+=("$package")
  done
}

# policy-rc.d is how Debian is told not to start services; one that the administrator put there stays as it is.
forbid_service_start() {
  policy=/usr/sbin/policy-rc.d
  [[ -e $policy || -L $policy ]] && return
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends "$@" </dev/null
}

install_debian_packages() {
  find_missing
  [[ ${#missing_packages[@]} -eq 0 ]] && return
  local command="apt-get install --no-install-recommends ${missing_packages[*]}"
  if ! type -P apt-get >/dev/null; then
    say "missing: ${missing_things[*]}"
    say "This is not Debian, so please install Open vSwitch, OVN (with ovn-ic and its database schemas) and openssl"
    say "by your system's own means. In Debian the packages are: ${missing_packages[*]}"
    say "Schemas are looked for in ${schema_dirs[*]}; OVN_PKGDATADIR names another directory."
    exit 1
  fi
  if [[ $EUID -ne 0 ]]; then
    say "missing: ${missing_things[*]}"
    say "To install them needs root. Please run: sudo apt-get update && sudo $command"
    exit 1
  fi
  say "installing Debian packages: ${missing_packages[*]}"
  local log
  log=$(mktemp)
  forbid_service_start
  # The package lists of a new machine are empty or old: only when the packages can't be had are they fetched.
  if ! apt_install "${missing_packages[@]}" >"$log" 2>&1; then
    if ! { apt-get -q update </dev/null && apt_install "${missing_packages[@]}"; } >"$log" 2>&1; then
      cat "$log" >&2
      rm -f "$log"
      say "failed: $command"
      exit 1
    fi
  fi
  rm -f "$log"
  find_missing
  if [[ ${#missing_things[@]} -ne 0 ]]; then
    say "the packages are installed, and yet these are not found: ${missing_things[*]}"
    exit 1
  fi
}

require_node() {
  local version major minor
  version=$(node -p process.versions.node 2>/dev/null) || version=0.0
  IFS=. read -r major minor _ <<<"$version"
  if ((major < 20 || (major == 20 && minor < 19))); then
    say "Node.js 20.19 or newer is needed, and npm with it; found: ${version/#0.0/none}"
    exit 1
  fi
}

# npm writes node_modules/.package-lock.json last, so its age is that of a complete installation.
install_node_packages() {
  local done=node_modules/.package-lock.json
  [[ -e $done && ! package-lock.json -nt $done ]] && return
  say "installing Node packages (npm ci)"
  npm ci --no-audit --no-fund --loglevel=error >&2
  touch "$done"
}

# Two runs at the same time must not install over each other.
exec {lock}<package.json
if type -P flock >/dev/null; then flock "$lock"; fi

case "${1-}" in
  "" | --npm) ;;
  *)
    say "unknown argument: $1 (known: --npm)"
    exit 1
    ;;
esac
require_node
install_node_packages
[[ ${1-} == --npm ]] || install_debian_packages
