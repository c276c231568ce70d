#!/usr/bin/env bash
# Installs what the build needs and this machine lacks, from Debian's own archive: scripts/setup.sh build|test|bench...
# Says what it installs before it does. Needs root or sudo only when something is missing. Debian 12 or newer.
set -euo pipefail

build=(g++ cmake ninja-build ccache pkg-config clang-19 lld-19 llvm-19-dev libclang-19-dev libclang-cpp19-dev
    liblld-19-dev libclang-rt-19-dev zlib1g-dev libzstd-dev libsleef-dev libzip-dev libfmt-dev libspdlog-dev nlohmann-json3-dev libcli11-dev
    libpng-dev libgtest-dev libbenchmark-dev opencl-headers libvulkan-dev glslang-dev spirv-tools)
test=(clang-format-19 pocl-opencl-icd ocl-icd-libopencl1 libvulkan1 mesa-vulkan-drivers vulkan-validationlayers
    chromium-common qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
bench=(pocl-opencl-icd ocl-icd-opencl-dev libomp-19-dev)
lint=(clang-format-19 clang-tidy-19)

wanted=()
for group in "${@:-build}"; do
    case "$group" in
        build) wanted+=("${build[@]}") ;;
        test) wanted+=("${test[@]}") ;;
        bench) wanted+=("${bench[@]}") ;;
        lint) wanted+=("${lint[@]}") ;;
        *)
            echo "setup: '$group' is no group of packages; there are build, test, bench and lint" >&2
            exit 2
            ;;
    esac
done
command -v python3 >/dev/null || wanted+=(python3)

missing=()
for package in "${wanted[@]}"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $state == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "setup: this machine has no apt-get; install the counterparts of: ${missing[*]}" >&2
    exit 1
fi
as_root=()
if [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: run as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
