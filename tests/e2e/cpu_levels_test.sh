#!/usr/bin/env bash
# Code for every instruction set of the x86-64 family loads and computes the same where this machine has it: packages
# of one level each, with what older processors have no instruction for (fused multiplication, gathers, halves).
set -euo pipefail
heddle=${HEDDLE:?HEDDLE must name the command}
if [[ $(uname -m) != x86_64 ]]; then
    echo "SKIP: the levels of other processors than x86-64 are not several"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/levels.cu" <<'CUDA'
#include <cuda_fp16.h>
__global__ void levels(const float* x, const double* y, const int* index, float* out, double* wide, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const int at = index[i] & (n - 1);
    out[i] = __fmaf_rn(x[i], x[at], -x[i] * x[at]) + __half2float(__float2half(x[at])) + sinf(x[i]) + __popc(at);
    wide[i] = fma(y[i], y[at], -y[i] * y[at]) + rint(y[at] * 100) + __brevll(at) % 7;
}
CUDA
covered=0
for level in x86-64-v2 x86-64-v3 x86-64-v4; do
    "$heddle" compile "$work/levels.cu" --targets "simd:$level,scalar:$level" -o "$work/$level.heddle" >/dev/null
    status=0
    "$heddle" run "$work/$level.heddle" --grid 5 --block 100 --arg rand:f32:512 --arg rand:f64:512 --arg rand:i32:512 \
        --arg zeros:f32:512 --arg zeros:f64:512 --arg 512 --device cpu:0,scalar:0 --tolerance 1e-6 \
        >"$work/output" 2>&1 || status=$?
    if [[ $status -ne 0 && $level != x86-64-v2 ]] && ! grep -qw avx2 /proc/cpuinfo; then continue; fi
    if [[ $status -ne 0 && $level == x86-64-v4 ]] && ! grep -qw avx512vl /proc/cpuinfo; then continue; fi
    if [[ $status -ne 0 ]]; then
        echo "FAILED: code for $level:"
        cat "$work/output"
        exit 1
    fi
    covered=$((covered + 1))
done
echo "$covered levels run here"
