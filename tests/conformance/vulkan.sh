#!/usr/bin/env bash
# The conformance suite on one Vulkan driver: vulkan.sh EXECUTABLE ICD... takes the first ICD file that exists. Exit
# status 77 is a skip: the driver is not installed.
set -euo pipefail

executable=$1
shift
for file in "$@"; do
    [[ -f $file ]] || continue
    export VK_ICD_FILENAMES=$file VK_DRIVER_FILES=$file
    # What a GPU without this would wait for for ever fails instead.
    export HEDDLE_TIMEOUT_MS=${HEDDLE_TIMEOUT_MS:-120000}
    exec "$executable" --devices vulkan:0 --gtest_brief=1
done
echo "SKIP: no Vulkan driver at $*"
exit 77
