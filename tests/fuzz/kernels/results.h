// What every kernel is given and what it leaves behind.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::fuzz {

struct Inputs {
    std::vector<std::int32_t> in0;
    std::vector<std::uint32_t> in1;
    std::vector<float> in2;
    std::vector<std::int64_t> in3;
};
/// The same for every kernel.
Inputs make_inputs();

struct Results {
    std::vector<std::int64_t> out;
    std::vector<float> real;
    std::vector<std::int32_t> counters;
};
/// What the memory of a launch of that many threads holds before it.
Results untouched_results(std::size_t threads);

/// The first difference to the bit, in words; empty where there is none.
std::string difference(const Results& expected, const Results& got);

}  // namespace heddle::fuzz
