// The tests of the device maths library; with --every=NAME (or --every=all) instead the worst error of a
// single-precision function over every float, or every STRIDE-th with --stride=N, against its double sibling.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cstdio>
#include <string_view>
#include <thread>

#include "conformance/ulp.h"
#include "unit/compiler/device_maths/functions.h"

namespace heddle::device_maths {
namespace {

struct Sweep {
    double worst = -1;
    float at = 0;
};

Sweep sweep(const Function& f, std::uint64_t first, std::uint64_t stride) {
    Sweep result;
    for (std::uint64_t bits = first; bits < std::uint64_t{1} << 32; bits += stride) {
        const auto word = static_cast<std::uint32_t>(bits);
        float x;
        std::memcpy(&x, &word, sizeof x);
        const auto exact = static_cast<Extended>(f.f64(static_cast<double>(x), 0));
        if (f.holds && !f.holds(static_cast<Extended>(x), 0, 24)) continue;
        const double error = conformance::ulp_error(f.f32(x, 0), exact);
        if (error > result.worst) result = {error, x};
    }
    return result;
}

void sweep_with_threads(const Function& f, std::uint64_t stride) {
    const unsigned count = std::max(1u, std::thread::hardware_concurrency());
    std::vector<Sweep> results(count);
    std::vector<std::thread> threads;
    for (unsigned k = 0; k < count; ++k)
        threads.emplace_back([&, k] { results[k] = sweep(f, k * stride, stride * count); });
    for (auto& thread : threads) thread.join();
    const Sweep worst = *std::max_element(results.begin(), results.end(),
                                          [](const Sweep& a, const Sweep& b) { return a.worst < b.worst; });
    fmt::print("| `{}` | {} | {:.3f} | {:.9g} |\n", f.name, f.bound_f32, worst.worst, worst.at);
    std::fflush(stdout);
}

}  // namespace
}  // namespace heddle::device_maths

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    std::string_view every;
    std::uint64_t stride = 1;
    for (int i = 1; i < argc; ++i) {
        std::string_view argument = argv[i];
        if (argument.starts_with("--every=")) {
            every = argument.substr(8);
        } else if (argument.starts_with("--stride=")) {
            argument.remove_prefix(9);
            const auto end = argument.data() + argument.size();
            if (std::from_chars(argument.data(), end, stride).ptr != end || stride == 0) {
                std::fputs("--stride takes a positive integer\n", stderr);
                return 2;
            }
        } else {
            fmt::print(stderr, "unknown argument {}; there are --every=NAME and --stride=N\n", argument);
            return 2;
        }
    }
    if (every.empty()) return RUN_ALL_TESTS();
    bool is_known = false;
    for (const auto& f : heddle::device_maths::functions())
        if (f.arguments == 1 && f.f64 && (every == "all" || every == f.name)) {
            heddle::device_maths::sweep_with_threads(f, stride);
            is_known = true;
        }
    if (!is_known) fmt::print(stderr, "no function of one argument is called {}\n", every);
    return is_known ? 0 : 2;
}
