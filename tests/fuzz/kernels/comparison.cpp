// Compares results to the bit.
#include "comparison.h"

#include <fmt/format.h>

#include <heddle/error.h>
#include <cstdio>

namespace heddle::fuzz {
namespace {

// Of the target or the device; what a driver says of the code is a finding.
bool is_beyond_device(const Error& error) {
    return error.code() == ErrorCode::unsupported &&
           std::string_view(error.what()).find("CUDA_ERROR") == std::string_view::npos;
}

bool is_lost(const Device& device, const Error& error) {
    if (error.code() == ErrorCode::timeout || error.code() == ErrorCode::device_lost) return true;
    try {
        device.allocate(4);
        return false;
    } catch (const Error& after) {
        return after.code() == ErrorCode::device_lost;
    }
}

}  // namespace

void Comparison::run(Bench& bench, const Program& program, const GeneratedKernel& kernel, const Shape& shape,
                     const Results& expected, const std::string& launch) {
    const std::string& device = bench.device().id();
    if (unsupported_.contains(device)) return;
    std::string problem;
    try {
        const Kernel loaded = [&] {
            try {
                return program.kernel(kernel.name);
            } catch (const Error& error) {
                if (!is_beyond_device(error)) throw;
                unsupported_.insert(device);
                ++progress_.unsupported;
                fmt::print("{}: not on {}: {}\n", kernel.name, device, error.reason());
                std::fflush(stdout);
                throw;
            }
        }();
        problem = difference(expected, bench.run(loaded, shape, length_of(shape, kernel)));
    } catch (const Error& error) {
        if (unsupported_.contains(device)) return;
        // The rest of the batch is for another process: in this one the device is of no use any more.
        if (is_lost(bench.device(), error)) throw Error(error.code(), launch + ": " + error.what());
        problem = error.what();
    }
    if (problem.empty()) return;
    agrees_ = false;
    keep_finding(settings_, seed_, fmt::format("{}, {}: {}", device, launch, problem));
}

}  // namespace heddle::fuzz
