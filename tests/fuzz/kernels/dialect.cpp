// Dialects in words.
#include "dialect.h"

#include <array>
#include <utility>

#include <heddle/error.h>

namespace heddle::fuzz {
namespace {

constexpr std::array<std::pair<std::string_view, bool Dialect::*>, 5> parts{{
    {"doubles", &Dialect::doubles},
    {"fused", &Dialect::fused},
    {"loops", &Dialect::loops},
    {"shared", &Dialect::shared},
    {"shared_in_loops", &Dialect::shared_in_loops},
}};

}  // namespace

std::string text_of(const Dialect& dialect) {
    std::string list;
    for (const auto& [name, part] : parts)
        if (!(dialect.*part)) list += (list.empty() ? "" : ",") + std::string(name);
    return list;
}

Dialect dialect_without(std::string_view list) {
    Dialect dialect;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const std::string_view name = list.substr(0, comma);
        bool is_known = name.empty();
        for (const auto& [known, part] : parts)
            if (known == name) {
                dialect.*part = false;
                is_known = true;
            }
        if (!is_known)
            throw Error(ErrorCode::invalid_argument, "kernels cannot be without '" + std::string(name) +
                                                         "'; without doubles, fused, loops, shared, "
                                                         "shared_in_loops they can");
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return dialect;
}

}  // namespace heddle::fuzz
