#!/usr/bin/env bash
# tests/proofs/proofs_test.sh BINDIR
# An auditor's day: a ledger with a few parties, statements and receipts with their proofs, checked without a node
# by tally-verify and by a second verifier in Python; every changed byte is noticed; the past answers as it was.
set -u
bin=$(realpath "$1") here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
node=0 failures=0 url=
finish() {
    [ "$node" != 0 ] && kill "$node" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
tally() { "$bin/tally" "$@" --node "$url"; }
as() { local who=$1; shift; tally "$@" --keys "$work/node/keys" --as "$who"; }
root() { tally status | sed -n 's/.*"root": "\([0-9a-f]*\)".*/\1/p'; }
height() { tally status | sed -n 's/.*"height": \([0-9]*\).*/\1/p'; }

"$bin/tallyd" init "$work/node" --chain proofs >/dev/null || exit 1
"$bin/tallyd" start "$work/node" --listen 127.0.0.1:0 --log-level warn >"$work/out" 2>&1 &
node=$!
for _ in $(seq 200); do url=$(sed -n 's/^listening on //p' "$work/out"); [ -n "$url" ] && break; sleep 0.05; done
[ -n "$url" ] || { cat "$work/out"; exit 1; }

"$bin/tally" keys new ann --keys "$work/node/keys" >"$work/ann" || fail "keys new"
"$bin/tally" keys new mint --keys "$work/node/keys" >"$work/mint" || fail "keys new"
key() { grep -oE '[0-9a-f]{64}' "$work/$1" | head -n 1; }
as operator enrol --name ann --key "$(key ann)" >/dev/null || fail "enrol ann"
as operator enrol --name mint --key "$(key mint)" --issuer USD >/dev/null || fail "enrol mint"
as ann account open --currency USD >/dev/null || fail "account"
before=$(height)
as mint issue --account 1 --amount 250.00 --intent 00112233445566778899aabbccddeeff >/dev/null || fail "issue"

tally statement ann --out "$work/ann.statement" >"$work/said" || fail "statement: $(cat "$work/said")"
tally proof 00112233445566778899aabbccddeeff --out "$work/issue.receipt" >/dev/null || fail "proof"
now=$(root)
for file in ann.statement issue.receipt; do
    "$bin/tally-verify" "$work/$file" --root "$now" >"$work/$file.said" || fail "$file does not verify"
    python3 "$here/verify.py" "$work/$file" "$now" >/dev/null || fail "$file does not verify in Python"
    "$bin/tally-verify" "$work/$file" --root "${now//[0-8]/9}" >/dev/null 2>&1 && fail "$file verifies under another root"
done
grep -q "250.00 USD" "$work/ann.statement.said" || fail "the statement does not show the balance"
cat "$work/ann.statement.said" "$work/issue.receipt.said"

# Every byte counts: changed, missing, left over.
size=$(stat -c %s "$work/ann.statement")
python3 - "$bin/tally-verify" "$work/ann.statement" "$now" <<'P' || fail "not every changed byte was noticed"
import subprocess, sys
verify, path, root = sys.argv[1:]
good = open(path, "rb").read()
for place in range(len(good)):
    with open(path + ".changed", "wb") as out:
        out.write(good[:place] + bytes([good[place] ^ 0x41]) + good[place + 1 :])
    if subprocess.run([verify, path + ".changed", "--root", root], capture_output=True).returncode != 1:
        sys.exit(f"byte {place} of {len(good)}")
P
head -c $((size - 1)) "$work/ann.statement" >"$work/changed"
"$bin/tally-verify" "$work/changed" --root "$now" >/dev/null 2>&1 && fail "a statement without its last byte verifies"
{ cat "$work/ann.statement"; printf 'x'; } >"$work/changed"
"$bin/tally-verify" "$work/changed" --root "$now" >/dev/null 2>&1 && fail "a statement with a byte more verifies"

# A row, and one that is not there, by the second verifier alone.
row() { python3 -c "
import json, sys, urllib.request
row = json.load(urllib.request.urlopen('$url/v1/proofs/rows/$1'))['row']
print(row['at_root'], row['key'], row['value'] or '-', row['ics23'])" ; }
row 050000000000000001 | xargs python3 "$here/verify.py" row >/dev/null || fail "the proof of a row"
row 050000000000000009 | xargs python3 "$here/verify.py" row >/dev/null || fail "the proof that a row is absent"

# The past.
tally query account 1 | grep -q '"250.00"' || fail "the balance now"
tally query account 1 --at-height "$before" | grep -q '"0.00"' || fail "the balance at height $before"
tally query account 1 --on 2026-01-01 | grep -q '"250.00"' || fail "the balance on the business date"
tally query account 1 --on 2025-01-01 >/dev/null 2>&1 && fail "a date before the ledger"
tally query account 1 --at-height 99999 >/dev/null 2>&1 && fail "a height to come"
# The same statement out of the directory of a stopped node.
kill "$node"
wait "$node"
node=0
"$bin/tallyd" statement "$work/node" ann --out "$work/offline.statement" >/dev/null || fail "tallyd statement"
cmp -s "$work/ann.statement" "$work/offline.statement" || fail "the two statements differ"
[ $failures = 0 ] || exit 1
echo "proofs: all of $size changed bytes noticed, two verifiers agree"
