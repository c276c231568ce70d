// The CUDA backend on a stand-in for its driver: a device, programs whose kernels are functions of the test,
// launches.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/cuda/backend.h"
#include "runtime/hal.h"
#include "standins/cuda/control.h"

namespace heddle::cuda::testing {

using standins::CudaLaunch;

inline std::string standin_library() {
    return HEDDLE_BINARY_DIR "/lib/libstandin-cuda.so";
}

inline void expect_error(ErrorCode code, const std::vector<std::string>& parts,
                         const std::function<void()>& action) {
    try {
        action();
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        for (const std::string& part : parts)
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
                << error.what() << " lacks " << part;
    }
}

/// A parameter of a launch.
template <class T>
T parameter(const CudaLaunch& launch, std::size_t offset) {
    T value{};
    EXPECT_LE(offset + sizeof value, launch.parameter_bytes);
    std::memcpy(&value, launch.parameters + offset, sizeof value);
    return value;
}

class CudaStandin : public ::testing::Test {
  protected:
    void SetUp() override {
        void* const library = dlopen(standin_library().c_str(), RTLD_NOW | RTLD_LOCAL);
        ASSERT_NE(library, nullptr) << dlerror();
        const auto control =
            reinterpret_cast<standins::CudaControlFunction*>(dlsym(library, standins::cuda_control_name));
        ASSERT_NE(control, nullptr);
        control_ = control();
        control_->reset();
        // scale(data, factor): every one of the grid's threads multiplies its element.
        control_->kernels["scale"].run = [](const CudaLaunch& launch) {
            auto* data = reinterpret_cast<int*>(parameter<std::uint64_t>(launch, 0));
            const int factor = parameter<int>(launch, 8);
            for (unsigned i = 0; i < launch.grid[0] * launch.block[0]; ++i) data[i] *= factor;
            return 0;
        };
        control_->kernels["endless"].run = [this](const CudaLaunch&) {
            control_->wait_for_release();
            return 0;
        };
        control_->kernels["stray"].run = [](const CudaLaunch&) { return 700; };
    }
    void TearDown() override {
        ::unsetenv("HEDDLE_TIMEOUT_MS");
        if (control_ == nullptr) return;
        devices_.clear();
        backend_.reset();
        control_->reset();
    }

    standins::CudaControl& control() { return *control_; }
    const std::vector<std::shared_ptr<hal::Device>>& devices() {
        if (backend_ == nullptr) {
            backend_ = make_cuda_backend(standin_library());
            backend_->enumerate(devices_, reason_);
        }
        return devices_;
    }
    const std::string& reason() { return devices(), reason_; }
    hal::Device& device() { return *devices().at(0); }
    /// Lets go of the devices; what is left alive in the driver then is a leak.
    void drop_devices() {
        devices_.clear();
        backend_.reset();
    }

    static KernelInfo info_of(const std::string& name) {
        KernelInfo info;
        info.name = info.symbol = name;
        Parameter data, factor;
        data.name = "data";
        data.kind = ParameterKind::pointer;
        data.bytes = 8;
        factor.name = "factor";
        factor.kind = ParameterKind::scalar;
        factor.bytes = 4;
        factor.offset = 8;
        info.parameters = {data, factor};
        info.parameter_bytes = 12;
        return info;
    }
    static std::span<const std::byte> bytes_of(const std::string& text) {
        return std::as_bytes(std::span(text.data(), text.size()));
    }
    static Package package_of(const std::string& kernel) {
        Package package;
        package.source = "probe.cu";
        package.kernels = {info_of(kernel)};
        return package;
    }
    std::shared_ptr<hal::Kernel> kernel(const std::string& name) { return kernel(device(), name); }
    std::shared_ptr<hal::Kernel> kernel(hal::Device& on, const std::string& name) {
        return on.load(package_of(name), bytes_of("kernel " + name + "\n"))->kernel(info_of(name), {});
    }
    static hal::Launch launch_of(const std::shared_ptr<hal::Kernel>& kernel,
                                 const std::shared_ptr<hal::Allocation>& data, int factor,
                                 LaunchConfig config) {
        hal::Launch launch;
        launch.kernel = kernel;
        launch.config = config;
        const std::uint64_t address = data->device_address();
        launch.parameters.resize(12);
        std::memcpy(launch.parameters.data(), &address, sizeof address);
        std::memcpy(launch.parameters.data() + 8, &factor, sizeof factor);
        launch.allocations.push_back(data);
        return launch;
    }
    static std::shared_ptr<hal::Allocation> upload(hal::Device& device, hal::Queue& queue,
                                                   const std::vector<int>& values) {
        const auto memory = device.allocate(values.size() * sizeof(int));
        queue.write(memory, 0, values.data(), values.size() * sizeof(int));
        return memory;
    }
    static std::vector<int> download(hal::Queue& queue, const std::shared_ptr<hal::Allocation>& memory) {
        std::vector<int> values(memory->size_bytes() / sizeof(int));
        queue.read(memory, 0, values.data(), values.size() * sizeof(int));
        queue.synchronize();
        return values;
    }
    /// The small program that shows that a device works.
    void expect_usable(hal::Device& on) {
        const auto queue = on.create_queue();
        const auto memory = upload(on, *queue, {1, 2, 3, 4});
        queue->launch(launch_of(kernel(on, "scale"), memory, 10, {{1}, {4}, 0}));
        EXPECT_EQ(download(*queue, memory), (std::vector<int>{10, 20, 30, 40}));
    }

  private:
    standins::CudaControl* control_ = nullptr;
    std::unique_ptr<hal::Backend> backend_;
    std::vector<std::shared_ptr<hal::Device>> devices_;
    std::string reason_;
};

}  // namespace heddle::cuda::testing
