#!/usr/bin/env bash
# tests/determinism/s390x.sh BINDIR ROOT
# The core on a big-endian processor, which qemu plays: the roots of a stream of blocks must be those of a node here,
# the tests of every contract and programs of the farm must give the same to the last byte and unit of gas, and bytes
# with a fault must be refused for the same reason.
# Exit code 77: skipped, and it says for want of what.
set -euo pipefail
bin=$(realpath "$1") root=$(realpath "$2")
blocks=600 programs=2000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missing() {
    [ -z "${CI:-}" ] || { echo "FAILED: $1, and CI is set"; exit 1; }
    echo "SKIPPED determinism.s390x: $1"
    exit 77
}
for tool in s390x-linux-gnu-g++-12 qemu-s390x-static apt-get dpkg; do
    command -v "$tool" >/dev/null || missing "no $tool (tools/setup --test installs what is needed)"
done
cd "$root"
tests/determinism/sysroot.sh s390x build/s390x/sysroot >"$work/sysroot.log" 2>&1 || missing "Debian's s390x packages cannot be fetched: $(tail -n 1 "$work/sysroot.log")"

begin=$SECONDS
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
{ cmake --preset s390x && cmake --build build/s390x --target tally_core -- ${TALLY_NINJA_FLAGS:--j2}; } >"$work/build.log" 2>&1 || {
    echo "FAILED: the core does not build for s390x"
    tail -n 30 "$work/build.log"
    exit 1
}
echo "built in $((SECONDS - begin)) s"
there() { qemu-s390x-static build/s390x/bin/tally_core "$@"; }
same() {
    cmp -s "$2" "$3" && echo "ok    $1: $(wc -l <"$2") lines, $(sha256sum <"$2" | cut -c1-16)" && return
    echo "FAILED: $1: here | there"
    diff "$2" "$3" | head -n 10 || true
    exit 1
}

begin=$SECONDS
"$bin/tally_crash_plan" contracts "$blocks" "$work/stream" >/dev/null
"$bin/tally_crash_run" "$work/ledger" "$work/stream" | grep '^block' >"$work/node"
"$bin/tally_core" blocks "$work/stream" >"$work/here"
there blocks "$work/stream" >"$work/there"
same "roots, a node and the core" "$work/node" "$work/here"
same "roots, a node and s390x" "$work/node" "$work/there"

"$bin/tally_core_plan" "$work/input" "$programs" contracts/* stdlib tests/stdlib
"$bin/tally_core" runs "$work/input" >"$work/here"
there runs "$work/input" >"$work/there"
grep -v '^program' "$work/here" >"$work/here.tests"
grep -v '^program' "$work/there" >"$work/there.tests"
same "tests of contracts" "$work/here.tests" "$work/there.tests"
same "with programs of the farm" "$work/here" "$work/there"
echo "ran in $((SECONDS - begin)) s"
