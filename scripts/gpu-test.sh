#!/usr/bin/env bash
# The conformance suite on a machine with a GPU: packs everything here, where the compiler is, and runs it there,
# where no compiler is needed.
#
#   scripts/gpu-test.sh pack BUNDLE [BUILD]          binaries, their libraries and packages into the folder BUNDLE
#   BUNDLE/gpu-test.sh run OUT [DEVICES] [OPTIONS]   the suite on DEVICES (default: gpu); conformance.md and
#                                                    conformance.json go into the folder OUT
set -euo pipefail

usage() {
    sed -n '2,8s/^# \{0,1\}//p' "$0"
    exit 2
}

pack() {
    [ $# -ge 1 ] || usage
    local bundle=$1 build=${2:-build/release}
    rm -rf "$bundle"
    mkdir -p "$bundle/bin" "$bundle/lib" "$bundle/packages"
    cp "$build/bin/heddle" "$build/bin/heddle-conformance" "$bundle/bin/"
    strip "$bundle"/bin/*
    # Everything but the C library, which every machine has; an older one there would not do anyway.
    ldd "$bundle"/bin/* "$build/lib/libheddle.so" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
        grep -vE '/(libc|libm|libdl|librt|libpthread|ld-linux[^/]*)\.so' | xargs -I{} cp -L {} "$bundle/lib/"
    cp -L "$build/lib/libheddle.so.0" "$bundle/lib/"
    strip "$bundle"/lib/*
    # The tests that look for the kernels' sources find them beside the packages.
    cp -r tests/conformance/kernels "$bundle/kernels"
    "$build/bin/heddle-conformance" --kernels tests/conformance/kernels --write-packages "$bundle/packages" \
        --targets "${HEDDLE_GPU_TARGETS:-ptx:sm_90,ptx:sm_80,ptx:sm_70}"
    cp "$0" "$bundle/gpu-test.sh"
    cp -r examples bench/kernels "$bundle/" 2>/dev/null || true
    echo "$bundle: $(du -sh "$bundle" | cut -f1)"
}

run() {
    [ $# -ge 1 ] || usage
    local here out=$1 devices=${2:-gpu}
    here=$(cd "$(dirname "$0")" && pwd)
    shift
    [ $# -eq 0 ] || shift
    mkdir -p "$out"
    export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    "$here/bin/heddle" devices
    "$here/bin/heddle-conformance" --devices "$devices" --kernels "$here/kernels" --packages "$here/packages" \
        --gtest_brief=1 --markdown "$out/conformance.md" --maths-markdown "$out/maths-accuracy.md" \
        --json "$out/conformance.json" "$@"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
pack) pack "$@" ;;
run) run "$@" ;;
*) usage ;;
esac
