// Numbers as text.
#pragma once

#include <cstdint>
#include <string>

namespace heddle::compiler {

/// "0x1f".
inline std::string hexadecimal(std::uint64_t value) {
    std::string text;
    do {
        text.insert(text.begin(), "0123456789abcdef"[value & 15U]);
        value >>= 4U;
    } while (value != 0);
    return "0x" + text;
}

}  // namespace heddle::compiler
