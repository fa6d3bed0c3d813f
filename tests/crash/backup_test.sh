#!/usr/bin/env bash
# tests/crash/backup_test.sh BIN CONTRACTS
# Backups of a closed and of a running ledger come back whole; a spoilt one does not; nothing is written over.
set -u
bin=$(realpath "$1") contracts=$(realpath "$2")
work=$(mktemp -d)
node=0 failures=0
finish() { [ "$node" != 0 ] && kill -9 "$node" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"; }
trap finish EXIT
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
# expect CODE TEXT COMMAND…: its exit code and a text that it says.
expect() {
    local code=$1 text=$2
    shift 2
    "$@" >"$work/said" 2>&1
    local got=$?
    [ $got = "$code" ] && grep -q -- "$text" "$work/said" || fail "$*: exit $got, $(cat "$work/said")"
}
contents() { "$bin/tallyd" verify --replay "$1" 2>&1 | sed -n 's/^contents *//p'; }

cd "$work" || exit 1
"$bin/tally_crash_plan" "$contracts" 120 stream >/dev/null && "$bin/tally_crash_run" ledger stream >/dev/null || exit 1
whole=$(contents ledger)
[ -n "$whole" ] || fail "verify does not accept the ledger"
expect 0 'height 120' "$bin/tallyd" backup ledger closed
expect 2 N2010 "$bin/tallyd" backup ledger closed
expect 0 'every hash holds' "$bin/tallyd" restore closed one
expect 2 N2010 "$bin/tallyd" restore closed one
[ "$(contents one)" = "$whole" ] || fail "a restored ledger is another one"

# While its node runs; the node's start is one more in its counter, which is why the contents are compared without it.
"$bin/tallyd" start ledger --listen 127.0.0.1:0 --log-level off >out 2>err &
node=$!
for _ in $(seq 200); do grep -q '^listening' out && break; sleep 0.05; done
expect 1 N2001 "$bin/tallyd" verify ledger
expect 0 'a node runs at' "$bin/tallyd" doctor ledger
expect 0 'height 120' "$bin/tallyd" backup ledger running
[ -e ledger/checkpoint ] && sleep 0.5
[ -e ledger/checkpoint ] && fail "the checkpoint is still there"
kill -TERM "$node"; wait "$node" || fail "the node does not end in order"
node=0
expect 0 'every hash holds' "$bin/tallyd" restore running two
[ "$(contents two)" = "$whole" ] || fail "a backup of a running ledger is another one"
"$bin/tally_crash_run" two stream >/dev/null || fail "a restored ledger does not go on"

# Every file of a backup, spoilt in one byte, missing, and one that nobody listed.
tried=0
for file in $(cd closed && find . -type f | sort); do
    [ -s "closed/$file" ] || continue
    cp -a closed spoilt
    python3 - "spoilt/$file" <<'END'
import os, sys
with open(sys.argv[1], "r+b") as f:
    at = os.path.getsize(sys.argv[1]) // 2
    f.seek(at)
    byte = f.read(1)[0]
    f.seek(at)
    f.write(bytes([byte ^ 1]))
END
    expect 2 N2016 "$bin/tallyd" restore spoilt three
    rm "spoilt/$file"
    expect 2 N2016 "$bin/tallyd" restore spoilt three
    [ -e three ] && fail "a spoilt backup left something behind"
    rm -rf spoilt
    tried=$((tried + 1))
done

# What the doctor finds.
expect 1 'no ledger' "$bin/tallyd" doctor closed/db
mkdir one/keys && echo secret >one/keys/a.key && chmod 644 one/keys/a.key
expect 1 'chmod 600' "$bin/tallyd" doctor one
rm one/db/CURRENT && echo MANIFEST-000001 >one/db/CURRENT && chmod 600 one/keys/a.key
expect 1 FAIL "$bin/tallyd" doctor one

[ $failures = 0 ] || exit 1
echo "backup: closed and running, $tried files spoilt and missing, all noticed"
