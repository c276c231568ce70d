// CUDA's bfloat16: __nv_bfloat16 and __nv_bfloat162, their conversions, arithmetic, comparisons and
// functions. Stored as the upper half of a float; every operation is the float's, rounded once to nearest
// even.
#pragma once

#define __CUDA_BF16_TYPES_EXIST__

#include <heddle/device.h>

#include <cuda_fp16.h>

#include <heddle/half/bfloat16_type.h>

#include <heddle/half/bfloat16_names.h>
