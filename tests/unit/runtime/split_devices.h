// What tests of work over several devices share: the devices that are here, and kernels with their
// references.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <heddle/heddle.hpp>

#include "runtime/fault_injection.h"

namespace heddle::testing {

inline constexpr const char* split_source = R"(
extern "C" {
// One step of a made-up system: each element's state and next value from everyone's value.
__global__ void step(unsigned n, const unsigned* all, unsigned* state, unsigned* next) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    unsigned sum = state[i];
    for (unsigned k = 0; k < 16; ++k) sum = sum * 1664525u + all[(i * 7 + k * 31) % n];
    state[i] = sum;
    next[i] = sum ^ all[i] ^ gridDim.x;
}
__global__ void rows(unsigned width, const int* in, int* out) {
    const unsigned x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y;
    if (x < width) out[y * width + x] = in[y * width + x] * 3 + (int)y;
}
__global__ void breaks(int* out) {
    if (blockIdx.x == 0 && threadIdx.x == 0) __trap();
    out[blockIdx.x] = 1;
}
// A chunk as if it were everything.
__global__ void map(unsigned count, unsigned long long first, const unsigned* table, const unsigned* in,
                    unsigned* sum, unsigned short* out) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    sum[i] += in[i] * table[(first + i) % 7];
    out[i] = (unsigned short)(sum[i] + first + i);
}
__global__ void map_breaks(unsigned count, unsigned* out) {
    if (threadIdx.x == 0) __trap();
    out[0] = count;
}
}
)";

inline ProgramSource split_program() {
    return ProgramSource::text(split_source, "split_test.cu");
}

/// Those of the names that are here; one that is not is printed.
inline std::vector<Device> present(const std::vector<std::string>& names) {
    std::vector<Device> found;
    for (const std::string& name : names) {
        try {
            found.push_back(device(name));
        } catch (const Error& error) {
            std::cout << "goes without " << name << ": " << error.what() << '\n';
        }
    }
    return found;
}
inline std::vector<Device> all_kinds() {
    return present({"cpu:0", "scalar:0", "opencl:0", "vulkan:0"});
}

/// A device with faults of its own.
struct FaultyDevice {
    explicit FaultyDevice(const std::string& name)
        : plan(std::make_shared<runtime::FaultPlan>()),
          device(runtime::with_faults(heddle::device(name).shared_impl(), plan)) {}
    std::shared_ptr<runtime::FaultPlan> plan;
    Device device;
};

}  // namespace heddle::testing
