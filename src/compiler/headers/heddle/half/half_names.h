// The conversions and packings whose names contain "half".
#pragma once

__HEDDLE_ANY unsigned short __half_as_ushort(__half a) {
    return a.__bits();
}
__HEDDLE_ANY short __half_as_short(__half a) {
    return (short)a.__bits();
}
__HEDDLE_ANY __half __ushort_as_half(unsigned short bits) {
    return __half::__of_bits(bits);
}
__HEDDLE_ANY __half __short_as_half(short bits) {
    return __half::__of_bits((unsigned short)bits);
}

__HEDDLE_ANY __half __heddle_half(float x, __heddle_rounding mode) {
    const __half h(x);
    return mode == __heddle_rn ? h : __half::__of_bits(__heddle_round16(h.__bits(), h.__single(), x, mode));
}
__HEDDLE_ANY __half __float2half(float x) {
    return __half(x);
}
__HEDDLE_ANY __half __double2half(double x) {
    return __half(x);
}
__HEDDLE_ANY float __half2float(__half a) {
    return a.__single();
}
#define __HEDDLE_FROM_INTEGER(name, I, mode)             \
    __HEDDLE_ANY __half __##name##2half_##mode(I x) {    \
        return __heddle_half((float)x, __heddle_##mode); \
    }
#define __HEDDLE_TO_INTEGER(name, I, mode)                            \
    __HEDDLE_ANY I __half2##name##_##mode(__half a) {                 \
        return __heddle_to_integer<I>(a.__single(), __heddle_##mode); \
    }
#define __HEDDLE_MODES(X, name, I) X(name, I, rn) X(name, I, rz) X(name, I, ru) X(name, I, rd)
#define __HEDDLE_BOTH(name, I)                     \
    __HEDDLE_MODES(__HEDDLE_FROM_INTEGER, name, I) \
    __HEDDLE_MODES(__HEDDLE_TO_INTEGER, name, I)
__HEDDLE_MODES(__HEDDLE_FROM_INTEGER, float, float)
__HEDDLE_BOTH(int, int)
__HEDDLE_BOTH(uint, unsigned)
__HEDDLE_BOTH(short, short)
__HEDDLE_BOTH(ushort, unsigned short)
__HEDDLE_BOTH(ll, long long)
__HEDDLE_BOTH(ull, unsigned long long)
__HEDDLE_TO_INTEGER(char, signed char, rz)
__HEDDLE_TO_INTEGER(uchar, unsigned char, rz)
#undef __HEDDLE_FROM_INTEGER
#undef __HEDDLE_TO_INTEGER
#undef __HEDDLE_MODES
#undef __HEDDLE_BOTH

__HEDDLE_ANY __half2 make_half2(__half a, __half b) {
    return {a, b};
}
__HEDDLE_ANY __half2 __halves2half2(__half a, __half b) {
    return {a, b};
}
__HEDDLE_ANY __half2 __half2half2(__half a) {
    return {a, a};
}
__HEDDLE_ANY __half __low2half(__half2 a) {
    return a.x;
}
__HEDDLE_ANY __half __high2half(__half2 a) {
    return a.y;
}
__HEDDLE_ANY __half2 __low2half2(__half2 a) {
    return {a.x, a.x};
}
__HEDDLE_ANY __half2 __high2half2(__half2 a) {
    return {a.y, a.y};
}
__HEDDLE_ANY __half2 __lows2half2(__half2 a, __half2 b) {
    return {a.x, b.x};
}
__HEDDLE_ANY __half2 __highs2half2(__half2 a, __half2 b) {
    return {a.y, b.y};
}
__HEDDLE_ANY float __low2float(__half2 a) {
    return a.x.__single();
}
__HEDDLE_ANY float __high2float(__half2 a) {
    return a.y.__single();
}
__HEDDLE_ANY __half2 __float2half2_rn(float x) {
    return {__half(x), __half(x)};
}
__HEDDLE_ANY __half2 __floats2half2_rn(float x, float y) {
    return {__half(x), __half(y)};
}
__HEDDLE_ANY __half2 __float22half2_rn(float2 v) {
    return {__half(v.x), __half(v.y)};
}
__HEDDLE_ANY float2 __half22float2(__half2 a) {
    float2 v;
    v.x = a.x.__single(), v.y = a.y.__single();
    return v;
}
