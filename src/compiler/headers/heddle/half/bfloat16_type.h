// __nv_bfloat16 and __nv_bfloat162: storage, construction and the conversions that C++ makes by itself.
#pragma once

#include "half_type.h"
#include "rounding.h"

#include "arithmetic.h"
#include "comparisons.h"
#include "functions.h"
#include "pairs.h"
#include "sharing.h"

// To nearest even; every NaN becomes CUDA's 0x7fff.
__HEDDLE_ANY unsigned short __heddle_bfloat16_bits(float v) {
    const unsigned bits = __builtin_bit_cast(unsigned, v);
    return v != v ? 0x7fff : (unsigned short)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

struct __nv_bfloat16_raw {
    unsigned short x;
};
struct __attribute__((aligned(4))) __nv_bfloat162_raw {
    unsigned short x, y;
};

struct __attribute__((aligned(2))) __nv_bfloat16 : __heddle_arithmetic<__nv_bfloat16>,
                                                   __heddle_comparisons<__nv_bfloat16>,
                                                   __heddle_functions<__nv_bfloat16>,
                                                   __heddle_sharing<__nv_bfloat16, unsigned short> {
    unsigned short __x;
    typedef float __calculation;  // what values are computed in

#define __HEDDLE_METHOD __inline__ __attribute__((always_inline, nodebug, host, device))
    __nv_bfloat16() = default;
    // Values in, one rounding to nearest even.
    __HEDDLE_METHOD __nv_bfloat16(float v) : __x(__heddle_bfloat16_bits(v)) {}
    __HEDDLE_METHOD __nv_bfloat16(double v) : __x(__heddle_bfloat16_bits(__heddle_odd_float(v))) {}
    __HEDDLE_METHOD explicit __nv_bfloat16(const __half& v) : __x(__heddle_bfloat16_bits(v.__single())) {}
    __HEDDLE_METHOD __nv_bfloat16(short v) : __nv_bfloat16(__heddle_odd_double(v)) {}
    __HEDDLE_METHOD __nv_bfloat16(unsigned short v) : __nv_bfloat16(__heddle_odd_double(v)) {}
    __HEDDLE_METHOD __nv_bfloat16(int v) : __nv_bfloat16(__heddle_odd_double(v)) {}
    __HEDDLE_METHOD __nv_bfloat16(unsigned v) : __nv_bfloat16(__heddle_odd_double(v)) {}
    __HEDDLE_METHOD __nv_bfloat16(long v) : __nv_bfloat16(__heddle_odd_double(v)) {}
    __HEDDLE_METHOD __nv_bfloat16(unsigned long v) : __nv_bfloat16(__heddle_odd_double(v)) {}
    __HEDDLE_METHOD __nv_bfloat16(long long v) : __nv_bfloat16(__heddle_odd_double(v)) {}
    __HEDDLE_METHOD __nv_bfloat16(unsigned long long v) : __nv_bfloat16(__heddle_odd_double(v)) {}
    __HEDDLE_METHOD __nv_bfloat16(const __nv_bfloat16_raw& raw) : __x(raw.x) {}

    __HEDDLE_METHOD float __value() const { return __builtin_bit_cast(float, (unsigned)__x << 16); }
    __HEDDLE_METHOD float __single() const { return __value(); }
    __HEDDLE_METHOD unsigned short __bits() const { return __x; }
    static __HEDDLE_METHOD __nv_bfloat16 __of(float v) { return __nv_bfloat16(v); }
    static __HEDDLE_METHOD __nv_bfloat16 __of_bits(unsigned short bits) {
        __nv_bfloat16 b;
        b.__x = bits;
        return b;
    }
    __HEDDLE_METHOD unsigned __word() const { return __bits(); }
    static __HEDDLE_METHOD __nv_bfloat16 __of_word(unsigned word) { return __of_bits((unsigned short)word); }
    static constexpr unsigned short __one = 0x3f80, __infinity = 0x7f80;

    __HEDDLE_METHOD operator float() const { return __value(); }
    __HEDDLE_METHOD operator __nv_bfloat16_raw() const { return {__bits()}; }
    __HEDDLE_METHOD operator bool() const { return (__bits() & 0x7fff) != 0; }
    // Toward zero, saturating, NaN to 0.
    __HEDDLE_METHOD operator char() const { return __heddle_to_integer<char>(__value(), __heddle_rz); }
    __HEDDLE_METHOD operator signed char() const {
        return __heddle_to_integer<signed char>(__value(), __heddle_rz);
    }
    __HEDDLE_METHOD operator unsigned char() const {
        return __heddle_to_integer<unsigned char>(__value(), __heddle_rz);
    }
    __HEDDLE_METHOD operator short() const { return __heddle_to_integer<short>(__value(), __heddle_rz); }
    __HEDDLE_METHOD operator unsigned short() const {
        return __heddle_to_integer<unsigned short>(__value(), __heddle_rz);
    }
    __HEDDLE_METHOD operator int() const { return __heddle_to_integer<int>(__value(), __heddle_rz); }
    __HEDDLE_METHOD operator unsigned() const {
        return __heddle_to_integer<unsigned>(__value(), __heddle_rz);
    }
    __HEDDLE_METHOD operator long() const { return __heddle_to_integer<long>(__value(), __heddle_rz); }
    __HEDDLE_METHOD operator unsigned long() const {
        return __heddle_to_integer<unsigned long>(__value(), __heddle_rz);
    }
    __HEDDLE_METHOD operator long long() const {
        return __heddle_to_integer<long long>(__value(), __heddle_rz);
    }
    __HEDDLE_METHOD operator unsigned long long() const {
        return __heddle_to_integer<unsigned long long>(__value(), __heddle_rz);
    }
};

struct __attribute__((aligned(4))) __nv_bfloat162 : __heddle_pairs<__nv_bfloat16, __nv_bfloat162>,
                                                    __heddle_sharing<__nv_bfloat162, unsigned> {
    __nv_bfloat16 x, y;
    __nv_bfloat162() = default;
    __HEDDLE_METHOD __nv_bfloat162(const __nv_bfloat16& a, const __nv_bfloat16& b) : x(a), y(b) {}
    __HEDDLE_METHOD __nv_bfloat162(const __nv_bfloat162_raw& raw)
        : x(__nv_bfloat16::__of_bits(raw.x)), y(__nv_bfloat16::__of_bits(raw.y)) {}
    __HEDDLE_METHOD operator __nv_bfloat162_raw() const { return {x.__bits(), y.__bits()}; }
    __HEDDLE_METHOD unsigned __word() const { return (unsigned)y.__bits() << 16 | x.__bits(); }
    static __HEDDLE_METHOD __nv_bfloat162 __of_word(unsigned word) {
        return __nv_bfloat162(__nv_bfloat16::__of_bits((unsigned short)word),
                              __nv_bfloat16::__of_bits((unsigned short)(word >> 16)));
    }
#undef __HEDDLE_METHOD
};

typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

#define CUDART_INF_BF16 __ushort_as_bfloat16((unsigned short)0x7f80u)
#define CUDART_NAN_BF16 __ushort_as_bfloat16((unsigned short)0x7fffu)
#define CUDART_MIN_DENORM_BF16 __ushort_as_bfloat16((unsigned short)0x0001u)
#define CUDART_MAX_NORMAL_BF16 __ushort_as_bfloat16((unsigned short)0x7f7fu)
#define CUDART_NEG_ZERO_BF16 __ushort_as_bfloat16((unsigned short)0x8000u)
#define CUDART_ZERO_BF16 __ushort_as_bfloat16((unsigned short)0x0000u)
#define CUDART_ONE_BF16 __ushort_as_bfloat16((unsigned short)0x3f80u)
