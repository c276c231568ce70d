// The tables of functions that printed GLSL calls. ADDRESS is a 64-bit number or a pair of words, AT(a, n) is
// n bytes behind a, LOW and HIGH are its words; Word32 and the like are references to memory.
#pragma once

#include <string_view>
#include <vector>

namespace heddle::compiler {

struct GlslFunction {
    std::string_view name;                ///< {K}: one of several operations, which {O} and {S} do
    std::vector<std::string_view> needs;  ///< functions that it calls
    std::string_view text;
};

const std::vector<GlslFunction>& floating_functions();
const std::vector<GlslFunction>& integer_functions();
const std::vector<GlslFunction>& pair_functions();
const std::vector<GlslFunction>& memory_functions();
const std::vector<GlslFunction>& group_functions();

}  // namespace heddle::compiler
