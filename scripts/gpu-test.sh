#!/usr/bin/env bash
# Tests and benchmarks on a machine with a GPU: packs everything here, where the compiler is, and runs it there, where no
# compiler is needed, and no loader of Vulkan or OpenCL.
#
#   scripts/gpu-test.sh pack BUNDLE [BUILD]             binaries, their libraries and packages into the folder BUNDLE
#   BUNDLE/gpu-test.sh run OUT [DEVICES] [OPTIONS]      the conformance suite on DEVICES (default: gpu); conformance.md
#                                                       and conformance.json go into the folder OUT
#   BUNDLE/gpu-test.sh faults OUT [DEVICES] [OPTIONS]   what takes a device down, on DEVICES (default: all but the CPU's
#                                                       own); faults.md goes into OUT
#   BUNDLE/gpu-test.sh fuzz OUT DEVICES [OPTIONS]       random kernels, compared with what the CPU computes; findings go
#                                                       into OUT. HEDDLE_GPU_FUZZ=N packs N of them (default 500)
#   BUNDLE/gpu-test.sh bench OUT [OPTIONS]              `heddle bench` with OPTIONS; bench.txt, .json and .html go into OUT
#   BUNDLE/gpu-test.sh soak OUT [OPTIONS]               random operations whose devices fail; soak.md goes into OUT
#   BUNDLE/gpu-test.sh tune [OPTIONS]                   `heddle tune` with OPTIONS
#   BUNDLE/gpu-test.sh heddle ARGUMENTS...              the command itself
set -euo pipefail

usage() {
    sed -n '2,16s/^# \{0,1\}//p' "$0"
    exit 2
}

# Where the dynamic linker finds a library; nothing when it does not.
library() {
    ldconfig -p | awk -v name="$1" '$1 == name && !found { print $NF; found = 1 }'
}

# Files and what they need, without the C library, which every machine has; an older one there would not do anyway.
with_needs() {
    printf '%s\n' "$@"
    ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
        grep -vE '/(libc|libm|libdl|librt|libpthread|ld-linux[^/]*)\.so' || true
}

# Libraries that are loaded when they are there, which ldd does not know: the loaders of Vulkan and OpenCL, and what
# NVIDIA's driver for Vulkan asks for on a machine without a display. `run` takes those that the machine lacks.
pack_loaders() {
    local bundle=$1 name found
    mkdir -p "$bundle/loaders"
    for name in libvulkan.so.1 libOpenCL.so.1 libEGL.so.1 libGLX.so.0 libGLdispatch.so.0 libX11.so.6 libXext.so.6; do
        found=$(library "$name")
        if [ -z "$found" ]; then
            echo "gpu-test: $name is not on this machine; the bundle goes without" >&2
            continue
        fi
        with_needs "$found" | sort -u | xargs -I{} cp -L {} "$bundle/loaders/"
    done
}

# Khronos's validation layer, which is what refuses launches and code in Vulkan.
pack_layer() {
    local bundle=$1 name=libVkLayer_khronos_validation.so found json=/usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json
    found=$(find "/usr/lib/$(uname -m)-linux-gnu" /usr/lib /usr/local/lib -maxdepth 1 -name "$name" 2>/dev/null | head -n 1)
    if [ -z "$found" ] || [ ! -f "$json" ]; then
        echo "gpu-test: Khronos's validation layer is not on this machine; the bundle goes without" >&2
        return
    fi
    mkdir -p "$bundle/layers"
    cp -L "$found" "$bundle/layers/"
    sed "s|\"library_path\": *\"[^\"]*\"|\"library_path\": \"./$name\"|" "$json" >"$bundle/layers/$(basename "$json")"
    with_needs "$found" | grep -vF "$name" | sort -u | xargs -I{} cp -L {} "$bundle/lib/"
}

pack() {
    [ $# -ge 1 ] || usage
    local bundle=$1 build=${2:-build/release}
    rm -rf "$bundle"
    mkdir -p "$bundle/bin" "$bundle/lib" "$bundle/packages" "$bundle/standins"
    cp "$build/bin/heddle" "$build/bin/heddle-conformance" "$build/bin/heddle-faults" "$build/bin/heddle-fuzz" \
        "$build/bin/heddle-probe" "$build/bin/heddle-soak" "$bundle/bin/"
    cp -L "$build/lib/libstandin-empty.so" "$build/lib/libstandin-failing.so" "$bundle/standins/"
    strip "$bundle"/bin/*
    with_needs "$bundle"/bin/* "$build/lib/libheddle.so" | grep -E '\.so' | sort -u | xargs -I{} cp -L {} "$bundle/lib/"
    cp -L "$build/lib/libheddle.so.0" "$bundle/lib/"
    pack_loaders "$bundle"
    pack_layer "$bundle"
    strip "$bundle"/lib/*
    # The tests that look for the kernels' sources find them beside the packages.
    cp -r tests/conformance/kernels "$bundle/kernels"
    local targets=${HEDDLE_GPU_TARGETS:-ptx:sm_90,ptx:sm_80,ptx:sm_70,spirv:warp32,spirv:full,opencl}
    "$build/bin/heddle-conformance" --kernels tests/conformance/kernels --write-packages "$bundle/packages" \
        --targets "$targets"
    mkdir "$bundle/bench"
    local source options
    "$build/bin/heddle" tune --write-source "$bundle/bench/tune.cu"
    for source in bench/kernels/*.cu "$bundle/bench/tune.cu"; do
        # Where the processor's devices take part.
        case $(basename "$source") in
        split.cu) options=(--grid-parts --targets "$targets,simd,scalar") ;;
        executor.cu | tune.cu) options=(--targets "$targets,simd,scalar") ;;
        *) options=(--targets "$targets") ;;
        esac
        "$build/bin/heddle" compile "$source" "${options[@]}" -o "$bundle/bench/$(basename "$source" .cu).heddle" >/dev/null
    done
    # For all targets: every device there must work whatever becomes of another.
    "$build/bin/heddle-faults" --kernels tests/faults --write-packages "$bundle/packages"
    "$build/bin/heddle-fuzz" --write-packages "$bundle/fuzz" --seed "${HEDDLE_GPU_FUZZ_SEED:-1000000}" \
        --count "${HEDDLE_GPU_FUZZ:-500}" --jobs "$(nproc)" --targets "$targets,scalar:x86-64-v2"
    "$build/bin/heddle-soak" --write-package "$bundle/packages/soak.heddle" --targets "$targets,simd,scalar"
    cp "$0" "$bundle/gpu-test.sh"
    echo "$bundle: $(du -sh "$bundle" | cut -f1)"
}

# The first of the files that exists.
first_file() {
    local file
    for file in "$@"; do
        [ ! -f "$file" ] || { echo "$file"; return; }
    done
}

# What the machine lacks to find its drivers through Vulkan and OpenCL: loaders, and the files that tell loaders of
# drivers, which containers often go without. What was set outside stays.
find_drivers() {
    local here=$1 made=$2 name file
    mkdir -p "$made/lib" "$made/vulkan" "$made/OpenCL"
    [ ! -d /usr/local/nvidia/lib64 ] || LD_LIBRARY_PATH="$LD_LIBRARY_PATH:/usr/local/nvidia/lib64"
    # Only what is not there: the machine's own fit its drivers better.
    for file in "$here"/loaders/*; do
        name=$(basename "$file")
        [ -n "$(library "$name")" ] || [ -e "/usr/local/nvidia/lib64/$name" ] || ln -sf "$file" "$made/lib/$name"
    done
    export LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$made/lib"

    if [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] &&
        ! compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null && ! compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null; then
        file=$(first_file /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json /usr/local/share/vulkan/icd.d/nvidia_icd.json)
        if [ -z "$file" ]; then
            file=$made/vulkan/nvidia_icd.json
            echo '{"file_format_version": "1.0.0", "ICD": {"library_path": "libGLX_nvidia.so.0", "api_version": "1.3.0"}}' \
                >"$file"
        fi
        # The name of loaders since 1.3.207, and that of older ones.
        export VK_DRIVER_FILES=$file VK_ICD_FILENAMES=$file
        echo "gpu-test: no Vulkan driver is registered here; VK_DRIVER_FILES=$file"
    fi
    if [ -z "${__EGL_VENDOR_LIBRARY_FILENAMES:-}" ] && ! compgen -G '/usr/share/glvnd/egl_vendor.d/*nvidia*.json' >/dev/null; then
        file=$(first_file /usr/local/nvidia/share/glvnd/egl_vendor.d/10_nvidia.json)
        [ -z "$file" ] || export __EGL_VENDOR_LIBRARY_FILENAMES=$file
    fi
    if [ -z "${OCL_ICD_VENDORS:-}${OCL_ICD_FILENAMES:-}" ] && ! grep -qs nvidia /etc/OpenCL/vendors/*.icd; then
        # What is registered stays so; it need not be the GPU's.
        cp /etc/OpenCL/vendors/*.icd "$made/OpenCL/" 2>/dev/null || true
        echo libnvidia-opencl.so.1 >"$made/OpenCL/nvidia.icd"
        # A folder for one loader (it asks for the slash), a file for Khronos's.
        export OCL_ICD_VENDORS="$made/OpenCL/" OCL_ICD_FILENAMES=libnvidia-opencl.so.1
        echo "gpu-test: NVIDIA's OpenCL driver is not registered here; OCL_ICD_VENDORS=$OCL_ICD_VENDORS"
    fi
}

# Sets what every program of the bundle needs; `here` is its folder.
prepare() {
    here=$(cd "$(dirname "$0")" && pwd)
    export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    made=$(mktemp -d)
    trap 'rm -rf "$made"' EXIT
    find_drivers "$here" "$made"
    if [ -d "$here/layers" ] && [ ! -f /usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json ]; then
        export VK_LAYER_PATH=$here/layers
    fi
}

run() {
    [ $# -ge 1 ] || usage
    local out=$1 devices=${2:-gpu}
    shift
    [ $# -eq 0 ] || shift
    mkdir -p "$out"
    prepare
    "$here/bin/heddle" devices
    "$here/bin/heddle-conformance" --devices "$devices" --kernels "$here/kernels" --packages "$here/packages" \
        --gtest_brief=1 --markdown "$out/conformance.md" --maths-markdown "$out/maths-accuracy.md" \
        --json "$out/conformance.json" "$@"
}

soak() {
    [ $# -ge 1 ] || usage
    local out=$1
    shift
    mkdir -p "$out"
    prepare
    "$here/bin/heddle-soak" --package "$here/packages/soak.heddle" --markdown "$out/soak.md" "$@"
}

tune() {
    prepare
    "$here/bin/heddle" tune --package "$here/bench/tune.heddle" "$@"
}

bench() {
    [ $# -ge 1 ] || usage
    local out=$1
    shift
    mkdir -p "$out"
    prepare
    "$here/bin/heddle" bench --packages "$here/bench" --json "$out/bench.json" --html "$out/bench.html" "$@" |
        tee "$out/bench.txt"
}

heddle() {
    prepare
    "$here/bin/heddle" "$@"
}

faults() {
    [ $# -ge 1 ] || usage
    local out=$1 devices=${2:-}
    shift
    [ $# -eq 0 ] || shift
    mkdir -p "$out"
    prepare
    "$here/bin/heddle" devices
    "$here/bin/heddle-faults" --devices "$devices" --packages "$here/packages" --libraries "$here/standins" \
        --markdown "$out/faults.md" "$@"
}

fuzz() {
    [ $# -ge 2 ] || usage
    local out=$1 devices=$2
    shift 2
    mkdir -p "$out"
    prepare
    export HEDDLE_TIMEOUT_MS=${HEDDLE_TIMEOUT_MS:-30000}
    "$here/bin/heddle-fuzz" --packages "$here/fuzz" --devices "$devices" --findings "$out/findings" "$@" |
        tee "$out/fuzz.txt"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
pack) pack "$@" ;;
run) run "$@" ;;
bench) bench "$@" ;;
soak) soak "$@" ;;
tune) tune "$@" ;;
heddle) heddle "$@" ;;
faults) faults "$@" ;;
fuzz) fuzz "$@" ;;
*) usage ;;
esac
