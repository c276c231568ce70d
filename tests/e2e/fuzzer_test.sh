#!/usr/bin/env bash
# The fuzzer of kernels itself: a kernel that crashes, or that cannot be compiled, is the one finding of its batch, and
# all other kernels of the batch are compared.
set -euo pipefail
fuzz=${HEDDLE_BUILD_DIR:?HEDDLE_BUILD_DIR must name the build folder}/bin/heddle-fuzz
export REAL_CXX=${CXX:-c++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $1"
    cat "$work/output"
    exit 1
}

# Compilers that spoil the plain C++ of seed 3; the source is the argument that ends in .cpp.
cat >"$work/crashing" <<'SCRIPT'
#!/usr/bin/env bash
for argument in "$@"; do
    [[ $argument != *.cpp ]] || sed -i 's/^extern "C" void fuzz_3(.*{$/&\n__builtin_trap();/' "$argument"
done
exec "$REAL_CXX" "$@"
SCRIPT
cat >"$work/refusing" <<'SCRIPT'
#!/usr/bin/env bash
for argument in "$@"; do
    [[ $argument != *.cpp ]] || ! grep -q '^extern "C" void fuzz_3(' "$argument" || exit 1
done
exec "$REAL_CXX" "$@"
SCRIPT
chmod +x "$work/crashing" "$work/refusing"

for kind in crashing refusing; do
    status=0
    "$fuzz" --seed 1 --count 5 --batch 5 --jobs 2 --devices scalar --compiler "$work/$kind" \
        --findings "$work/$kind.findings" >"$work/output" 2>&1 || status=$?
    [[ $status -eq 1 ]] || fail "$kind: exit status $status instead of 1"
    [[ $(ls "$work/$kind.findings") == fuzz_3.cu ]] ||
        fail "$kind: the findings are $(ls "$work/$kind.findings" | tr '\n' ' '), not that of seed 3"
    grep -q '^5 kernels from seed 1 on scalar: 1 disagreements$' "$work/output" || fail "$kind: not all were compared"
done
head -n 1 "$work/crashing.findings/fuzz_3.cu" | grep -q '^// crashed (.*): plain C++, grid' ||
    fail "the crash is not told in the finding: $(head -n 1 "$work/crashing.findings/fuzz_3.cu")"
head -n 1 "$work/refusing.findings/fuzz_3.cu" | grep -q '^// while compiling: ' ||
    fail "the compiler's failure is not told in the finding: $(head -n 1 "$work/refusing.findings/fuzz_3.cu")"
echo "one finding each, the other kernels compared"
