// Kernels in GLSL, made to archives as the SPIR-V target makes them, and the devices to run them on: tests of
// the Vulkan backend that need no compiler of ours. Vulkan's validation layer is on.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "backends/vulkan/context.h"
#include "backends/vulkan/kernel_archive.h"
#include "backends/vulkan/memory.h"
#include "backends/vulkan/program.h"
#include "backends/vulkan/queue.h"
#include "runtime/hal.h"

namespace heddle::vulkan::testing {

/// What every kernel begins with: the constants that a launch sets.
inline const std::string kernel_prologue = R"(#version 460
#extension GL_EXT_buffer_reference : require
layout(local_size_x_id = 3) in;
layout(constant_id = 0) const uint block_x = 1;
layout(constant_id = 1) const uint block_y = 1;
layout(constant_id = 2) const uint block_z = 1;
layout(constant_id = 4) const uint shared_words = 1;
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Words { uint at[]; };
)";

/// Throws std::runtime_error with glslang's messages.
std::vector<std::uint32_t> spirv_of(const std::string& body);

/// A kernel's module and what a package says of it.
struct TestKernel {
    ArchivedKernel code;
    KernelInfo info;
};

inline TestKernel kernel_of(const std::string& name, std::size_t own_parameter_bytes,
                            const std::string& body) {
    TestKernel kernel;
    kernel.code.symbol = name;
    kernel.code.parameter_bytes = static_cast<std::uint32_t>(own_parameter_bytes);
    kernel.code.words = spirv_of(body);
    kernel.info.name = kernel.info.symbol = name;
    kernel.info.parameter_bytes = own_parameter_bytes;
    return kernel;
}

inline std::shared_ptr<hal::Program> load(const std::shared_ptr<Context>& context,
                                          std::span<const TestKernel> kernels, GlobalsInfo globals = {}) {
    std::vector<ArchivedKernel> archive;
    Package package;
    package.source = "test.cu";
    package.globals = std::move(globals);
    for (const TestKernel& kernel : kernels) {
        archive.push_back(kernel.code);
        package.kernels.push_back(kernel.info);
    }
    return std::make_shared<VulkanProgram>(context, package, encode_archive(archive));
}

inline std::shared_ptr<hal::Kernel> load(const std::shared_ptr<Context>& context, const TestKernel& kernel) {
    return load(context, std::span(&kernel, 1))->kernel(kernel.info, {});
}

inline std::shared_ptr<hal::Allocation> allocate(const std::shared_ptr<Context>& context, std::size_t bytes) {
    return std::make_shared<VulkanAllocation>(context, bytes);
}

template <class... Values>
hal::Launch launch_of(std::shared_ptr<hal::Kernel> kernel, Dim3 grid, Dim3 block,
                      std::vector<std::shared_ptr<hal::Allocation>> memory, Values... values) {
    hal::Launch launch;
    launch.kernel = std::move(kernel);
    launch.config.grid = grid;
    launch.config.block = block;
    for (auto& each : memory) launch.allocations.push_back(std::move(each));
    const auto add = [&](auto value) {
        const std::size_t at = (launch.parameters.size() + sizeof value - 1) / sizeof value * sizeof value;
        launch.parameters.resize(at + sizeof value);
        std::memcpy(launch.parameters.data() + at, &value, sizeof value);
    };
    (add(values), ...);
    return launch;
}

inline std::vector<std::uint32_t> download(hal::Queue& queue, std::shared_ptr<hal::Allocation> memory,
                                           std::size_t words, std::size_t offset = 0) {
    std::vector<std::uint32_t> values(words);
    queue.read(std::move(memory), offset, values.data(), words * 4);
    queue.synchronize();
    return values;
}

/// Gives each test every Vulkan device of this machine, and those with unified memory also as if the host did
/// not see it, without and with other queues for copies than for the rest. Without a device tests are
/// skipped.
class VulkanDevices : public ::testing::Test {
  protected:
    void SetUp() override {
        instance_ = instance();
        if (instance_ == nullptr) GTEST_SKIP() << "no Vulkan: " << reason();
        for (VkPhysicalDevice physical : instance_->physical_devices()) {
            std::string problem;
            DeviceTraits traits = describe(*instance_, physical, problem);
            if (!problem.empty()) continue;
            contexts_.push_back(std::make_shared<Context>(instance_, traits, traits.name));
            if (!traits.is_unified()) continue;
            traits.type = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
            contexts_.push_back(std::make_shared<Context>(instance_, traits, traits.name + " at a distance"));
            traits.transfer_family = traits.compute_family;
            traits.transfer_queues = 1;
            contexts_.push_back(
                std::make_shared<Context>(instance_, traits, traits.name + " with queues for copies"));
        }
        if (contexts_.empty()) GTEST_SKIP() << "no Vulkan device";
    }

    static std::string& reason() {
        static std::string text;
        return text;
    }
    /// One for all tests, which stays to the end: what drivers leak is known by the library's name only while
    /// it is loaded.
    static std::shared_ptr<const Instance> instance() {
        static const std::shared_ptr<const Instance>* const made = [] {
            ::setenv("HEDDLE_VULKAN_VALIDATION", "1", 1);
            auto instance = std::make_unique<std::shared_ptr<const Instance>>(Instance::make(reason()));
            ::unsetenv("HEDDLE_VULKAN_VALIDATION");
            return instance.release();
        }();
        return *made;
    }

    /// Runs `test` on each.
    template <class Test>
    void each(Test test) {
        for (const std::shared_ptr<Context>& context : contexts_) {
            SCOPED_TRACE(context->id());
            test(context);
        }
    }

    std::shared_ptr<const Instance> instance_;
    std::vector<std::shared_ptr<Context>> contexts_;
};

}  // namespace heddle::vulkan::testing
