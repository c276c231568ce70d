// Compares a device's result with the reference's: integers exactly, floats within a tolerance.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "array.h"

namespace heddle::tool {

/// How two arrays of one type and shape differ.
struct Disagreement {
    std::size_t count = 0;         ///< elements out of tolerance
    std::size_t first = 0;         ///< linear index of the first of them
    std::string expected, actual;  ///< the values there
    std::size_t worst = 0;         ///< linear index of the largest error
    double worst_error = 0;        ///< |actual - expected| there, infinite where only one is finite
};

/// The tolerance that holds when the user gives none: 1e-5, but never finer than two units in the last place
/// of the type (2^-9 for f16, 2^-6 for bf16). 0 for integers.
double default_tolerance(DType type) noexcept;

/// Nothing when the arrays agree. Floats agree when
///     |actual - expected| <= tolerance * (|expected| + 0.1 * largest finite |expected| of the buffer),
/// so that elements left small by cancellation are not held to more digits than their neighbours had; two
/// NaNs agree, infinities agree with themselves alone. Without `tolerance`, default_tolerance() applies.
std::optional<Disagreement> compare(const Array& expected, const Array& actual,
                                    std::optional<double> tolerance);

}  // namespace heddle::tool
