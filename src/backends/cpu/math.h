// The mathematical functions that generated CPU code imports: a name in, the address of a C function out.
#pragma once

#include <string_view>

namespace heddle::cpu {

/// "heddle.sin.f32" gives the scalar C function; "heddle.sin.f32.x16" the one for vectors of 16 floats in the
/// platform's vector calling convention. Null when there is no such function, or not for this processor.
/// math_names.h lists the names. Safe to call from several threads.
void* find_math(std::string_view name) noexcept;

}  // namespace heddle::cpu
