// Arguments at which maths functions are compared: special values, and random ones of all magnitudes.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

namespace heddle::device_maths {

template <class T>
std::vector<T> special_values() {
    using L = std::numeric_limits<T>;
    std::vector<T> v{0,
                     L::denorm_min(),
                     L::min() / 2,
                     L::min(),
                     L::max(),
                     L::infinity(),
                     L::epsilon(),
                     T(1e-5),
                     T(0.25),
                     T(0.5),
                     T(0.70710678118654752),
                     T(0.69314718055994531),
                     T(1.41421356237309505),
                     T(1.5),
                     T(2.5),
                     T(88.72),
                     T(103.9),
                     T(709.78),
                     T(745.1),
                     T(1e4),
                     T(131072),
                     T(1e6),
                     T(1e9),
                     T(1073741824),
                     T(1e15),
                     T(1e22)};
    for (int k = 1; k < 12; ++k) v.push_back(static_cast<T>(k * 1.57079632679489661923L));
    for (int k = 1; k < 40; ++k) v.push_back(static_cast<T>(k));
    for (int e = -148; e < 128; e += 4) v.push_back(static_cast<T>(std::ldexp(1.0, e)));
    const std::size_t positive = v.size();
    for (std::size_t i = 0; i < positive; ++i) {
        v.push_back(std::nextafter(v[i], L::infinity()));
        v.push_back(std::nextafter(v[i], -L::infinity()));
    }
    const std::size_t unsigned_ones = v.size();
    for (std::size_t i = 0; i < unsigned_ones; ++i) v.push_back(-v[i]);
    v.push_back(L::quiet_NaN());
    return v;
}

template <class T>
T random_argument(std::mt19937_64& random, double low, double high) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    switch (random() % 8) {
        case 0: {
            const Bits bits = static_cast<Bits>(random());
            T value;
            std::memcpy(&value, &bits, sizeof value);
            return value;
        }
        case 1:
        case 2: {  // any magnitude of everyday sizes
            const T value = static_cast<T>(std::ldexp(1 + static_cast<double>(random() >> 11) * 0x1p-53,
                                                      static_cast<int>(random() % 80) - 40));
            return random() & 1 ? value : -value;
        }
        default:
            return static_cast<T>(std::uniform_real_distribution<double>(low, high)(random));
    }
}

}  // namespace heddle::device_maths
