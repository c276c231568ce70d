#!/usr/bin/env bash
# Compiles kernels for AArch64 on this machine and runs them under an emulator: the SIMD code object leaves the package
# through the front door, and a small C program plays the run time. Proven on an emulator, not on hardware.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
heddle=${HEDDLE:?HEDDLE must name the command}

for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
    if ! command -v "$tool" >/dev/null; then
        echo "SKIP: '$tool' is missing: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user"
        exit 77
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$heddle" compile "$here/aarch64.cu" --targets simd:aarch64 -o "$work/aarch64.heddle"
python3 - "$work/aarch64.heddle" "$work/code.so" <<'PYTHON'
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as package:
    manifest = json.loads(package.read("manifest.json"))
    found = [p for p in manifest["payloads"] if (p["target"], p["variant"]) == ("simd", "aarch64")]
    if len(found) != 1:
        sys.exit(f"the package has {len(found)} payloads simd:aarch64; it should have one: {manifest['payloads']}")
    if manifest.get("diagnostics"):
        sys.exit(f"kernels are missing: {manifest['diagnostics']}")
    open(sys.argv[2], "wb").write(package.read(found[0]["file"]))
PYTHON
aarch64-linux-gnu-gcc -std=gnu11 -O1 -Wall -Wextra -Werror -I "${HEDDLE_SOURCE_DIR:-$here/../..}/src" \
    "$here/aarch64_harness.c" -o "$work/harness" -ldl -lm
qemu-aarch64 -L /usr/aarch64-linux-gnu "$work/harness" "$work/code.so"
