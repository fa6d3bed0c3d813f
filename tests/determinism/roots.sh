#!/usr/bin/env bash
# tests/determinism/roots.sh BINDIR CONTRACTS [OTHER_BINDIR]
# One stream of blocks, made with one build: every root of it must come out the same in another locale, another
# time zone, another folder, with other memory addresses, and with another compiler, optimisation and sanitizers
# (OTHER_BINDIR, which `tools/test` builds with clang).
set -euo pipefail
bin=$(realpath "$1") contracts=$(realpath "$2") other=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bin/tally_crash_plan" "$contracts" 120 "$work/stream" >/dev/null
roots() { grep '^block' | sha256sum | cut -c1-16; }
cells=0
cell() {
    local name=$1 program=$2
    shift 2
    cells=$((cells + 1))
    env "$@" "$program" "$work/$cells/made there" "$work/stream" >"$work/out"
    local got
    got=$(roots <"$work/out")
    [ "$cells" = 1 ] && first=$got && echo "$(grep -c '^block' "$work/out") blocks, roots $got"
    [ "$got" = "$first" ] || { echo "FAILED: $name: $got, not $first"; exit 1; }
    echo "ok    $name"
}
mkdir -p "$work"/{1,2,3,4,5,6}
cell "as built" "$bin/tally_crash_run"
localedef -i tr_TR -f UTF-8 "$work/tr_TR.UTF-8" 2>/dev/null || { echo "FAILED: no Turkish locale (package locales)"; exit 1; }
cell "Turkish locale" "$bin/tally_crash_run" LOCPATH="$work" LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8
cell "another time zone" "$bin/tally_crash_run" TZ=Asia/Kathmandu
cell "poisoned memory" "$bin/tally_crash_run" GLIBC_TUNABLES=glibc.malloc.perturb=165 MALLOC_CONF=junk:true
if [ -n "$other" ] && [ -x "$other/tally_crash_run" ]; then
    cell "another compiler, -O1, both sanitizers, paranoid" "$other/tally_crash_run" ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=0
else
    echo "skipped: another compiler (no build with sanitizers beside this one)"
fi
