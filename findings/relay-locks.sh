#!/usr/bin/env bash
# A relay (`ovsdb-server relay:DB:REMOTE`) grants locks by itself: it neither asks its source nor tells it. So a lock that a client holds at the
# source is granted at the relay, too, and a transaction that asserts it there is passed on, and refused by the source: "not owner". A
# transaction that only asserts is answered by the relay, and succeeds.
#
# Seen: ovsdb-server 3.1.0 (Debian 12); 4.0.0 does the same. The C controllers of OVN refuse relays where they need the leader.
source "$(dirname "$0")/packages.bash"
fetch "openvswitch-common=$OVS" "ovn-common=$OVN" "ovn-ic-db=$OVN"

serve icsb "$work/root/usr/share/ovn/ovn-ic-sb.ovsschema"
ovsdb-server "relay:OVN_IC_Southbound:unix:$work/icsb.sock" --remote="punix:$work/relay.sock" --unixctl="$work/relay.ctl" \
  --log-file="$work/relay.log" -vconsole:off >/dev/null 2>&1 &
pids+=($!)
await test -S "$work/relay.sock"
ovsdb-client wait "unix:$work/relay.sock" OVN_IC_Southbound connected

# Somebody holds the lock at the source for as long as this runs.
ovsdb-client lock "unix:$work/icsb.sock" ovn_ic_sb >"$work/holder" 2>&1 &
pids+=($!)
await grep -q '"locked":true' "$work/holder"

python3 - "$work/relay.sock" <<'PY' | expect 'the lock at the relay: locked
assert and insert: not owner
assert alone: done'
import json, socket, sys

peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
decoder, text, number = json.JSONDecoder(), "", 0


def ask(method, params):
    global text, number
    number += 1
    peer.sendall(json.dumps({"method": method, "params": params, "id": number}).encode())
    while True:
        try:
            message, end = decoder.raw_decode(text.lstrip())
        except ValueError:
            text += peer.recv(65536).decode()
            continue
        text = text.lstrip()[end:]
        if message.get("method") == "echo":
            peer.sendall(json.dumps({"result": message["params"], "error": None, "id": message["id"]}).encode())
        elif message.get("id") == number:
            return message["result"]


def told(results):
    return next((one["error"] for one in results if one and "error" in one), "done")


locked = ask("lock", ["ovn_ic_sb"])["locked"]
print("the lock at the relay:", "locked" if locked else "not locked")
claim = {"op": "assert", "lock": "ovn_ic_sb"}
insert = {"op": "insert", "table": "Availability_Zone", "row": {"name": "az1"}}
print("assert and insert:", told(ask("transact", ["OVN_IC_Southbound", claim, insert])))
print("assert alone:", told(ask("transact", ["OVN_IC_Southbound", claim])))
PY
