#!/usr/bin/env bash
# Formats every source of ours with clang-format 19; with --check changes nothing and fails where something would.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(-i)
[[ ${1:-} != --check ]] || mode=(--dry-run --Werror)
find include src tools tests bench examples -type f \
    \( -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' \) -print0 |
    xargs -0 -r -n 40 clang-format-19 "${mode[@]}"
