// Forms, shapes and instruction sets.
#include "forms.h"

#include <fmt/format.h>

#include "backends/cpu/abi.h"

namespace heddle::fuzz {
namespace {

constexpr Level all_levels[] = {
#if defined(__x86_64__)
    {"x86-64-v4", 61},
    {"x86-64-v3", 2},
    {"x86-64-v2", 1},
#else
    {"aarch64", 64},
#endif
};

}  // namespace

const std::vector<Form>& forms() {
    static const std::vector<Form> all = {
        {1,
         "any",
         {{{1, 2, 1}, {7, 5, 3}}, {{2, 1, 1}, {100, 1, 1}}, {{2, 1, 1}, {32, 4, 1}}},
         {{{1, 2, 1}, {8, 4, 3}}, {{1, 1, 1}, {4, 8, 2}}, {{2, 1, 1}, {96, 1, 1}}}},
        {HEDDLE_ROW_LINEAR,
         "linear",
         {{{2, 1, 1}, {100, 1, 1}}, {{3, 1, 1}, {64, 1, 1}}, {{2, 2, 1}, {17, 1, 1}}},
         {{{3, 1, 1}, {64, 1, 1}}, {{2, 2, 1}, {96, 1, 1}}}},
        {16,
         "half",
         {{{2, 2, 1}, {16, 6, 1}}, {{1, 2, 1}, {48, 2, 1}}, {{2, 1, 1}, {16, 2, 3}}},
         {{{2, 2, 1}, {16, 6, 1}}, {{1, 2, 1}, {48, 2, 1}}, {{2, 1, 1}, {16, 2, 3}}}},
        {32,
         "full",
         {{{3, 1, 1}, {64, 1, 1}}, {{2, 1, 1}, {32, 4, 1}}, {{1, 1, 2}, {32, 1, 3}}},
         {{{3, 1, 1}, {64, 1, 1}}, {{2, 1, 1}, {32, 3, 1}}, {{1, 1, 2}, {32, 1, 3}}}},
    };
    return all;
}

std::uint64_t scattered(std::uint64_t value) {
    value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdu;
    value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53u;
    return value ^ (value >> 33);
}

std::span<const Level> levels() {
    return all_levels;
}

unsigned level_of(std::uint64_t seed) {
    unsigned place = static_cast<unsigned>(scattered(seed) % 64), level = 0;
    while (place >= all_levels[level].share) place -= all_levels[level++].share;
    return level;
}

unsigned form_of(std::uint64_t seed) {
    return static_cast<unsigned>((scattered(seed) >> 32) % forms().size());
}

std::vector<Shape> shapes_of(const Form& form, const GeneratedKernel& kernel, std::uint64_t seed,
                             std::uint64_t most) {
    const std::vector<Shape>& all = kernel.exchanges ? form.warp_shapes : form.any_shapes;
    std::vector<Shape> chosen;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(most, all.size()); ++i)
        chosen.push_back(all[(scattered(seed + 1) + i) % all.size()]);
    return chosen;
}

int length_of(const Shape& shape, const GeneratedKernel& kernel) {
    return static_cast<int>(shape.grid.count() * shape.block.count()) - (kernel.exchanges ? 0 : 3);
}

std::string text_of(const Shape& shape) {
    return fmt::format("grid {}x{}x{}, block {}x{}x{}", shape.grid.x, shape.grid.y, shape.grid.z,
                       shape.block.x, shape.block.y, shape.block.z);
}

}  // namespace heddle::fuzz
