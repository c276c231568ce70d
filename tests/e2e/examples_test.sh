#!/usr/bin/env bash
# Builds the host programs of examples/ as their READMEs say, against an installed Heddle, and runs them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${HEDDLE_BUILD_DIR:?HEDDLE_BUILD_DIR must name a build tree}
examples=$(cd "$here/../../examples" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quietly() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 1
    }
}
quietly cmake --install "$build" --prefix "$work/prefix"
unset HEDDLE_COMPILER
export HEDDLE_CACHE_DIR=$work/cache

"$work/prefix/bin/heddle" compile "$examples/saxpy.cu" -o "$work/saxpy.heddle" >/dev/null
for language in cpp c; do
    quietly cmake -S "$examples/$language" -B "$work/$language" -DCMAKE_PREFIX_PATH="$work/prefix"
    quietly cmake --build "$work/$language"
    for file in "$examples/saxpy.cu" "$work/saxpy.heddle"; do
        "$work/$language/saxpy" "$file"
    done
    if "$work/$language/saxpy" "$work/absent.cu" 2>"$work/error"; then
        echo "examples/$language succeeds without its kernel" >&2
        exit 1
    fi
    grep -q 'absent.cu' "$work/error"
done
"$work/cpp/devices" "$examples/nbody.cu" cpu:0,scalar:0 | tee "$work/devices"
[ "$(grep -c ' %' "$work/devices")" -eq 4 ]
