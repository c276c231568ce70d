// Comparing arrays element by element and printing their values: integers and structures by bits, floating
// values by bits too, except that any NaN equals any other.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

namespace heddle::conformance {

/// How far two arrays differ; `count` is 0 when they do not.
struct Mismatch {
    std::size_t count = 0, index = 0;
    std::string text;
};

/// A value as failure messages show it: shortest exact decimal, and the bits of floating values.
template <class T>
std::string shown(const T& value) {
    if constexpr (std::is_same_v<T, float>) {
        std::uint32_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        return fmt::format("{} (0x{:08x})", value, bits);
    } else if constexpr (std::is_same_v<T, double>) {
        std::uint64_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        return fmt::format("{} (0x{:016x})", value, bits);
    } else if constexpr (std::is_integral_v<T> && sizeof(T) == 1) {
        return fmt::format("{}", static_cast<int>(value));
    } else if constexpr (std::is_integral_v<T>) {
        return fmt::format("{0} (0x{1:x})", value, static_cast<std::make_unsigned_t<T>>(value));
    } else {
        const auto* bytes = reinterpret_cast<const unsigned char*>(&value);
        std::string text = "bytes";
        for (std::size_t i = 0; i < std::min<std::size_t>(sizeof(T), 32); ++i)
            text += fmt::format(" {:02x}", bytes[i]);
        return text;
    }
}

template <class T>
bool same(const T& a, const T& b) {
    if constexpr (std::is_floating_point_v<T>) {
        if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    }
    return std::memcmp(&a, &b, sizeof(T)) == 0;
}

template <class T>
Mismatch first_mismatch(const std::vector<T>& got, const std::vector<T>& want) {
    Mismatch m;
    if (got.size() != want.size()) {
        m.count = 1;
        m.index = std::min(got.size(), want.size());
        m.text = fmt::format("{} elements, wanted {}", got.size(), want.size());
        return m;
    }
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (same(got[i], want[i])) continue;
        if (m.count++ == 0) {
            m.index = i;
            m.text = fmt::format("element {} is {}, wanted {}", i, shown(got[i]), shown(want[i]));
        }
    }
    if (m.count > 1) m.text += fmt::format(" ({} of {} elements differ)", m.count, got.size());
    return m;
}

}  // namespace heddle::conformance
