#!/usr/bin/env bash
# units_test.sh SOURCE BIN   The service is one that systemd understands, starts this tallyd with options that it has,
# and is hardened: systemd's own count of what it may do is at most 1.5 of 10.
set -euo pipefail
source=$1 bin=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unit="$work/tallyd@banks.service"
sed "s#/usr/bin/tallyd#$bin/tallyd#" "$source/packaging/systemd/tallyd@.service" > "$unit"
complaints=$(systemd-analyze verify "$unit" 2>&1 | grep -F tallyd@ || true)
[ -z "$complaints" ] || { echo "systemd does not take the unit: $complaints" >&2; exit 1; }
systemd-analyze security --offline=true --threshold=15 "$unit" > "$work/exposure" || { cat "$work/exposure" >&2; exit 1; }
tail -1 "$work/exposure"
systemd-sysusers --dry-run "$source/packaging/systemd/tallystick.sysusers"

# What the unit starts, as it stands there, with a folder of ours.
options=$(sed -n 's#^ExecStart=.*/%i \(.*\) \$TALLYD_OPTIONS$#\1#p' "$unit")
[ -n "$options" ] || { echo "ExecStart is not of the form that this test reads" >&2; exit 1; }
"$bin/tallyd" init "$work/node" --chain banks --start 2026-01-01 > /dev/null
# shellcheck disable=SC2086
"$bin/tallyd" start "$work/node" $options --listen 127.0.0.1:0 > "$work/log" 2>&1 &
node=$!
sleep 1
kill -HUP $node
sleep 0.5
kill -TERM $node
wait $node || { cat "$work/log" >&2; exit 1; }
echo "units: taken by systemd, and what they start does start, reload and end"
