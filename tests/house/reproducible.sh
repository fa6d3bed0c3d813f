#!/usr/bin/env bash
# tests/house/reproducible.sh TALLY ROOT
# Same source, same bytes: whatever the folder, the locale, the time zone, the layout of memory.
set -euo pipefail
tally=$(realpath "$1") root=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

other=$(locale -a 2>/dev/null | grep -vE '^(C|POSIX)(\.|$)' | head -n 1 || true)
[ -n "$other" ] || other=C.UTF-8
fixed=
setarch -R true 2>/dev/null && fixed="setarch -R"
[ -n "$fixed" ] || echo "SKIPPED memory layout: setarch -R is not allowed here"

# build NAME FOLDER COMMAND…: the digests of the modules, by name.
build() {
    local name=$1 folder=$2
    shift 2
    mkdir -p "$work/$name"
    (cd "$folder" && "$@" "$tally" build joint_loan/clearing.tally joint_loan/joint.tally -o "$work/$name" >"$work/$name.log" 2>&1) || {
        echo "FAILED: tally build, $name:"
        cat "$work/$name.log"
        exit 1
    }
    (cd "$work/$name" && find . -type f | LC_ALL=C sort | xargs sha256sum) >"$work/$name.sum"
    [ -s "$work/$name.sum" ] || { echo "FAILED: $name left no module"; exit 1; }
}

copy="$work/another folder, with a longer name"
mkdir -p "$copy"
cp -r "$root/contracts/joint_loan" "$copy/"
touch -d 2001-02-03 "$copy"/joint_loan/*

build here "$root/contracts" env LC_ALL=C TZ=UTC
build elsewhere "$copy" env LC_ALL=C TZ=UTC
build locale "$root/contracts" env LC_ALL="$other" LANG="$other" TZ=Asia/Shanghai
build unlike "$copy" env -i HOME=/nowhere LC_ALL="$other" TZ=Asia/Shanghai $fixed
build again "$root/contracts" env LC_ALL=C TZ=UTC

status=0
for name in elsewhere locale unlike again; do
    if ! cmp -s "$work/here.sum" "$work/$name.sum"; then
        echo "FAILED: '$name' gives other bytes than 'here'"
        diff "$work/here.sum" "$work/$name.sum" || true
        status=1
    fi
done
[ $status = 0 ] && echo "ok: $(wc -l <"$work/here.sum") modules, the same bytes five times (locale $other)"
exit $status
