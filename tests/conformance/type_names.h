// How template kernels are named: `kernel_name<int>("copy")` is "copy<int>", spelled as the compiler spells
// types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heddle::conformance {

template <class T>
constexpr std::string_view type_name();
template <>
constexpr std::string_view type_name<signed char>() {
    return "signed char";
}
template <>
constexpr std::string_view type_name<unsigned char>() {
    return "unsigned char";
}
template <>
constexpr std::string_view type_name<short>() {
    return "short";
}
template <>
constexpr std::string_view type_name<unsigned short>() {
    return "unsigned short";
}
template <>
constexpr std::string_view type_name<int>() {
    return "int";
}
template <>
constexpr std::string_view type_name<unsigned>() {
    return "unsigned int";
}
template <>
constexpr std::string_view type_name<long long>() {
    return "long long";
}
template <>
constexpr std::string_view type_name<unsigned long long>() {
    return "unsigned long long";
}
template <>
constexpr std::string_view type_name<float>() {
    return "float";
}
template <>
constexpr std::string_view type_name<double>() {
    return "double";
}

template <class... T>
std::string kernel_name(std::string_view base) {
    std::string name(base);
    name += '<';
    bool first = true;
    ((name += (first ? "" : ", "), name += type_name<T>(), first = false), ...);
    return name + '>';
}

/// A type's short name, as case names use it: "i8", "u64", "f32".
template <class T>
std::string short_name() {
    if constexpr (std::is_floating_point_v<T>)
        return "f" + std::to_string(sizeof(T) * 8);
    else
        return (std::is_signed_v<T> ? "i" : "u") + std::to_string(sizeof(T) * 8);
}

}  // namespace heddle::conformance
