#!/usr/bin/env bash
# Runs one executable of a sanitizer tree: run.sh TREE EXECUTABLE [ARGUMENT...]. Some kernels and containers do not let
# a sanitizer start (address space layout, ptrace); then the test is a skip that says so, never a silent pass.
set -euo pipefail

tree=$1 executable=$2
shift 2
for program in sanitizer-probe "$executable"; do
    if [[ ! -x $tree/bin/$program ]]; then
        echo "'$tree/bin/$program' is not there: build that tree first ('make test' does)" >&2
        exit 1
    fi
done
if ! said=$("$tree/bin/sanitizer-probe" 2>&1); then
    echo "SKIP: the sanitizer of '$tree' cannot run an empty program on this machine: $said"
    exit 77
fi
exec "$tree/bin/$executable" "$@"
