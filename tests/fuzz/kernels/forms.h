// In which forms, for which instruction sets and with which blocks a kernel runs: chosen by its seed, since
// all of them would cost seconds a kernel. Over many seeds every combination is met.
#pragma once

#include <cstdint>
#include <heddle/heddle.hpp>
#include <span>
#include <string>
#include <vector>

#include "generator.h"

namespace heddle::fuzz {

struct Shape {
    Dim3 grid, block;
};

/// A form of a kernel: the code for blocks of some shapes, and such shapes. Kernels that exchange need whole
/// warps.
struct Form {
    std::uint32_t row;
    const char* name;
    std::vector<Shape> any_shapes, warp_shapes;
};
const std::vector<Form>& forms();
unsigned form_of(std::uint64_t seed);

/// The form's shapes for the kernel, at most `most` of them: those that the seed chooses.
std::vector<Shape> shapes_of(const Form& form, const GeneratedKernel& kernel, std::uint64_t seed,
                             std::uint64_t most);
/// What a launch of that shape is told of its length: kernels without exchanges leave some threads idle.
int length_of(const Shape& shape, const GeneratedKernel& kernel);
std::string text_of(const Shape& shape);

/// The instruction sets of this machine's family, the widest first, and how many of 64 kernels each gets.
/// Without masks and gathers, code is five to ten times as large, and takes as much longer to generate.
struct Level {
    const char* name;
    unsigned share;
};
std::span<const Level> levels();
unsigned level_of(std::uint64_t seed);

/// A number that looks random, always the same for `value`.
std::uint64_t scattered(std::uint64_t value);

}  // namespace heddle::fuzz
