# Sourced by the findings: pinned packages of Debian 12, unpacked below a temporary directory that goes when the script ends. Nothing is installed.
#
#   OVS, OVN        the versions
#   fetch NAME...   unpacks packages `NAME=VERSION`, and what their programs need; sets PATH and LD_LIBRARY_PATH
#   serve DB SCHEMA starts an ovsdb-server on DB.sock; stopped when the script ends
#   start_zone      starts NB, SB and ovn-northd; sets OVN_NB_DB and OVN_SB_DB
#   expect TEXT     fails unless standard input is TEXT
set -euo pipefail

OVS=3.1.0-2+deb12u1
OVN=23.03.1-1~deb12u2
work=$(mktemp -d)
pids=()

cleanup() {
  ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

fetch() {
  local package library
  mkdir -p "$work/deb" "$work/root"
  # These come with the programs' packages as dependencies.
  for library in libunbound8 libxdp1 libbpf1 libnuma1; do set -- "$@" "$library"; done
  (cd "$work/deb" && apt-get -o APT::Sandbox::User=root download "$@" >/dev/null)
  for package in "$work"/deb/*.deb; do dpkg -x "$package" "$work/root"; done
  export PATH="$work/root/usr/bin:$work/root/usr/sbin:$PATH"
  export LD_LIBRARY_PATH=$work/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
  export OVS_RUNDIR=$work OVN_RUNDIR=$work OVS_LOGDIR=$work OVN_LOGDIR=$work
}

# Waits until a command succeeds; a minute at most.
await() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  echo "in a minute not true: $*" >&2
  exit 1
}

serve() {
  ovsdb-tool create "$work/$1.db" "$2"
  ovsdb-server "$work/$1.db" --remote="punix:$work/$1.sock" --unixctl="$work/$1.ctl" \
    --log-file="$work/$1.log" -vconsole:off >/dev/null 2>&1 &
  pids+=($!)
  await test -S "$work/$1.sock"
}

start_zone() {
  serve nb "$work/root/usr/share/ovn/ovn-nb.ovsschema"
  serve sb "$work/root/usr/share/ovn/ovn-sb.ovsschema"
  export OVN_NB_DB=unix:$work/nb.sock OVN_SB_DB=unix:$work/sb.sock
  ovn-northd --ovnnb-db="$OVN_NB_DB" --ovnsb-db="$OVN_SB_DB" --log-file="$work/northd.log" -vconsole:off >/dev/null 2>&1 &
  pids+=($!)
}

expect() {
  local seen
  seen=$(cat)
  if [[ $seen == "$1" ]]; then
    printf 'as expected:\n%s\n' "$seen"
    return
  fi
  printf 'this has changed. Expected:\n%s\nseen:\n%s\n' "$1" "$seen" >&2
  exit 1
}
