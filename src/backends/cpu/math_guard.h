// What keeps SLEEF's vector functions right where SLEEF 3.5.1 is not: the list of functions concerned, and
// for each the correction of its results. The functions with vectors in their signatures are in
// math_guarded_*.cpp, one file an instruction set, compiled for it: this header includes nothing, so that no
// inline function of the C++ library is compiled there for processors that others of its copies do not run
// on.
#pragma once

// X(function, SLEEF's accuracy)
#define HEDDLE_GUARDED_UNARY(X) \
    X(sinh, _u10)               \
    X(cosh, _u10)               \
    X(asinh, _u10)              \
    X(acosh, _u10)              \
    X(log1p, _u10)              \
    X(sinpi, _u05)              \
    X(cospi, _u05)              \
    X(tgamma, _u10)             \
    X(lgamma, _u10)
#define HEDDLE_GUARDED_BINARY(X) \
    X(fmod, _)                   \
    X(remainder, _)              \
    X(pow, _u10)

namespace heddle::cpu {

using MathAddress = void (*)();

/// Number of entries of each table below: every guarded function in both precisions.
inline constexpr unsigned guarded_functions = 24;

/// The functions of one instruction set, in the order of the lists above, f32 then f64 of each; null where
/// the architecture lacks it.
extern const MathAddress* const guarded_sse4;
extern const MathAddress* const guarded_avx2128;
extern const MathAddress* const guarded_avx2;
extern const MathAddress* const guarded_avx512f;
extern const MathAddress* const guarded_advsimd;

/// Put right what SLEEF gave for arguments, or as results, outside the interval where it is trusted.
#define HEDDLE_DECLARE_MEND(function, accuracy)                                    \
    void mend_##function(const float* x, float* results, unsigned lanes) noexcept; \
    void mend_##function(const double* x, double* results, unsigned lanes) noexcept;
#define HEDDLE_DECLARE_MEND_BINARY(function, accuracy)                                             \
    void mend_##function(const float* x, const float* y, float* results, unsigned lanes) noexcept; \
    void mend_##function(const double* x, const double* y, double* results, unsigned lanes) noexcept;
HEDDLE_GUARDED_UNARY(HEDDLE_DECLARE_MEND)
HEDDLE_GUARDED_BINARY(HEDDLE_DECLARE_MEND_BINARY)
#undef HEDDLE_DECLARE_MEND
#undef HEDDLE_DECLARE_MEND_BINARY

}  // namespace heddle::cpu

// Defines the guarded functions of one instruction set and their table. `f32`, `f64`: SLEEF's widths ("f8",
// "d4"). The arguments go to memory and back, because the correction is compiled for any processor.
#define HEDDLE_GUARD_UNARY_OF(function, accuracy, T, width, isa, bytes)                                    \
    typedef T function##width##isa##_vector __attribute__((vector_size(bytes)));                           \
    extern "C" function##width##isa##_vector Sleef_##function##width##accuracy##isa(                       \
        function##width##isa##_vector);                                                                    \
    static function##width##isa##_vector guarded_##function##width##isa(function##width##isa##_vector x) { \
        function##width##isa##_vector r = Sleef_##function##width##accuracy##isa(x);                       \
        heddle::cpu::mend_##function(reinterpret_cast<const T*>(&x), reinterpret_cast<T*>(&r),             \
                                     (bytes) / sizeof(T));                                                 \
        return r;                                                                                          \
    }
#define HEDDLE_GUARD_BINARY_OF(function, accuracy, T, width, isa, bytes)                                   \
    typedef T function##width##isa##_vector __attribute__((vector_size(bytes)));                           \
    extern "C" function##width##isa##_vector Sleef_##function##width##accuracy##isa(                       \
        function##width##isa##_vector, function##width##isa##_vector);                                     \
    static function##width##isa##_vector guarded_##function##width##isa(function##width##isa##_vector x,   \
                                                                        function##width##isa##_vector y) { \
        function##width##isa##_vector r = Sleef_##function##width##accuracy##isa(x, y);                    \
        heddle::cpu::mend_##function(reinterpret_cast<const T*>(&x), reinterpret_cast<const T*>(&y),       \
                                     reinterpret_cast<T*>(&r), (bytes) / sizeof(T));                       \
        return r;                                                                                          \
    }
#define HEDDLE_GUARD_TABLE(isa, definition_unary, definition_binary, address)             \
    HEDDLE_GUARDED_UNARY(definition_unary)                                                \
    HEDDLE_GUARDED_BINARY(definition_binary)                                              \
    static const heddle::cpu::MathAddress table_##isa[heddle::cpu::guarded_functions] = { \
        HEDDLE_GUARDED_UNARY(address) HEDDLE_GUARDED_BINARY(address)};                    \
    const heddle::cpu::MathAddress* const heddle::cpu::guarded_##isa = table_##isa;
