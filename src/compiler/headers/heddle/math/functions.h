// The functions that are one intrinsic each: `name(float)`, `name(double)`, `namef(float)`, and the overloads
// for integers and mixed types that C++ asks for. Declarations with an assembler label cost the least to
// parse.
#pragma once

// The type of a function of integers or of mixed arithmetic types: double. None for equal floating types,
// which have overloads of their own. The templates below convert through it, so that Clang looks nothing up
// before they are used.
template <class R, bool>
struct __heddle_if {};
template <class R>
struct __heddle_if<R, true> {
    typedef R type;
};
template <class T>
struct __heddle_kind_of {
    enum { value = __is_integral(T) ? 1 : 0 };
};
template <>
struct __heddle_kind_of<float> {
    enum { value = 2 };
};
template <>
struct __heddle_kind_of<double> {
    enum { value = 4 };
};
template <class T>
constexpr int __heddle_kind = __heddle_kind_of<T>::value;
template <class T, class R = double>
using __heddle_whole = typename __heddle_if<R, __is_integral(T)>::type;
template <class T, class U, class R = double>
using __heddle_mixed = typename __heddle_if<R, __heddle_kind<T> && __heddle_kind<U> &&
                                                   (__heddle_kind<T> & __heddle_kind<U>) < 2>::type;

#define __HEDDLE_EXTERN __attribute__((device, const, nothrow))
#define __HEDDLE_OF_INTEGER(name)               \
    template <class T>                          \
    __HEDDLE_MATH __heddle_whole<T> name(T x) { \
        return name(__heddle_whole<T>(x));      \
    }
#define __HEDDLE_OF_MIXED(name)                                        \
    template <class T, class U>                                        \
    __HEDDLE_MATH __heddle_mixed<T, U> name(T x, U y) {                \
        return name(__heddle_mixed<T, U>(x), __heddle_mixed<T, U>(y)); \
    }
#define __HEDDLE_UNARY(name, single)                      \
    __HEDDLE_EXTERN float name##f(float) __asm__(single); \
    __HEDDLE_EXTERN float name(float) __asm__(single);    \
    __HEDDLE_EXTERN double name(double) __asm__("heddle." #name ".f64");
#define __HEDDLE_BINARY(name)                                                    \
    __HEDDLE_EXTERN float name##f(float, float) __asm__("heddle." #name ".f32"); \
    __HEDDLE_EXTERN float name(float, float) __asm__("heddle." #name ".f32");    \
    __HEDDLE_EXTERN double name(double, double) __asm__("heddle." #name ".f64");
#define __HEDDLE_UNARY_BUILTIN(name)       \
    __HEDDLE_MATH float name##f(float x) { \
        return __builtin_##name##f(x);     \
    }                                      \
    __HEDDLE_MATH float name(float x) {    \
        return __builtin_##name##f(x);     \
    }                                      \
    __HEDDLE_MATH double name(double x) {  \
        return __builtin_##name(x);        \
    }                                      \
    __HEDDLE_OF_INTEGER(name)
#define __HEDDLE_BINARY_BUILTIN(name)               \
    __HEDDLE_MATH float name##f(float x, float y) { \
        return __builtin_##name##f(x, y);           \
    }                                               \
    __HEDDLE_MATH float name(float x, float y) {    \
        return __builtin_##name##f(x, y);           \
    }                                               \
    __HEDDLE_MATH double name(double x, double y) { \
        return __builtin_##name(x, y);              \
    }                                               \
    __HEDDLE_OF_MIXED(name)

// With --use_fast_math these mean the fast intrinsics, as in nvcc.
#if defined(__FAST_MATH__) || defined(__CLANG_GPU_APPROX_TRANSCENDENTALS__)
#define __HEDDLE_UNARY_FAST(name) __HEDDLE_UNARY(name, "heddle.fast." #name ".f32")
#define __HEDDLE_POW "heddle.fast.pow.f32"
#else
#define __HEDDLE_UNARY_FAST(name) __HEDDLE_UNARY(name, "heddle." #name ".f32")
#define __HEDDLE_POW "heddle.pow.f32"
#endif
#define __HEDDLE_UNARY_EXACT(name) __HEDDLE_UNARY(name, "heddle." #name ".f32")
#define __HEDDLE_STANDARD_FAST(name) __HEDDLE_UNARY_FAST(name) __HEDDLE_OF_INTEGER(name)
#define __HEDDLE_STANDARD(name) __HEDDLE_UNARY_EXACT(name) __HEDDLE_OF_INTEGER(name)
#define __HEDDLE_STANDARD_BINARY(name) __HEDDLE_BINARY(name) __HEDDLE_OF_MIXED(name)

__HEDDLE_STANDARD_FAST(sin)
__HEDDLE_STANDARD_FAST(cos)
__HEDDLE_STANDARD_FAST(tan)
__HEDDLE_STANDARD_FAST(exp)
__HEDDLE_UNARY_FAST(exp10)
__HEDDLE_STANDARD_FAST(log)
__HEDDLE_STANDARD_FAST(log2)
__HEDDLE_STANDARD_FAST(log10)
__HEDDLE_STANDARD(asin)
__HEDDLE_STANDARD(acos)
__HEDDLE_STANDARD(atan)
__HEDDLE_STANDARD(sinh)
__HEDDLE_STANDARD(cosh)
__HEDDLE_STANDARD(tanh)
__HEDDLE_STANDARD(asinh)
__HEDDLE_STANDARD(acosh)
__HEDDLE_STANDARD(atanh)
__HEDDLE_UNARY_EXACT(sinpi)
__HEDDLE_UNARY_EXACT(cospi)
__HEDDLE_UNARY_EXACT(tanpi)
__HEDDLE_STANDARD(exp2)
__HEDDLE_STANDARD(expm1)
__HEDDLE_STANDARD(log1p)
__HEDDLE_STANDARD(cbrt)
__HEDDLE_UNARY_EXACT(rcbrt)
__HEDDLE_STANDARD(erf)
__HEDDLE_STANDARD(erfc)
__HEDDLE_UNARY_EXACT(erfinv)
__HEDDLE_UNARY_EXACT(erfcinv)
__HEDDLE_UNARY_EXACT(erfcx)
__HEDDLE_UNARY_EXACT(normcdf)
__HEDDLE_UNARY_EXACT(normcdfinv)
__HEDDLE_STANDARD(tgamma)
__HEDDLE_STANDARD(lgamma)
__HEDDLE_UNARY_EXACT(j0)
__HEDDLE_UNARY_EXACT(j1)
__HEDDLE_UNARY_EXACT(y0)
__HEDDLE_UNARY_EXACT(y1)
__HEDDLE_STANDARD(logb)
__HEDDLE_STANDARD_BINARY(atan2)
__HEDDLE_STANDARD_BINARY(hypot)
__HEDDLE_BINARY(rhypot)
__HEDDLE_STANDARD_BINARY(fmod)
__HEDDLE_STANDARD_BINARY(remainder)
__HEDDLE_STANDARD_BINARY(nextafter)
__HEDDLE_STANDARD_BINARY(fdim)

__HEDDLE_UNARY_BUILTIN(sqrt)
__HEDDLE_UNARY_BUILTIN(fabs)
__HEDDLE_UNARY_BUILTIN(floor)
__HEDDLE_UNARY_BUILTIN(ceil)
__HEDDLE_UNARY_BUILTIN(trunc)
__HEDDLE_UNARY_BUILTIN(round)
__HEDDLE_UNARY_BUILTIN(rint)
__HEDDLE_BINARY_BUILTIN(fmin)
__HEDDLE_BINARY_BUILTIN(fmax)
__HEDDLE_BINARY_BUILTIN(copysign)

// The rounding mode is always to nearest even, and there are no exceptions to raise: nearbyint is rint.
__HEDDLE_MATH float nearbyintf(float x) {
    return __builtin_rintf(x);
}
__HEDDLE_MATH float nearbyint(float x) {
    return __builtin_rintf(x);
}
__HEDDLE_MATH double nearbyint(double x) {
    return __builtin_rint(x);
}
__HEDDLE_OF_INTEGER(nearbyint)

__HEDDLE_MATH float fmaf(float x, float y, float z) {
    return __builtin_fmaf(x, y, z);
}
__HEDDLE_MATH float fma(float x, float y, float z) {
    return __builtin_fmaf(x, y, z);
}
__HEDDLE_MATH double fma(double x, double y, double z) {
    return __builtin_fma(x, y, z);
}
template <class T, class U, class V>
__HEDDLE_MATH
    typename __heddle_if<double, __heddle_kind<T> && __heddle_kind<U> && __heddle_kind<V> &&
                                     (__heddle_kind<T> & __heddle_kind<U> & __heddle_kind<V>) < 2>::type
    fma(T x, U y, V z) {
    return __builtin_fma(x, y, z);
}

__HEDDLE_MATH float abs(float x) {
    return __builtin_fabsf(x);
}
__HEDDLE_MATH double abs(double x) {
    return __builtin_fabs(x);
}

// Squares and cubes are the powers that kernels take most: exact enough as products, and much cheaper.
__HEDDLE_EXTERN float __heddle_pow(float, float) __asm__(__HEDDLE_POW);
__HEDDLE_EXTERN double __heddle_pow(double, double) __asm__("heddle.pow.f64");
__HEDDLE_MATH float powf(float x, float y) {
    if (__builtin_constant_p(y) && y == 2) return x * x;
    if (__builtin_constant_p(y) && y == 3) return x * x * x;
    return __heddle_pow(x, y);
}
__HEDDLE_MATH float pow(float x, float y) {
    return powf(x, y);
}
__HEDDLE_MATH double pow(double x, double y) {
    if (__builtin_constant_p(y) && y == 2) return x * x;
    if (__builtin_constant_p(y) && y == 3) return x * x * x;
    return __heddle_pow(x, y);
}
__HEDDLE_OF_MIXED(pow)
__HEDDLE_MATH float powif(float x, int n) {
    return powf(x, (float)n);
}
__HEDDLE_MATH double powi(double x, int n) {
    return pow(x, (double)n);
}

__HEDDLE_EXTERN float jnf(int, float) __asm__("heddle.jn.f32");
__HEDDLE_EXTERN float jn(int, float) __asm__("heddle.jn.f32");
__HEDDLE_EXTERN double jn(int, double) __asm__("heddle.jn.f64");
__HEDDLE_EXTERN float ynf(int, float) __asm__("heddle.yn.f32");
__HEDDLE_EXTERN float yn(int, float) __asm__("heddle.yn.f32");
__HEDDLE_EXTERN double yn(int, double) __asm__("heddle.yn.f64");
__HEDDLE_EXTERN float cyl_bessel_i0f(float) __asm__("heddle.i0.f32");
__HEDDLE_EXTERN float cyl_bessel_i0(float) __asm__("heddle.i0.f32");
__HEDDLE_EXTERN double cyl_bessel_i0(double) __asm__("heddle.i0.f64");
__HEDDLE_EXTERN float cyl_bessel_i1f(float) __asm__("heddle.i1.f32");
__HEDDLE_EXTERN float cyl_bessel_i1(float) __asm__("heddle.i1.f32");
__HEDDLE_EXTERN double cyl_bessel_i1(double) __asm__("heddle.i1.f64");

__HEDDLE_EXTERN float ldexpf(float, int) __asm__("heddle.ldexp.f32");
__HEDDLE_EXTERN float ldexp(float, int) __asm__("heddle.ldexp.f32");
__HEDDLE_EXTERN double ldexp(double, int) __asm__("heddle.ldexp.f64");
__HEDDLE_EXTERN float scalbnf(float, int) __asm__("heddle.ldexp.f32");
__HEDDLE_EXTERN float scalbn(float, int) __asm__("heddle.ldexp.f32");
__HEDDLE_EXTERN double scalbn(double, int) __asm__("heddle.ldexp.f64");
__HEDDLE_EXTERN int ilogbf(float) __asm__("heddle.ilogb.f32");
__HEDDLE_EXTERN int ilogb(float) __asm__("heddle.ilogb.f32");
__HEDDLE_EXTERN int ilogb(double) __asm__("heddle.ilogb.f64");
template <class T>
__HEDDLE_MATH __heddle_whole<T> ldexp(T x, int n) {
    return ldexp(__heddle_whole<T>(x), n);
}
template <class T>
__HEDDLE_MATH __heddle_whole<T> scalbn(T x, int n) {
    return ldexp(__heddle_whole<T>(x), n);
}
template <class T>
__HEDDLE_MATH __heddle_whole<T, int> ilogb(T x) {
    return ilogb(__heddle_whole<T>(x));
}
