// Errors in units in the last place of the exact result, in single or double precision.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace heddle::conformance {

/// Distance between neighbours of `exact` in T: that of the subnormals below the least normal number, that of
/// the largest binade above the greatest finite one.
template <class T>
long double ulp_of(long double exact) {
    using L = std::numeric_limits<T>;
    const int exponent = exact == 0 || !std::isfinite(exact)
                             ? L::min_exponent - 1
                             : std::clamp(std::ilogb(exact), L::min_exponent - 1, L::max_exponent - 1);
    return std::ldexp(1.0L, exponent - (L::digits - 1));
}

/// |got - exact| in ULP. 0 when both are NaN, or both the same infinity after rounding; infinite when only
/// one is.
template <class T>
double ulp_error(T got, long double exact) {
    if (std::isnan(got) || std::isnan(exact)) return std::isnan(got) && std::isnan(exact) ? 0 : INFINITY;
    const T rounded = static_cast<T>(exact);
    if (got == rounded && (std::isinf(got) || got == 0)) return 0;
    // an overflow is measured as if the next binade were there
    const long double beyond = std::ldexp(1.0L, std::numeric_limits<T>::max_exponent);
    if (std::isinf(exact)) return INFINITY;
    const long double value = std::isinf(got) ? std::copysign(beyond, static_cast<long double>(got))
                                              : static_cast<long double>(got);
    return static_cast<double>(std::fabs(value - exact) / ulp_of<T>(exact));
}

}  // namespace heddle::conformance
