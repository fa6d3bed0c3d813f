#!/usr/bin/env bash
# tests/fuzz/run.sh BINDIR [RUNS [SOURCE_RUNS [TARGET…]]]
# Runs every fuzz target, or the ones that are named, for RUNS inputs (2000) on a copy of its corpus; those that
# read source (parse, check) for SOURCE_RUNS (RUNS). Any report, from a sanitizer or a target's own check, fails;
# the input that did it is printed and kept.
#   TALLY_FUZZ_SECONDS=N   at most so long for each target (600); fewer inputs than asked for are a failure
set -uo pipefail
bin=$(realpath "$1") runs=${2:-2000}
source_runs=${3:-$runs} only=" ${*:4} "
seconds=${TALLY_FUZZ_SECONDS:-600}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
status=0

# ANTLR's runtime is Debian's own, built without sanitizers: a std::vector or std::string that it fills and
# instrumented code reads has container annotations of one side only, and its caches, kept for the life of the
# process, look like leaks.
export ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=0:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1
symbolizer=$(command -v llvm-symbolizer-19 || true)
[ -n "$symbolizer" ] && export ASAN_SYMBOLIZER_PATH=$symbolizer

found=0
for program in "$bin"/fuzz_*; do
    [ -x "$program" ] || continue
    name=$(basename "$program")
    target=${name#fuzz_}
    [ "${only// /}" = "" ] || [[ "$only" == *" $target "* ]] || continue
    found=$((found + 1))
    wanted=$runs
    mkdir -p "$work/$target" "$work/artifacts"
    [ -d "$here/corpus/$target" ] && cp "$here/corpus/$target"/* "$work/$target/"
    options=()
    case $target in
    # Programs in Tally: the goldens, the contracts and the standard library are seeds too.
    parse | check)
        for source in "$here"/../golden/*/*.tally "$here"/../../contracts/*/*.tally "$here"/../../stdlib/*.tally; do
            cp "$source" "$work/$target/$(basename "$(dirname "$source")")_$(basename "$source")"
        done
        options=(-dict="$here/tally.dict" -max_len=16384)
        wanted=$source_runs
        ;;
    *) options=(-max_len=65536) ;;
    esac
    if "$program" "$work/$target" -runs="$wanted" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=4096 -seed=1 \
        -artifact_prefix="$work/artifacts/$target-" -print_final_stats=1 "${options[@]}" >"$work/$target.log" 2>&1; then
        done=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log")
        if [ "$done" -ge "$wanted" ]; then
            echo "ok    $target: $done inputs, $(ls "$work/$target" | wc -l) kept"
        else
            echo "FAIL  $target: only $done of $wanted inputs in $seconds s"
            status=1
        fi
    else
        echo "FAIL  $target"
        tail -n 40 "$work/$target.log"
        status=1
    fi
done
if [ "$found" = 0 ]; then
    echo "FAILED: there is no fuzz target in $bin"
    status=1
fi
if [ -n "$(ls "$work/artifacts" 2>/dev/null)" ]; then
    kept=$(mktemp -d)
    cp "$work"/artifacts/* "$kept/"
    echo "inputs that did it, in $kept:"
    for input in "$kept"/*; do
        echo "---- $(basename "$input"), $(wc -c <"$input") bytes, base64 of the first 3 KiB:"
        head -c 3072 "$input" | base64
    done
    status=1
fi
rm -rf "$work"
exit $status
