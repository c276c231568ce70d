// The device language: keywords, vector types, threadIdx, intrinsics, maths, and the run-time API's
// declarations. No name is declared once for the host and once for the device here, because a precompiled
// header would take the two for one.
#pragma once

#include <heddle/atomics.h>
#include <heddle/convert.h>
#include <heddle/index.h>
#include <heddle/integer.h>
#include <heddle/keywords.h>
#include <heddle/math.h>
#include <heddle/memory.h>
#include <heddle/packed.h>
#include <heddle/runtime_api.h>
#include <heddle/system.h>
#include <heddle/unsupported.h>
#include <heddle/vectors.h>
#include <heddle/warp.h>
