// What random kernels may hold.
#pragma once

#include <string>
#include <string_view>

namespace heddle::fuzz {

/// What kernels may hold. A device that lacks something, or whose driver is known to get it wrong, is given
/// kernels without it.
struct Dialect {
    bool doubles = true;
    bool fused = true;  ///< fused multiply-add of single precision
    bool loops = true;
    bool shared = true;           ///< shared memory and barriers
    bool shared_in_loops = true;  ///< shared memory is read within loops
};

/// What the dialect is without, commas between: "doubles,fused".
std::string text_of(const Dialect& dialect);
/// Throws heddle::Error (invalid_argument) for what it does not know.
Dialect dialect_without(std::string_view list);

}  // namespace heddle::fuzz
