// The operations on pairs H2: each is that of the single values, half by half. A base class template, whose
// friends are compiled only when they are called.
#pragma once

template <class H, class H2>
struct __heddle_pairs {
#define __HEDDLE_UNARY(pair, single) \
    __HEDDLE_FRIEND H2 pair(H2 a) { return {single(a.x), single(a.y)}; }
#define __HEDDLE_BINARY(pair, single) \
    __HEDDLE_FRIEND H2 pair(H2 a, H2 b) { return {single(a.x, b.x), single(a.y, b.y)}; }
#define __HEDDLE_TERNARY(pair, single) \
    __HEDDLE_FRIEND H2 pair(H2 a, H2 b, H2 c) { return {single(a.x, b.x, c.x), single(a.y, b.y, c.y)}; }
#define __HEDDLE_FUNCTION(name) \
    __HEDDLE_DEVICE_FRIEND H2 h2##name(H2 a) { return {h##name(a.x), h##name(a.y)}; }
    __HEDDLE_UNARY(__hneg2, __hneg)
    __HEDDLE_UNARY(__habs2, __habs)
    __HEDDLE_BINARY(__hadd2, __hadd)
    __HEDDLE_BINARY(__hsub2, __hsub)
    __HEDDLE_BINARY(__hmul2, __hmul)
    __HEDDLE_BINARY(__h2div, __hdiv)
    __HEDDLE_BINARY(__hadd2_rn, __hadd_rn)
    __HEDDLE_BINARY(__hsub2_rn, __hsub_rn)
    __HEDDLE_BINARY(__hmul2_rn, __hmul_rn)
    __HEDDLE_BINARY(__hadd2_sat, __hadd_sat)
    __HEDDLE_BINARY(__hsub2_sat, __hsub_sat)
    __HEDDLE_BINARY(__hmul2_sat, __hmul_sat)
    __HEDDLE_BINARY(__hmin2, __hmin)
    __HEDDLE_BINARY(__hmax2, __hmax)
    __HEDDLE_BINARY(__hmin2_nan, __hmin_nan)
    __HEDDLE_BINARY(__hmax2_nan, __hmax_nan)
    __HEDDLE_TERNARY(__hfma2, __hfma)
    __HEDDLE_TERNARY(__hfma2_sat, __hfma_sat)
    __HEDDLE_TERNARY(__hfma2_relu, __hfma_relu)
    __HEDDLE_FUNCTION(sin)
    __HEDDLE_FUNCTION(cos)
    __HEDDLE_FUNCTION(exp)
    __HEDDLE_FUNCTION(exp2)
    __HEDDLE_FUNCTION(exp10)
    __HEDDLE_FUNCTION(log)
    __HEDDLE_FUNCTION(log2)
    __HEDDLE_FUNCTION(log10)
    __HEDDLE_FUNCTION(tanh)
    __HEDDLE_FUNCTION(tanh_approx)
    __HEDDLE_FUNCTION(sqrt)
    __HEDDLE_FUNCTION(rsqrt)
    __HEDDLE_FUNCTION(rcp)
    __HEDDLE_FUNCTION(ceil)
    __HEDDLE_FUNCTION(floor)
    __HEDDLE_FUNCTION(rint)
    __HEDDLE_FUNCTION(trunc)
#undef __HEDDLE_UNARY
#undef __HEDDLE_BINARY
#undef __HEDDLE_TERNARY
#undef __HEDDLE_FUNCTION

    // Complex multiply-add: a * b + c with (real, imaginary) pairs.
    __HEDDLE_FRIEND H2 __hcmadd(H2 a, H2 b, H2 c) {
        return {__hfma(__hneg(a.y), b.y, __hfma(a.x, b.x, c.x)), __hfma(a.y, b.x, __hfma(a.x, b.y, c.y))};
    }

    // 1.0 or 0.0 in each half; all ones or zeros in each half; whether both are true.
#define __HEDDLE_COMPARE(name)                                                                  \
    __HEDDLE_FRIEND H2 __h##name##2(H2 a, H2 b) {                                               \
        return {H::__of_bits(__h##name(a.x, b.x) ? H::__one : 0),                               \
                H::__of_bits(__h##name(a.y, b.y) ? H::__one : 0)};                              \
    }                                                                                           \
    __HEDDLE_FRIEND unsigned __h##name##2_mask(H2 a, H2 b) {                                    \
        return (__h##name(a.x, b.x) ? 0xffffu : 0u) | (__h##name(a.y, b.y) ? 0xffff0000u : 0u); \
    }                                                                                           \
    __HEDDLE_FRIEND bool __hb##name##2(H2 a, H2 b) { return __h##name(a.x, b.x) && __h##name(a.y, b.y); }
    __HEDDLE_COMPARE(eq)
    __HEDDLE_COMPARE(ne)
    __HEDDLE_COMPARE(lt)
    __HEDDLE_COMPARE(le)
    __HEDDLE_COMPARE(gt)
    __HEDDLE_COMPARE(ge)
    __HEDDLE_COMPARE(equ)
    __HEDDLE_COMPARE(neu)
    __HEDDLE_COMPARE(ltu)
    __HEDDLE_COMPARE(leu)
    __HEDDLE_COMPARE(gtu)
    __HEDDLE_COMPARE(geu)
#undef __HEDDLE_COMPARE
    __HEDDLE_FRIEND H2 __hisnan2(H2 a) {
        return {H::__of_bits(__hisnan(a.x) ? H::__one : 0), H::__of_bits(__hisnan(a.y) ? H::__one : 0)};
    }

    __HEDDLE_FRIEND H2 operator+(const H2& a, const H2& b) { return __hadd2(a, b); }
    __HEDDLE_FRIEND H2 operator-(const H2& a, const H2& b) { return __hsub2(a, b); }
    __HEDDLE_FRIEND H2 operator*(const H2& a, const H2& b) { return __hmul2(a, b); }
    __HEDDLE_FRIEND H2 operator/(const H2& a, const H2& b) { return __h2div(a, b); }
    __HEDDLE_FRIEND H2& operator+=(H2& a, const H2& b) { return a = __hadd2(a, b); }
    __HEDDLE_FRIEND H2& operator-=(H2& a, const H2& b) { return a = __hsub2(a, b); }
    __HEDDLE_FRIEND H2& operator*=(H2& a, const H2& b) { return a = __hmul2(a, b); }
    __HEDDLE_FRIEND H2& operator/=(H2& a, const H2& b) { return a = __h2div(a, b); }
    __HEDDLE_FRIEND H2 operator+(const H2& a) { return a; }
    __HEDDLE_FRIEND H2 operator-(const H2& a) { return __hneg2(a); }
    __HEDDLE_FRIEND H2& operator++(H2& a) {
        ++a.x, ++a.y;
        return a;
    }
    __HEDDLE_FRIEND H2& operator--(H2& a) {
        --a.x, --a.y;
        return a;
    }
    __HEDDLE_FRIEND H2 operator++(H2& a, int) {
        const H2 before = a;
        ++a;
        return before;
    }
    __HEDDLE_FRIEND H2 operator--(H2& a, int) {
        const H2 before = a;
        --a;
        return before;
    }
    __HEDDLE_FRIEND bool operator==(const H2& a, const H2& b) { return __hbeq2(a, b); }
    __HEDDLE_FRIEND bool operator!=(const H2& a, const H2& b) { return __hbneu2(a, b); }
    __HEDDLE_FRIEND bool operator<(const H2& a, const H2& b) { return __hblt2(a, b); }
    __HEDDLE_FRIEND bool operator<=(const H2& a, const H2& b) { return __hble2(a, b); }
    __HEDDLE_FRIEND bool operator>(const H2& a, const H2& b) { return __hbgt2(a, b); }
    __HEDDLE_FRIEND bool operator>=(const H2& a, const H2& b) { return __hbge2(a, b); }

    __HEDDLE_FRIEND H2 __lowhigh2highlow(H2 a) { return {a.y, a.x}; }
};
