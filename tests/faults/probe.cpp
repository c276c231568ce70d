// Launches the kernel and checks each element.
#include "faults/probe.h"

#include <fmt/format.h>

#include <vector>

namespace heddle::faults {

std::string Probe::problem() const noexcept {
    constexpr int blocks = 4, threads = 64, value = 1000;
    try {
        std::vector<int> got(blocks * threads, -1);
        const Buffer out = device_.allocate(got.size() * sizeof(int));
        Queue queue = device_.create_queue();
        queue.launch(program_.kernel("fine"), {{blocks}, {threads}}, out, value);
        queue.synchronize();
        out.read(got.data(), got.size() * sizeof(int));
        for (std::size_t i = 0; i < got.size(); ++i)
            if (got[i] != value + static_cast<int>(i))
                return fmt::format("element {} is {} instead of {}", i, got[i], value + static_cast<int>(i));
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

std::string problem_of(const std::string& device, std::span<const std::byte> package) noexcept {
    try {
        return Probe(heddle::device(device), package).problem();
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace heddle::faults
