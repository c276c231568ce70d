#!/usr/bin/env bash
# Runs clang-tidy 19 with the checks of .clang-tidy: scripts/tidy.sh BUILD_DIR [REGEX of paths]. Any finding fails.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:?usage: scripts/tidy.sh BUILD_DIR [REGEX]}
paths=${2:-"^$PWD/(src|tools|tests|bench|examples)/"}
run-clang-tidy-19 -quiet -p "$build" -j "$(nproc)" "$paths"
