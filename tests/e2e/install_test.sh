#!/usr/bin/env bash
# Installs Heddle into an empty folder, moves that folder, and builds and runs a user's programs against it: C++ through
# find_package, C through pkg-config, and the installed command.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${HEDDLE_BUILD_DIR:?HEDDLE_BUILD_DIR must name a build tree}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/staged" >"$work/install.log" || {
    cat "$work/install.log"
    exit 1
}
# What is installed must not know where it was built or installed.
mv "$work/staged" "$work/moved"
prefix=$work/moved
unset HEDDLE HEDDLE_COMPILER HEDDLE_SOURCE_DIR HEDDLE_BUILD_DIR
export HEDDLE_CACHE_DIR=$work/cache

library=$(dirname "$(find "$prefix" -name 'libheddle.so.0' | head -1)")
for file in bin/heddle libexec/heddle/heddle-probe include/heddle/heddle.h include/heddle/heddle.hpp include/heddle/version.h \
    share/doc/heddle/LICENSE share/doc/heddle/NOTICE share/bash-completion/completions/heddle \
    share/zsh/site-functions/_heddle; do
    if [[ ! -s $prefix/$file ]]; then
        echo "the installation lacks $file" >&2
        exit 1
    fi
done
bash -n "$prefix/share/bash-completion/completions/heddle"
for binary in "$prefix/bin/heddle" "$library"/libheddle.so.0 "$library"/libheddle-compiler.so; do
    if readelf -d "$binary" | grep -E 'R(UN)?PATH' | grep -F "$build"; then
        echo "$binary looks for libraries in the build tree" >&2
        exit 1
    fi
done
exported=$(nm -D --defined-only "$library/libheddle-compiler.so" | awk '{print $3}' | sed 's/@.*//' | xargs)
if [[ $exported != heddle_compiler_create ]]; then
    echo "libheddle-compiler.so exports '$exported'; it should export heddle_compiler_create alone" >&2
    exit 1
fi

# The command.
"$prefix/bin/heddle" --version
"$prefix/bin/heddle" devices
cat >"$work/scale.cu" <<'CUDA'
__global__ void scale(float* values, float factor, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) values[i] *= factor;
}
CUDA
"$prefix/bin/heddle" compile "$work/scale.cu" -o "$work/scale.heddle"

# C++: compiles at run time, with the compiler library that was installed.
cmake -S "$here/install" -B "$work/cpp" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release \
    >"$work/configure.log" || {
    cat "$work/configure.log"
    exit 1
}
cmake --build "$work/cpp"
"$work/cpp/consumer"

# C: runs the package that the command made; no compiler library is there.
export PKG_CONFIG_PATH=$library/pkgconfig
# shellcheck disable=SC2046
"${CC:-cc}" -std=c99 -pedantic -Wall -Wextra -Werror $(pkg-config --cflags heddle) "$here/install/consumer.c" \
    -o "$work/consumer" $(pkg-config --libs heddle) "-Wl,-rpath,$library"
mv "$library/libheddle-compiler.so" "$work/"
"$work/consumer" "$work/scale.heddle"
