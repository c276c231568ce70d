// The functions of the device maths library, compiled for the host, each with its reference and with the
// error it may have: that of CUDA's documentation, as in the conformance suite.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/maths_reference.h"

namespace heddle::device_maths {

using conformance::Extended;

/// A function of one or two arguments of its type.
struct Function {
    std::string name;
    int arguments = 1;
    double low = -10, high = 10;          ///< where most random arguments lie
    double bound_f32 = 0, bound_f64 = 0;  ///< in units in the last place of the correctly rounded result
    std::function<Extended(Extended, Extended)> reference;
    std::function<float(float, float)> f32 = {};
    std::function<double(double, double)> f64 = {};  ///< empty: there is none
    /// Where the bounds hold, for a type of `digits` digits; everywhere when empty.
    std::function<bool(Extended x, Extended y, int digits)> holds = {};
    double absolute_f32 = 0, absolute_f64 = 0;  ///< bounds outside `holds`; 0: none
    double share = 1;                           ///< of the usual number of arguments, for slow references
};

/// Those that are held to a bound.
const std::vector<Function>& functions();

/// Those whose result is exact, against the C library.
const std::vector<Function>& exact_functions();

}  // namespace heddle::device_maths
