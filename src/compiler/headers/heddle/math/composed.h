// Functions that are short device code over the intrinsics of functions.h: classification, rounding to
// integers, decomposition, norms.
#pragma once

// ---- classification
__HEDDLE_MATH bool isnan(float x) {
    return x != x;
}
__HEDDLE_MATH bool isnan(double x) {
    return x != x;
}
__HEDDLE_MATH bool isinf(float x) {
    return __builtin_fabsf(x) == __builtin_inff();
}
__HEDDLE_MATH bool isinf(double x) {
    return __builtin_fabs(x) == __builtin_inf();
}
__HEDDLE_MATH bool isfinite(float x) {
    return __builtin_fabsf(x) < __builtin_inff();
}
__HEDDLE_MATH bool isfinite(double x) {
    return __builtin_fabs(x) < __builtin_inf();
}
__HEDDLE_MATH bool isnormal(float x) {
    return (__builtin_bit_cast(unsigned, x) >> 23) * 2 % 512 - 2 < 508u;
}
__HEDDLE_MATH bool isnormal(double x) {
    return (unsigned)(__builtin_bit_cast(unsigned long, x) >> 52) * 2 % 4096 - 2 < 4092u;
}
__HEDDLE_MATH bool signbit(float x) {
    return __builtin_bit_cast(int, x) < 0;
}
__HEDDLE_MATH bool signbit(double x) {
    return __builtin_bit_cast(long, x) < 0;
}
// The values are those of glibc's FP_NAN, FP_INFINITE, FP_ZERO, FP_SUBNORMAL, FP_NORMAL.
__HEDDLE_MATH int __heddle_class(unsigned long magnitude, unsigned long infinity, unsigned long least) {
    return magnitude > infinity    ? 0
           : magnitude == infinity ? 1
           : magnitude == 0        ? 2
           : magnitude < least     ? 3
                                   : 4;
}
__HEDDLE_MATH int fpclassify(float x) {
    return __heddle_class(__builtin_bit_cast(unsigned, x) & 0x7fffffff, 0x7f800000, 0x00800000);
}
__HEDDLE_MATH int fpclassify(double x) {
    return __heddle_class(__builtin_bit_cast(unsigned long, x) << 1 >> 1, 0x7fful << 52, 1ul << 52);
}
#define __HEDDLE_CLASSIFY(name)                       \
    template <class T>                                \
    __HEDDLE_MATH __heddle_whole<T, bool> name(T x) { \
        return name(__heddle_whole<T>(x));            \
    }
__HEDDLE_CLASSIFY(isnan)
__HEDDLE_CLASSIFY(isinf)
__HEDDLE_CLASSIFY(isfinite)
__HEDDLE_CLASSIFY(isnormal)
__HEDDLE_CLASSIFY(signbit)
#undef __HEDDLE_CLASSIFY
#define __HEDDLE_COMPARE(name, expression) \
    template <class T, class U>            \
    __HEDDLE_MATH bool name(T x, U y) {    \
        return expression;                 \
    }
__HEDDLE_COMPARE(isgreater, x > y)
__HEDDLE_COMPARE(isgreaterequal, x >= y)
__HEDDLE_COMPARE(isless, x < y)
__HEDDLE_COMPARE(islessequal, x <= y)
__HEDDLE_COMPARE(islessgreater, x<y || x> y)
__HEDDLE_COMPARE(isunordered, x != x || y != y)
#undef __HEDDLE_COMPARE
__HEDDLE_MATH float nanf(const char*) {
    return __builtin_nanf("");
}
__HEDDLE_MATH double nan(const char*) {
    return __builtin_nan("");
}

// ---- rounding to integers
#define __HEDDLE_TO_INTEGER(name, result, round)        \
    __HEDDLE_MATH result name##f(float x) {             \
        return (result)__builtin_##round##f(x);         \
    }                                                   \
    __HEDDLE_MATH result name(float x) {                \
        return (result)__builtin_##round##f(x);         \
    }                                                   \
    __HEDDLE_MATH result name(double x) {               \
        return (result)__builtin_##round(x);            \
    }                                                   \
    template <class T>                                  \
    __HEDDLE_MATH __heddle_whole<T, result> name(T x) { \
        return x;                                       \
    }
__HEDDLE_TO_INTEGER(lrint, long, rint)
__HEDDLE_TO_INTEGER(llrint, long long, rint)
__HEDDLE_TO_INTEGER(lround, long, round)
__HEDDLE_TO_INTEGER(llround, long long, round)
#undef __HEDDLE_TO_INTEGER

// ---- the smaller, the greater: of a number and NaN the number
// For host and device: one function, because host code beside kernels calls min and max without std.
#define __HEDDLE_EXTREME(name, function)                   \
    __HEDDLE_HOST_DEVICE float name(float x, float y) {    \
        return function##f(x, y);                          \
    }                                                      \
    __HEDDLE_HOST_DEVICE double name(double x, double y) { \
        return function(x, y);                             \
    }                                                      \
    __HEDDLE_HOST_DEVICE double name(float x, double y) {  \
        return function((double)x, y);                     \
    }                                                      \
    __HEDDLE_HOST_DEVICE double name(double x, float y) {  \
        return function(x, (double)y);                     \
    }
__HEDDLE_EXTREME(min, __builtin_fmin)
__HEDDLE_EXTREME(max, __builtin_fmax)
#undef __HEDDLE_EXTREME

// ---- roots
// The quotient may be inexact by a unit in the last place: GPUs have an instruction for it.
__HEDDLE_MATH float rsqrtf(float x) {
#pragma clang fp reciprocal(on)
    return 1.0f / __builtin_sqrtf(x);
}
__HEDDLE_MATH float rsqrt(float x) {
    return rsqrtf(x);
}
// The quotient's error, at most 1.5 ULP, is made good by one Newton step, computed with what its products
// lose.
__HEDDLE_MATH double rsqrt(double x) {
    const double y = 1.0 / __builtin_sqrt(x);
    const double square = x * y, lost = fma(x, y, -square);
    const double error = fma(-lost, y, fma(-square, y, 1.0));
    const double better = fma(0.5 * y, error, y);
    return better == better ? better : y;
}

// ---- two results
__HEDDLE_MATH void sincosf(float x, float* s, float* c) {
    *s = sinf(x), *c = cosf(x);
}
__HEDDLE_MATH void sincos(float x, float* s, float* c) {
    *s = sinf(x), *c = cosf(x);
}
__HEDDLE_MATH void sincos(double x, double* s, double* c) {
    *s = sin(x), *c = cos(x);
}
__HEDDLE_MATH void sincospif(float x, float* s, float* c) {
    *s = sinpif(x), *c = cospif(x);
}
__HEDDLE_MATH void sincospi(float x, float* s, float* c) {
    *s = sinpif(x), *c = cospif(x);
}
__HEDDLE_MATH void sincospi(double x, double* s, double* c) {
    *s = sinpi(x), *c = cospi(x);
}

__HEDDLE_MATH float modff(float x, float* whole) {
    const float w = *whole = __builtin_truncf(x);
    return __builtin_copysignf(isinf(x) ? 0.0f : x - w, x);
}
__HEDDLE_MATH float modf(float x, float* whole) {
    return modff(x, whole);
}
__HEDDLE_MATH double modf(double x, double* whole) {
    const double w = *whole = __builtin_trunc(x);
    return __builtin_copysign(isinf(x) ? 0.0 : x - w, x);
}

__HEDDLE_MATH float frexpf(float x, int* exponent) {
    const bool tiny = __builtin_fabsf(x) < 0x1p-126f;
    const unsigned bits = __builtin_bit_cast(unsigned, tiny ? x * 0x1p25f : x);
    const int e = (int)(bits >> 23 & 255);
    const bool as_it_is = x == 0 || e == 255;
    *exponent = as_it_is ? 0 : e - (tiny ? 151 : 126);
    return as_it_is ? x : __builtin_bit_cast(float, (bits & 0x807fffffu) | 0x3f000000u);
}
__HEDDLE_MATH float frexp(float x, int* exponent) {
    return frexpf(x, exponent);
}
__HEDDLE_MATH double frexp(double x, int* exponent) {
    const bool tiny = __builtin_fabs(x) < 0x1p-1022;
    const unsigned long bits = __builtin_bit_cast(unsigned long, tiny ? x * 0x1p54 : x);
    const int e = (int)(bits >> 52 & 2047);
    const bool as_it_is = x == 0 || e == 2047;
    *exponent = as_it_is ? 0 : e - (tiny ? 1076 : 1022);
    return as_it_is ? x : __builtin_bit_cast(double, (bits & 0x800fffffffffffffull) | 0x3fe0000000000000ull);
}
template <class T>
__HEDDLE_MATH __heddle_whole<T> frexp(T x, int* exponent) {
    return frexp(__heddle_whole<T>(x), exponent);
}

__HEDDLE_MATH int __heddle_clamp_exponent(long n) {
    return n > 100000 ? 100000 : n < -100000 ? -100000 : (int)n;
}
__HEDDLE_MATH float scalblnf(float x, long n) {
    return ldexpf(x, __heddle_clamp_exponent(n));
}
__HEDDLE_MATH float scalbln(float x, long n) {
    return ldexpf(x, __heddle_clamp_exponent(n));
}
__HEDDLE_MATH double scalbln(double x, long n) {
    return ldexp(x, __heddle_clamp_exponent(n));
}

// The remainder, and the low three bits of the quotient with its sign: long division over the last three bits
// after fmod by 8 y. Products with y that overflow are greater than any x and so change nothing.
__HEDDLE_MATH double remquo(double x, double y, int* quotient) {
    const double a = __builtin_fabs(x), b = __builtin_fabs(y);
    *quotient = 0;
    if (!(a < __builtin_inf() && b > 0)) return (x * y) / (x * y);
    double rest = isfinite(8 * b) ? fmod(a, 8 * b) : a;
    int q = 0;
    if (rest >= 4 * b) rest -= 4 * b, q = 4;
    if (rest >= 2 * b) rest -= 2 * b, q += 2;
    if (rest >= b) rest -= b, q += 1;
    const double left = b - rest;
    if (rest > left || (rest == left && (q & 1))) rest -= b, q += 1;
    q &= 7;
    *quotient = signbit(x) != signbit(y) ? -q : q;
    return signbit(x) ? -rest : rest;
}
// Exact in double, as the result is a float.
__HEDDLE_MATH float remquof(float x, float y, int* quotient) {
    return (float)remquo((double)x, (double)y, quotient);
}
__HEDDLE_MATH float remquo(float x, float y, int* quotient) {
    return (float)remquo((double)x, (double)y, quotient);
}

// ---- norms: a power of two keeps the squares within range, so that scaling costs no accuracy
__HEDDLE_MATH float __heddle_norm_scale(float m) {
    return m > 0x1p+60f ? 0x1p-68f : m < 0x1p-50f ? 0x1p+75f : 1.0f;
}
__HEDDLE_MATH double __heddle_norm_scale(double m) {
    return m > 0x1p+500 ? 0x1p-520 : m < 0x1p-450 ? 0x1p+560 : 1.0;
}
// The sum of squares, its root and the root's reciprocal. The sum carries its error along: a reciprocal, and
// in double a root, is corrected by it and then is within one unit in the last place.
#define __HEDDLE_NORM_SUM(T, Sum)                                                                        \
    struct Sum {                                                                                         \
        T high, low;                                                                                     \
    };                                                                                                   \
    __HEDDLE_MATH Sum __heddle_norm_add(Sum sum, T v) {                                                  \
        _Pragma("clang fp contract(off)") const T square = v * v, rest = fma(v, v, -square);             \
        const T high = sum.high + square, part = high - sum.high;                                        \
        const T error = (sum.high - (high - part)) + (square - part);                                    \
        return {high, sum.low + (rest + error)};                                                         \
    }                                                                                                    \
    /* The root of `sum` less `root`, its rounded root, which is not zero. */                            \
    __HEDDLE_MATH T __heddle_norm_rest(Sum sum, T root) {                                                \
        _Pragma("clang fp contract(off)") return (fma(-root, root, sum.high) + sum.low) / (root + root); \
    }                                                                                                    \
    /* One Newton step from the rounded reciprocal. */                                                   \
    __HEDDLE_MATH T __heddle_norm_inverse(Sum sum) {                                                     \
        const T root = sqrt(sum.high), inverse = 1 / root;                                               \
        if (!(root > 0)) return inverse;                                                                 \
        const T error = fma(-inverse, __heddle_norm_rest(sum, root), fma(-inverse, root, (T)1));         \
        return fma(inverse, error, inverse);                                                             \
    }
__HEDDLE_NORM_SUM(float, __heddle_norm_sumf)
__HEDDLE_NORM_SUM(double, __heddle_norm_sum)
#undef __HEDDLE_NORM_SUM
__HEDDLE_MATH float __heddle_norm_root(__heddle_norm_sumf sum) {
    return sqrt(sum.high);
}
__HEDDLE_MATH double __heddle_norm_root(__heddle_norm_sum sum) {
    const double root = sqrt(sum.high);
    return root > 0 ? root + __heddle_norm_rest(sum, root) : root;
}
// Overloads, not templates: a template used by an inline function is instantiated even where nobody calls it.
#define __HEDDLE_NORMS(T, Sum, suffix)                                                                       \
    __HEDDLE_MATH Sum __heddle_norm4(T a, T b, T c, T d, T* greatest, T* scale) {                            \
        *greatest = fmax(fmax(fabs(a), fabs(b)), fmax(fabs(c), fabs(d)));                                    \
        const T s = *scale = __heddle_norm_scale(*greatest);                                                 \
        const Sum two = __heddle_norm_add(__heddle_norm_add(Sum{}, a * s), b * s);                           \
        return __heddle_norm_add(__heddle_norm_add(two, c * s), d * s);                                      \
    }                                                                                                        \
    __HEDDLE_MATH Sum __heddle_norm_of(int n, const T* v, T* greatest, T* scale) {                           \
        Sum sum{};                                                                                           \
        *greatest = 0;                                                                                       \
        for (int i = 0; i < n; ++i) *greatest = fmax(*greatest, fabs(v[i]));                                 \
        const T s = *scale = __heddle_norm_scale(*greatest);                                                 \
        for (int i = 0; i < n; ++i) sum = __heddle_norm_add(sum, v[i] * s);                                  \
        return sum;                                                                                          \
    }                                                                                                        \
    __HEDDLE_NORM(T, Sum, norm3d##suffix, (T a, T b, T c), __heddle_norm4(a, b, c, (T)0, &greatest, &scale)) \
    __HEDDLE_NORM(T, Sum, norm4d##suffix, (T a, T b, T c, T d),                                              \
                  __heddle_norm4(a, b, c, d, &greatest, &scale))                                             \
    __HEDDLE_NORM(T, Sum, norm##suffix, (int n, const T* v), __heddle_norm_of(n, v, &greatest, &scale))
#define __HEDDLE_NORM(T, Sum, name, parameters, value)                       \
    __HEDDLE_MATH T name parameters {                                        \
        T greatest, scale;                                                   \
        const Sum sum = value;                                               \
        return isinf(greatest) ? greatest : __heddle_norm_root(sum) / scale; \
    }                                                                        \
    __HEDDLE_MATH T r##name parameters {                                     \
        T greatest, scale;                                                   \
        const Sum sum = value;                                               \
        return isinf(greatest) ? (T)0 : __heddle_norm_inverse(sum) * scale;  \
    }
__HEDDLE_NORMS(float, __heddle_norm_sumf, f)
__HEDDLE_NORMS(double, __heddle_norm_sum, )
#undef __HEDDLE_NORM
#undef __HEDDLE_NORMS
