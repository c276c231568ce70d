// CUDA's mathematical functions for device code: declarations and small device functions over heddle.*
// intrinsics and LLVM's own. Included by heddle/device.h before anything else, so that <cmath>, included
// later, adds host overloads beside these instead of replacing them.
#pragma once

#include <heddle/keywords.h>

#define __HEDDLE_MATH static __inline__ __attribute__((always_inline, nodebug, device))

#include <heddle/math/functions.h>

#include <heddle/math/composed.h>
#include <heddle/math/intrinsics.h>
#include <heddle/math/rounding.h>
#include <heddle/math/std.h>

#undef __HEDDLE_MATH
