// Float to integer as CUDA converts it: saturating, NaN gives 0.
#pragma once

#include <cmath>
#include <limits>

namespace heddle::conformance {

/// `x` has been rounded to an integer already.
template <class To, class From>
To saturated(From x) {
    if (std::isnan(x)) return 0;
    const long double value = static_cast<long double>(x);
    if (value <= static_cast<long double>(std::numeric_limits<To>::min()))
        return std::numeric_limits<To>::min();
    if (value >= static_cast<long double>(std::numeric_limits<To>::max()))
        return std::numeric_limits<To>::max();
    return static_cast<To>(x);
}

}  // namespace heddle::conformance
