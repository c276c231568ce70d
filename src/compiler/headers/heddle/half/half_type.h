// __half and __half2: storage, construction and the conversions that C++ makes by itself. A __half holds
// Clang's _Float16, so that its arithmetic is LLVM's half: one rounding an operation.
#pragma once

#include "rounding.h"

#include "arithmetic.h"
#include "comparisons.h"
#include "functions.h"
#include "pairs.h"
#include "sharing.h"

struct __half_raw {
    unsigned short x;
};
struct __attribute__((aligned(4))) __half2_raw {
    unsigned short x, y;
};

struct __attribute__((aligned(2))) __half : __heddle_arithmetic<__half>,
                                            __heddle_comparisons<__half>,
                                            __heddle_functions<__half>,
                                            __heddle_sharing<__half, unsigned short> {
    _Float16 __x;
    typedef _Float16 __calculation;  // what values are computed in

#define __HEDDLE_METHOD __inline__ __attribute__((always_inline, nodebug, host, device))
    __half() = default;
    // Values in, one rounding to nearest even.
    __HEDDLE_METHOD __half(float v) : __x((_Float16)v) {}
    __HEDDLE_METHOD __half(double v) : __x((_Float16)__heddle_odd_float(v)) {}
    __HEDDLE_METHOD __half(short v) : __x((_Float16)(float)v) {}
    __HEDDLE_METHOD __half(unsigned short v) : __x((_Float16)(float)v) {}
    __HEDDLE_METHOD __half(int v) : __x((_Float16)(float)v) {}
    __HEDDLE_METHOD __half(unsigned v) : __x((_Float16)(float)v) {}
    __HEDDLE_METHOD __half(long v) : __x((_Float16)(float)v) {}
    __HEDDLE_METHOD __half(unsigned long v) : __x((_Float16)(float)v) {}
    __HEDDLE_METHOD __half(long long v) : __x((_Float16)(float)v) {}
    __HEDDLE_METHOD __half(unsigned long long v) : __x((_Float16)(float)v) {}
    __HEDDLE_METHOD __half(const __half_raw& raw) : __x(__builtin_bit_cast(_Float16, raw.x)) {}

    __HEDDLE_METHOD _Float16 __value() const { return __x; }
    __HEDDLE_METHOD float __single() const { return (float)__x; }
    __HEDDLE_METHOD unsigned short __bits() const { return __builtin_bit_cast(unsigned short, __x); }
    static __HEDDLE_METHOD __half __of(_Float16 v) {
        __half h;
        h.__x = v;
        return h;
    }
    static __HEDDLE_METHOD __half __of_bits(unsigned short bits) {
        return __of(__builtin_bit_cast(_Float16, bits));
    }
    __HEDDLE_METHOD unsigned __word() const { return __bits(); }
    static __HEDDLE_METHOD __half __of_word(unsigned word) { return __of_bits((unsigned short)word); }
    static constexpr unsigned short __one = 0x3c00, __infinity = 0x7c00;

    __HEDDLE_METHOD operator float() const { return (float)__x; }
    __HEDDLE_METHOD operator __half_raw() const { return {__bits()}; }
    __HEDDLE_METHOD operator bool() const { return (__bits() & 0x7fff) != 0; }
    // Toward zero, saturating, NaN to 0.
    __HEDDLE_METHOD operator char() const { return __heddle_to_integer<char>((float)__x, __heddle_rz); }
    __HEDDLE_METHOD operator signed char() const {
        return __heddle_to_integer<signed char>((float)__x, __heddle_rz);
    }
    __HEDDLE_METHOD operator unsigned char() const {
        return __heddle_to_integer<unsigned char>((float)__x, __heddle_rz);
    }
    __HEDDLE_METHOD operator short() const { return __heddle_to_integer<short>((float)__x, __heddle_rz); }
    __HEDDLE_METHOD operator unsigned short() const {
        return __heddle_to_integer<unsigned short>((float)__x, __heddle_rz);
    }
    __HEDDLE_METHOD operator int() const { return __heddle_to_integer<int>((float)__x, __heddle_rz); }
    __HEDDLE_METHOD operator unsigned() const {
        return __heddle_to_integer<unsigned>((float)__x, __heddle_rz);
    }
    __HEDDLE_METHOD operator long() const { return __heddle_to_integer<long>((float)__x, __heddle_rz); }
    __HEDDLE_METHOD operator unsigned long() const {
        return __heddle_to_integer<unsigned long>((float)__x, __heddle_rz);
    }
    __HEDDLE_METHOD operator long long() const {
        return __heddle_to_integer<long long>((float)__x, __heddle_rz);
    }
    __HEDDLE_METHOD operator unsigned long long() const {
        return __heddle_to_integer<unsigned long long>((float)__x, __heddle_rz);
    }
};

struct __attribute__((aligned(4))) __half2 : __heddle_pairs<__half, __half2>,
                                             __heddle_sharing<__half2, unsigned> {
    __half x, y;
    __half2() = default;
    __HEDDLE_METHOD __half2(const __half& a, const __half& b) : x(a), y(b) {}
    __HEDDLE_METHOD __half2(const __half2_raw& raw)
        : x(__half::__of_bits(raw.x)), y(__half::__of_bits(raw.y)) {}
    __HEDDLE_METHOD operator __half2_raw() const { return {x.__bits(), y.__bits()}; }
    __HEDDLE_METHOD unsigned __word() const { return (unsigned)y.__bits() << 16 | x.__bits(); }
    static __HEDDLE_METHOD __half2 __of_word(unsigned word) {
        return __half2(__half::__of_bits((unsigned short)word),
                       __half::__of_bits((unsigned short)(word >> 16)));
    }
#undef __HEDDLE_METHOD
};

typedef __half half;
typedef __half2 half2;
typedef __half __nv_half;
typedef __half2 __nv_half2;
typedef __half nv_half;
typedef __half2 nv_half2;
typedef __half_raw __nv_half_raw;
typedef __half2_raw __nv_half2_raw;

#define CUDART_INF_FP16 __ushort_as_half((unsigned short)0x7c00u)
#define CUDART_NAN_FP16 __ushort_as_half((unsigned short)0x7fffu)
#define CUDART_MIN_DENORM_FP16 __ushort_as_half((unsigned short)0x0001u)
#define CUDART_MAX_NORMAL_FP16 __ushort_as_half((unsigned short)0x7bffu)
#define CUDART_NEG_ZERO_FP16 __ushort_as_half((unsigned short)0x8000u)
#define CUDART_ZERO_FP16 __ushort_as_half((unsigned short)0x0000u)
#define CUDART_ONE_FP16 __ushort_as_half((unsigned short)0x3c00u)
