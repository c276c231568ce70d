// Element-wise comparison of results, see compare.h.
#include "compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace heddle::tool {

namespace {

/// Share of the buffer's largest magnitude that every element's tolerance gets on top of its own.
constexpr double cancellation_share = 0.1;

double largest_finite(const Array& array) noexcept {
    double largest = 0;
    for (std::size_t i = 0; i < array.count(); ++i) {
        const double magnitude = std::fabs(element_as_double(array, i));
        if (std::isfinite(magnitude)) largest = std::max(largest, magnitude);
    }
    return largest;
}

/// 0 where two floats count as equal without a tolerance; infinite where no tolerance can help.
double float_error(double expected, double actual) noexcept {
    if (std::isnan(expected) || std::isnan(actual))
        return std::isnan(expected) && std::isnan(actual) ? 0 : std::numeric_limits<double>::infinity();
    if (expected == actual) return 0;
    return std::fabs(actual - expected);
}

}  // namespace

double default_tolerance(DType type) noexcept {
    switch (type) {
        case DType::f16:
            return 0x1p-9;
        case DType::bf16:
            return 0x1p-6;
        case DType::f32:
        case DType::f64:
            return 1e-5;
        default:
            return 0;
    }
}

std::optional<Disagreement> compare(const Array& expected, const Array& actual,
                                    std::optional<double> tolerance) {
    // Equal bits agree whatever the type, and that is the common case.
    if (expected.data == actual.data) return std::nullopt;

    const std::size_t width = size_of(expected.type);
    const bool floating = is_floating(expected.type);
    const double relative = floating ? tolerance.value_or(default_tolerance(expected.type)) : 0;
    const double floor = floating ? relative * cancellation_share * largest_finite(expected) : 0;

    Disagreement found;
    for (std::size_t i = 0; i < expected.count(); ++i) {
        if (std::memcmp(&expected.data[i * width], &actual.data[i * width], width) == 0) continue;
        const double reference = element_as_double(expected, i);
        const double error = floating ? float_error(reference, element_as_double(actual, i))
                                      : std::fabs(element_as_double(actual, i) - reference);
        if (floating &&
            (error == 0 || (std::isfinite(error) && error <= relative * std::fabs(reference) + floor)))
            continue;
        if (found.count++ == 0) {
            found.first = found.worst = i;
            found.worst_error = error;
        } else if (error > found.worst_error) {
            found.worst = i;
            found.worst_error = error;
        }
    }
    if (found.count == 0) return std::nullopt;
    found.expected = element_text(expected, found.first);
    found.actual = element_text(actual, found.first);
    return found;
}

}  // namespace heddle::tool
