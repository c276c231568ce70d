// Functions of one value of the 16-bit type H: a base class template, whose friends are compiled only when
// they are called. Through float, which is accurate enough for one more rounding to give CUDA's documented
// error; roots and rounding to integers are exact.
#pragma once

template <class H>
struct __heddle_functions {
#define __HEDDLE_FUNCTION(name, function) \
    __HEDDLE_DEVICE_FRIEND H h##name(H a) { return H(function(a.__single())); }
    __HEDDLE_FUNCTION(sin, sinf)
    __HEDDLE_FUNCTION(cos, cosf)
    __HEDDLE_FUNCTION(exp, expf)
    __HEDDLE_FUNCTION(exp2, exp2f)
    __HEDDLE_FUNCTION(exp10, exp10f)
    __HEDDLE_FUNCTION(log, logf)
    __HEDDLE_FUNCTION(log2, log2f)
    __HEDDLE_FUNCTION(log10, log10f)
    __HEDDLE_FUNCTION(tanh, tanhf)
    __HEDDLE_FUNCTION(rsqrt, 1.0f / __builtin_sqrtf)
    __HEDDLE_FUNCTION(rcp, 1.0f /)
    __HEDDLE_FUNCTION(ceil, __builtin_ceilf)
    __HEDDLE_FUNCTION(floor, __builtin_floorf)
    __HEDDLE_FUNCTION(rint, __builtin_rintf)
    __HEDDLE_FUNCTION(trunc, __builtin_truncf)
#undef __HEDDLE_FUNCTION
    __HEDDLE_DEVICE_FRIEND H hsqrt(H a) { return H::__of(__heddle_sqrt(a.__value())); }
    __HEDDLE_DEVICE_FRIEND H htanh_approx(H a) { return htanh(a); }
};
