#!/usr/bin/env bash
# tests/network/demo_test.sh ROOT BINDIR
# The main job on four institutions: every figure equal to the second implementation's, one root on all nodes, and a
# bank's statement of its own node holds against another's root.
set -euo pipefail
root=$(realpath "$1") bin=$(realpath "$2")
if ! command -v cometbft >/dev/null && [ ! -x "${GOPATH:-$HOME/go}/bin/cometbft" ]; then
    if [ -n "${CI:-}" ]; then
        echo "FAILED: no cometbft, and CI is set"
        exit 1
    fi
    echo "SKIPPED: network.demo: there is no cometbft on this machine (tools/setup installs it where Go is)"
    exit 0
fi
TALLY_BIN=$bin "$root/tools/demo" --no-build --institutions 4 --loans 150
