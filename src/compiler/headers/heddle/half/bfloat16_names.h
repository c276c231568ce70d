// The conversions and packings whose names contain "bfloat16".
#pragma once

__HEDDLE_ANY unsigned short __bfloat16_as_ushort(__nv_bfloat16 a) {
    return a.__bits();
}
__HEDDLE_ANY short __bfloat16_as_short(__nv_bfloat16 a) {
    return (short)a.__bits();
}
__HEDDLE_ANY __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) {
    return __nv_bfloat16::__of_bits(bits);
}
__HEDDLE_ANY __nv_bfloat16 __short_as_bfloat16(short bits) {
    return __nv_bfloat16::__of_bits((unsigned short)bits);
}

__HEDDLE_ANY __nv_bfloat16 __heddle_bfloat16(double x, __heddle_rounding mode) {
    const __nv_bfloat16 b(x);
    return mode == __heddle_rn
               ? b
               : __nv_bfloat16::__of_bits(__heddle_round16(b.__bits(), (double)b.__single(), x, mode));
}
__HEDDLE_ANY __nv_bfloat16 __heddle_bfloat16(float x, __heddle_rounding mode) {
    const __nv_bfloat16 b(x);
    return mode == __heddle_rn
               ? b
               : __nv_bfloat16::__of_bits(__heddle_round16(b.__bits(), b.__single(), x, mode));
}
__HEDDLE_ANY __nv_bfloat16 __float2bfloat16(float x) {
    return __nv_bfloat16(x);
}
__HEDDLE_ANY __nv_bfloat16 __double2bfloat16(double x) {
    return __nv_bfloat16(x);
}
__HEDDLE_ANY float __bfloat162float(__nv_bfloat16 a) {
    return a.__single();
}
#define __HEDDLE_FROM_FLOAT(name, I, mode)                       \
    __HEDDLE_ANY __nv_bfloat16 __##name##2bfloat16_##mode(I x) { \
        return __heddle_bfloat16(x, __heddle_##mode);            \
    }
#define __HEDDLE_FROM_INTEGER(name, I, mode)                               \
    __HEDDLE_ANY __nv_bfloat16 __##name##2bfloat16_##mode(I x) {           \
        return __heddle_bfloat16(__heddle_odd_double(x), __heddle_##mode); \
    }
#define __HEDDLE_TO_INTEGER(name, I, mode)                            \
    __HEDDLE_ANY I __bfloat162##name##_##mode(__nv_bfloat16 a) {      \
        return __heddle_to_integer<I>(a.__single(), __heddle_##mode); \
    }
#define __HEDDLE_MODES(X, name, I) X(name, I, rn) X(name, I, rz) X(name, I, ru) X(name, I, rd)
#define __HEDDLE_BOTH(name, I)                     \
    __HEDDLE_MODES(__HEDDLE_FROM_INTEGER, name, I) \
    __HEDDLE_MODES(__HEDDLE_TO_INTEGER, name, I)
__HEDDLE_MODES(__HEDDLE_FROM_FLOAT, float, float)
__HEDDLE_BOTH(int, int)
__HEDDLE_BOTH(uint, unsigned)
__HEDDLE_BOTH(short, short)
__HEDDLE_BOTH(ushort, unsigned short)
__HEDDLE_BOTH(ll, long long)
__HEDDLE_BOTH(ull, unsigned long long)
__HEDDLE_TO_INTEGER(char, signed char, rz)
__HEDDLE_TO_INTEGER(uchar, unsigned char, rz)
#undef __HEDDLE_FROM_FLOAT
#undef __HEDDLE_FROM_INTEGER
#undef __HEDDLE_TO_INTEGER
#undef __HEDDLE_MODES
#undef __HEDDLE_BOTH

__HEDDLE_ANY __nv_bfloat162 make_bfloat162(__nv_bfloat16 a, __nv_bfloat16 b) {
    return {a, b};
}
__HEDDLE_ANY __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 a, __nv_bfloat16 b) {
    return {a, b};
}
__HEDDLE_ANY __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 a) {
    return {a, a};
}
__HEDDLE_ANY __nv_bfloat16 __low2bfloat16(__nv_bfloat162 a) {
    return a.x;
}
__HEDDLE_ANY __nv_bfloat16 __high2bfloat16(__nv_bfloat162 a) {
    return a.y;
}
__HEDDLE_ANY __nv_bfloat162 __low2bfloat162(__nv_bfloat162 a) {
    return {a.x, a.x};
}
__HEDDLE_ANY __nv_bfloat162 __high2bfloat162(__nv_bfloat162 a) {
    return {a.y, a.y};
}
__HEDDLE_ANY __nv_bfloat162 __lows2bfloat162(__nv_bfloat162 a, __nv_bfloat162 b) {
    return {a.x, b.x};
}
__HEDDLE_ANY __nv_bfloat162 __highs2bfloat162(__nv_bfloat162 a, __nv_bfloat162 b) {
    return {a.y, b.y};
}
__HEDDLE_ANY float __low2float(__nv_bfloat162 a) {
    return a.x.__single();
}
__HEDDLE_ANY float __high2float(__nv_bfloat162 a) {
    return a.y.__single();
}
__HEDDLE_ANY __nv_bfloat162 __float2bfloat162_rn(float x) {
    return {__nv_bfloat16(x), __nv_bfloat16(x)};
}
__HEDDLE_ANY __nv_bfloat162 __floats2bfloat162_rn(float x, float y) {
    return {__nv_bfloat16(x), __nv_bfloat16(y)};
}
__HEDDLE_ANY __nv_bfloat162 __float22bfloat162_rn(float2 v) {
    return {__nv_bfloat16(v.x), __nv_bfloat16(v.y)};
}
__HEDDLE_ANY float2 __bfloat1622float2(__nv_bfloat162 a) {
    float2 v;
    v.x = a.x.__single(), v.y = a.y.__single();
    return v;
}
