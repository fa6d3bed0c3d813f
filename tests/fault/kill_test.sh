#!/usr/bin/env bash
# tests/fault/kill_test.sh TALLYD TALLY [ROUNDS]
# kill -9 at random moments under load: every acknowledged transaction has its receipt afterwards and the
# height never goes back. Two nodes on one directory. A full disk (where this user may mount a tmpfs).
set -u
tallyd=$(realpath "$1") tally=$(realpath "$2") rounds=${3:-10}
work=$(mktemp -d)
node=0 load=0 mounted=
failures=0

finish() {
    [ "$load" != 0 ] && kill "$load" 2>/dev/null
    [ "$node" != 0 ] && kill -9 "$node" 2>/dev/null
    wait 2>/dev/null
    [ -n "$mounted" ] && umount "$mounted"
    rm -rf "$work"
}
trap finish EXIT
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# start DIR [OPTION…]: sets node and url; false when it did not come up.
start() {
    local directory=$1
    shift
    : >"$work/out" # or the line of the node before would be read
    "$tallyd" start "$directory" --listen 127.0.0.1:0 --log-level warn "$@" >"$work/out" 2>"$work/err" &
    node=$!
    for _ in $(seq 200); do
        url=$(sed -n 's/^listening on //p' "$work/out")
        [ -n "$url" ] && return 0
        kill -0 "$node" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}
height() { "$tally" status --node "$url" | sed -n 's/.*"height": \([0-9]*\).*/\1/p'; }
intent() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Enrols parties until the node is gone; a line in `acknowledged` for each that it answered.
enrol_on() {
    while true; do
        local id
        id=$(intent)
        "$tally" enrol --node "$url" --keys "$work/node/keys" --as operator --intent "$id" \
            --name "$id" --key "$id$(intent)" >"$work/answer" 2>/dev/null || break
        grep -q '^final' "$work/answer" && echo "$id" >>"$work/acknowledged"
    done
}

# ---- kill -9
"$tallyd" init "$work/node" --chain fault >/dev/null || exit 1
: >"$work/acknowledged"
last=0 checked=0
for round in $(seq "$rounds"); do
    start "$work/node" || { fail "round $round: the node does not start: $(cat "$work/err")"; break; }
    now=$(height)
    [ "$now" -ge "$last" ] || fail "round $round: the height went back from $last to $now"
    while read -r id; do
        "$tally" receipt --node "$url" "$id" >/dev/null 2>&1 || fail "round $round: $id is lost"
        checked=$((checked + 1))
    done < <(tail -n 40 "$work/acknowledged")
    enrol_on &
    load=$!
    sleep "0.$((RANDOM % 8 + 2))"
    last=$(height)
    kill -9 "$node"
    wait "$node" 2>/dev/null
    wait "$load"
    load=0
done
start "$work/node" || fail "the node does not start after the last kill"
while read -r id; do
    "$tally" receipt --node "$url" "$id" >/dev/null 2>&1 || fail "$id is lost"
    checked=$((checked + 1))
done <"$work/acknowledged"
echo "kill_nine: $rounds kills, $(wc -l <"$work/acknowledged") acknowledged, $checked receipts found again, height $(height)"

# ---- two nodes on one directory
"$tallyd" start "$work/node" --listen 127.0.0.1:0 >"$work/second" 2>&1
code=$?
[ $code = 1 ] && grep -q N2001 "$work/second" || fail "a second node on one directory: exit $code, $(cat "$work/second")"
kill -TERM "$node"
wait "$node"
[ $? = 0 ] || fail "SIGTERM does not end with exit code 0"
node=0
echo "two_nodes_one_directory: refused with N2001"

# ---- a full disk
mkdir "$work/small"
if mount -t tmpfs -o size=24m tmpfs "$work/small" 2>/dev/null; then
    mounted=$work/small
    "$tallyd" init "$work/small/node" --chain small >/dev/null || fail "init on a small disk"
    head -c 500000 /dev/urandom >"$work/ballast"
    # With a floor, transactions are refused while the node goes on.
    start "$work/small/node" --min-free-bytes 12000000 || fail "no start on a small disk"
    before=0
    for _ in $(seq 60); do
        "$tally" deploy "$work/ballast" --node "$url" --keys "$work/small/node/keys" --as operator >"$work/answer" 2>&1
        grep -q N2003 "$work/answer" && break
        before=$(height)
    done
    grep -q N2003 "$work/answer" || fail "a nearly full disk: $(cat "$work/answer")"
    [ "$(height)" = "$before" ] || fail "a refused transaction changed the height"
    # Below half of the floor the node ends with an exit code of its own, and does not start before there is room.
    head -c $(( $(df --output=avail -B1 "$work/small" | tail -n 1) - 4000000 )) /dev/zero >"$work/small/other"
    "$tally" deploy "$work/ballast" --node "$url" --keys "$work/small/node/keys" --as operator >"$work/answer" 2>&1
    wait "$node"
    code=$?
    [ $code = 3 ] && grep -q N2017 "$work/err" || fail "half of the floor: exit $code, $(cat "$work/err")"
    "$tallyd" start "$work/small/node" --listen 127.0.0.1:0 --min-free-bytes 12000000 >"$work/again" 2>&1
    code=$?
    [ $code = 3 ] && grep -q N2017 "$work/again" || fail "a start without room: exit $code, $(cat "$work/again")"
    rm "$work/small/other"
    start "$work/small/node" --min-free-bytes 4000000 || fail "no start when there is room again: $(cat "$work/err")"
    [ "$(height)" = "$before" ] || fail "the height changed from $before to $(height)"
    kill -TERM "$node"; wait "$node"
    # Without one, the node stops by itself and keeps what it acknowledged.
    start "$work/small/node" --min-free-bytes 1 || fail "no start on a nearly full disk: $(cat "$work/err")"
    before=$(height)
    for _ in $(seq 60); do
        "$tally" deploy "$work/ballast" --node "$url" --keys "$work/small/node/keys" --as operator >"$work/answer" 2>&1
        kill -0 "$node" 2>/dev/null || break
        grep -q 'N4007' "$work/answer" && before=$(height)
    done
    if kill -0 "$node" 2>/dev/null; then
        fail "the disk is full and the node goes on"
    else
        wait "$node"
        code=$?
        [ $code = 2 ] && grep -q N2006 "$work/err" || fail "a full disk: exit $code, $(cat "$work/err")"
    fi
    mount -o remount,size=200m "$work/small"
    start "$work/small/node" --min-free-bytes 1 || fail "no start after the disk has room again: $(cat "$work/err")"
    [ "$(height)" -ge "$before" ] || fail "a full disk: the height went back from $before to $(height)"
    echo "full_disk: refused with N2003, ended with N2017, stopped with N2006, height $(height) kept"
else
    echo "full_disk: SKIPPED, this user may not mount a tmpfs"
fi
[ $failures = 0 ] || exit 1
echo "fault: all passed"
