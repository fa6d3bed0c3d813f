#!/usr/bin/env bash
# tests/contracts/demo_test.sh ROOT BINDIR
# The demo as a test: a thousand rows of the real tape, every figure equal to the oracle's. The tape may
# not be copied into the project; where it is absent the demo's made-up one takes its place.
set -euo pipefail
root=$(realpath "$1") bin=$(realpath "$2")
tape=$root/../shared/data/loans/lending_club_10000.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -f "$tape" ]; then
    loans=1000 matched=999 options=(--book "$tape" --loans 1000)
elif [ -n "${CI:-}" ]; then
    echo "FAILED: $tape is absent, and CI is set"
    exit 1
else
    echo "SKIPPED real tape: $tape is absent; 500 loans of a made-up one instead"
    loans=500 matched=0 options=(--loans 500)
fi

TALLY_BIN=$bin "$root/tools/demo" --no-build --json "$work/summary.json" "${options[@]}"

python3 - "$work/summary.json" "$loans" "$matched" <<'PYTHON'
import json, sys
path, loans, matched = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(path, encoding="utf-8") as f:
    seen = json.load(f)
checks = [("loans", seen["loans"] == loans), ("oracle_mismatches", seen["oracle_mismatches"] == 0),
          ("net_positions_sum", seen["net_positions_sum"] == "0.00"), ("instalments_matched", seen["instalments_matched"] >= matched)]
wrong = [name for name, good in checks if not good]
for name in wrong:
    print(f"FAILED: {name} is {seen[name]}")
if not wrong:
    print("ok: " + ", ".join(f"{name} {seen[name]}" for name, _ in checks))
sys.exit(1 if wrong else 0)
PYTHON
