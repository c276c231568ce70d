#!/usr/bin/env bash
# What takes a device down, on every software device of this machine: OpenCL's, and both Vulkan drivers, one after the
# other. What is not installed is told. Skipped where there is none at all.
set -euo pipefail
faults=${HEDDLE_BUILD_DIR:?HEDDLE_BUILD_DIR must name the build folder}/bin/heddle-faults
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tried=0

# try DEVICE VARIABLE=VALUE...
try() {
    local status=0 device=$1
    shift
    env "$@" "$faults" --devices "$device" --timeout-ms 500 --limit-ms 100000 --markdown "$work/faults.md" || status=$?
    if [[ $status -eq 3 ]]; then
        echo "SKIP: $device with $*"
        return
    fi
    [[ $status -eq 0 ]] || exit 1
    grep -q "^| a kernel without end | $device | timeout: .* | $device: .*died earlier.* | yes: .*cpu:0.* | usable |$" \
        "$work/faults.md" || fail "the page does not tell of the kernel without end: $(cat "$work/faults.md")"
    tried=$((tried + 1))
    last=("$device" "$@")
}

fail() {
    echo "FAILED: $1"
    exit 1
}

try opencl:0 HEDDLE_DISABLE=vulkan
for icd in "/usr/share/vulkan/icd.d/lvp_icd.$(uname -m).json" /usr/share/vulkan/icd.d/lvp_icd.json \
    /usr/lib/chromium/vk_swiftshader_icd.json; do
    [[ -f $icd ]] || continue
    try vulkan:0 "VK_ICD_FILENAMES=$icd" "VK_DRIVER_FILES=$icd"
done
[[ $tried -gt 0 ]] || exit 77

# A process that has to be ended is a failure: here its kernel without end may run longer than itself.
status=0
env "${last[@]:1}" "$faults" --devices "${last[0]}" --faults endless --timeout-ms 600000 --limit-ms 10000 \
    >"$work/output" || status=$?
[[ $status -eq 1 ]] || fail "a process that does not end gives exit status $status"
grep -q 'problem: the process did not end within 10000 ms and was killed' "$work/output" || fail "$(cat "$work/output")"
