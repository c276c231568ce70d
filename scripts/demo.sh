#!/usr/bin/env bash
# Shows what Heddle does: compiles the examples to packages once, runs each package on every device of this machine,
# compares all results with the scalar reference, and writes the pictures to demo/. Usage: demo.sh BUILD_DIR
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
heddle=$build/bin/heddle
if [[ ! -x $heddle ]]; then
    echo "demo: '$heddle' is not there; build first: make build" >&2
    exit 1
fi

out=demo
mkdir -p "$out"
bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' plain=$'\e[0m'; fi
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

title "Devices of this machine"
"$heddle" devices

title "Compiling the examples, once for every target"
for name in saxpy mandelbrot scene blur nbody histogram; do
    "$heddle" compile "examples/$name.cu" -o "$out/$name.heddle" >/dev/null
    printf '  %-24s %7d bytes\n' "$out/$name.heddle" "$(stat -c %s "$out/$name.heddle")"
done

# everywhere NAME ARGUMENTS...: runs a package on all devices; heddle itself fails when results disagree.
everywhere() {
    local name=$1
    shift
    "$heddle" run "$out/$name.heddle" --device all "$@"
}

title "saxpy: a * x + y, a million elements"
everywhere saxpy --grid 4096 --block 256 --repeat 5 --arg 2.5 --arg rand:f32:1048576:1 --arg rand:f32:1048576:2 \
    --arg 1048576

title "histogram: counting four million bytes with atomics"
everywhere histogram --grid 64 --block 256 --repeat 3 --arg rand:u8:4194304 --arg zeros:u32:256 --arg 4194304

title "nbody: forces between all pairs of 4096 bodies"
everywhere nbody --kernel accelerate --grid 16 --block 256 --repeat 3 --tolerance 1e-4 --arg rand:f32:4096x4:1 \
    --arg zeros:f32:4096x4 --arg 4096 --arg 0.01

title "nbody: 16 star clusters followed through time"
everywhere nbody --kernel clusters --grid 16 --block 256 --tolerance 1e-3 --arg 200 --arg 0.005 --arg zeros:f32:16x2 \
    --out "energies=$out/energies.npy"
# The energies at the start and the end of each cluster stand in pairs after the file's header of 128 bytes.
od -An -v -t f4 -w8 -j 128 "$out/energies.npy" | awk '
    { drift = ($2 - $1) / $1; if (drift < 0) drift = -drift; if (drift > most) most = drift; clusters++ }
    END {
        printf "\n  energy of %d clusters: largest drift %.1e of it\n", clusters, most
        if (clusters != 16 || most > 0.01) { print "  the energy was not kept" > "/dev/stderr"; exit 1 }
    }'

title "mandelbrot: 1024 x 768 points, up to 1000 iterations each"
everywhere mandelbrot --grid 64,48 --block 16,16 --arg zeros:u8:768x1024x3 --arg 1024 --arg 768 --arg -0.743643 \
    --arg 0.131825 --arg 0.004 --arg 1000 --out "picture=$out/mandelbrot.png"

title "scene: a picture by ray tracing, on the best device"
"$heddle" run "$out/scene.heddle" --grid 40,30 --block 16,16 --arg zeros:u8:480x640x3 --arg 640 --arg 480 \
    --out "picture=$out/scene.png"

title "blur and sobel: that picture filtered"
everywhere blur --kernel blur --grid 40,30 --block 16,16 --repeat 3 --arg "$out/scene.png" --arg zeros:u8:480x640x3 \
    --arg 640 --arg 480 --out "to=$out/blurred.png"
everywhere blur --kernel sobel --grid 40,30 --block 16,16 --repeat 3 --arg "$out/scene.png" --arg zeros:u8:480x640 \
    --arg 640 --arg 480 --out "to=$out/edges.png"

title "All devices agree. The pictures:"
for name in mandelbrot scene blurred edges; do
    printf '  %s\n' "$PWD/$out/$name.png"
done
