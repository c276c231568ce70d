// CUDA's half precision: __half and __half2 (half, half2), their conversions, arithmetic, comparisons and
// functions.
#pragma once

#define __CUDA_FP16_TYPES_EXIST__

#include <heddle/device.h>

#include <heddle/half/half_type.h>

#include <heddle/half/half_names.h>
