// Inputs and results of random kernels.
#include "results.h"

#include <fmt/format.h>

#include <bit>

#include "generator.h"

namespace heddle::fuzz {

Inputs make_inputs() {
    Inputs inputs;
    std::uint64_t state = 12345;
    const auto next = [&] {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return state >> 16;
    };
    for (int i = 0; i < input_elements; ++i) {
        inputs.in0.push_back(i % 3 ? static_cast<std::int32_t>(next() % 2000) - 700
                                   : static_cast<std::int32_t>(next()));
        inputs.in1.push_back(static_cast<std::uint32_t>(next()));
        inputs.in2.push_back(static_cast<float>(static_cast<std::int32_t>(next() % 200000) - 100000) / 64.0f);
        inputs.in3.push_back(static_cast<std::int64_t>(next() * next()));
    }
    return inputs;
}

Results untouched_results(std::size_t threads) {
    return {std::vector<std::int64_t>(threads, -1), std::vector<float>(threads, -1.0f),
            std::vector<std::int32_t>(counter_elements, 7)};
}

std::string difference(const Results& expected, const Results& got) {
    for (std::size_t i = 0; i < expected.out.size(); ++i)
        if (expected.out[i] != got.out[i])
            return fmt::format("thread {}: {:#x} expected, got {:#x}", i, expected.out[i], got.out[i]);
    for (std::size_t i = 0; i < expected.real.size(); ++i)
        if (std::bit_cast<std::uint32_t>(expected.real[i]) != std::bit_cast<std::uint32_t>(got.real[i]))
            return fmt::format("thread {}: {} expected, got {}", i, expected.real[i], got.real[i]);
    for (std::size_t i = 0; i < expected.counters.size(); ++i)
        if (expected.counters[i] != got.counters[i])
            return fmt::format("counter {}: {} expected, got {}", i, expected.counters[i], got.counters[i]);
    return {};
}

}  // namespace heddle::fuzz
