// Names and sizes of the element types.
#include <heddle/types.h>

#include <array>
#include <utility>

namespace heddle {

namespace {

constexpr std::array<std::pair<std::string_view, std::size_t>, 12> kTypes = {{{"i8", 1},
                                                                              {"u8", 1},
                                                                              {"i16", 2},
                                                                              {"u16", 2},
                                                                              {"i32", 4},
                                                                              {"u32", 4},
                                                                              {"i64", 8},
                                                                              {"u64", 8},
                                                                              {"f16", 2},
                                                                              {"bf16", 2},
                                                                              {"f32", 4},
                                                                              {"f64", 8}}};

}  // namespace

std::size_t size_of(DType type) noexcept {
    return kTypes[static_cast<std::size_t>(type)].second;
}

std::string_view name(DType type) noexcept {
    return kTypes[static_cast<std::size_t>(type)].first;
}

std::optional<DType> dtype_from_name(std::string_view name) noexcept {
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        if (kTypes[i].first == name) return static_cast<DType>(i);
    }
    return std::nullopt;
}

}  // namespace heddle
