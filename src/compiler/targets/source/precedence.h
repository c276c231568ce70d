// Precedences of C's operators, higher binds tighter; the same in every language descended from C.
#pragma once

namespace heddle::compiler {

inline constexpr int primary = 16, unary = 14, multiplicative = 13, additive = 12, shifting = 11,
                     relational = 10, equality = 9, bit_and = 8, bit_xor = 7, bit_or = 6, logical_and = 5,
                     logical_or = 4, conditional = 3;

}  // namespace heddle::compiler
