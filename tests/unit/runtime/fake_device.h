// A device in host memory that runs nothing: it remembers what it was asked for, so that tests see what the
// public classes hand to a backend.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <heddle/heddle.hpp>

#include "runtime/hal.h"

namespace heddle::testing {

class FakeAllocation : public hal::Allocation {
  public:
    explicit FakeAllocation(std::size_t bytes) : bytes_(bytes) {}
    std::size_t size_bytes() const noexcept override { return bytes_.size(); }
    std::uint64_t device_address() const noexcept override {
        return reinterpret_cast<std::uintptr_t>(bytes_.data());
    }
    void* host_pointer() const noexcept override { return const_cast<std::byte*>(bytes_.data()); }

  private:
    std::vector<std::byte> bytes_;
};

class FakeEvent : public hal::Event {
  public:
    explicit FakeEvent(std::uint64_t time) : time_(time) {}
    bool ready() const override { return true; }
    void wait() override {}
    std::uint64_t timestamp_ns() const override { return time_; }

  private:
    std::uint64_t time_;
};

class FakeKernel : public hal::Kernel {
  public:
    FakeKernel(KernelInfo the_info, std::span<const std::byte> the_code)
        : code(the_code.begin(), the_code.end()), info_(std::move(the_info)) {}
    const KernelInfo& info() const noexcept override { return info_; }

    std::vector<std::byte> code;

  private:
    KernelInfo info_;
};

class FakeProgram : public hal::Program {
  public:
    FakeProgram(const Package& package, std::span<const std::byte> the_payload)
        : payload(the_payload.begin(), the_payload.end()) {
        if (package.globals.bytes != 0) {
            globals_ = std::make_shared<FakeAllocation>(package.globals.bytes);
            std::copy(package.globals.initial.begin(), package.globals.initial.end(),
                      static_cast<std::byte*>(globals_->host_pointer()));
        }
    }
    std::shared_ptr<hal::Kernel> kernel(const KernelInfo& info, std::span<const std::byte> code) override {
        return std::make_shared<FakeKernel>(info, code.empty() ? std::span<const std::byte>(payload) : code);
    }
    std::shared_ptr<hal::Allocation> globals() const noexcept override { return globals_; }
    std::vector<std::byte> payload;

  private:
    std::shared_ptr<hal::Allocation> globals_;
};

/// What the queues of a FakeDevice were given.
struct FakeLog {
    std::vector<std::vector<std::byte>> parameters;  ///< of each launch
    std::vector<LaunchConfig> configurations;
    std::size_t allocations_kept = 0;  ///< by the last launch
    std::uint64_t time = 0;
};

class FakeQueue : public hal::Queue {
  public:
    explicit FakeQueue(std::shared_ptr<FakeLog> log) : log_(std::move(log)) {}
    void launch(hal::Launch launch) override {
        log_->parameters.emplace_back(launch.parameters.begin(), launch.parameters.end());
        log_->configurations.push_back(launch.config);
        log_->allocations_kept = launch.allocations.size();
    }
    void write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
               std::size_t bytes) override {
        std::memcpy(static_cast<std::byte*>(destination->host_pointer()) + offset, source, bytes);
    }
    void read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
              std::size_t bytes) override {
        std::memcpy(destination, static_cast<std::byte*>(source->host_pointer()) + offset, bytes);
    }
    void copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
              std::shared_ptr<hal::Allocation> source, std::size_t source_offset,
              std::size_t bytes) override {
        std::memcpy(static_cast<std::byte*>(destination->host_pointer()) + destination_offset,
                    static_cast<std::byte*>(source->host_pointer()) + source_offset, bytes);
    }
    void fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
              std::size_t bytes) override {
        std::memset(static_cast<std::byte*>(destination->host_pointer()) + offset, value, bytes);
    }
    std::shared_ptr<hal::Event> record() override {
        return std::make_shared<FakeEvent>(log_->time += 1000000);
    }
    void wait(std::shared_ptr<hal::Event>) override {}
    void synchronize() override {}

  private:
    std::shared_ptr<FakeLog> log_;
};

class FakeHostMemory : public hal::HostMemory {
  public:
    explicit FakeHostMemory(std::size_t bytes) : bytes_(bytes) {}
    std::size_t size_bytes() const noexcept override { return bytes_.size(); }
    void* data() const noexcept override { return const_cast<std::byte*>(bytes_.data()); }

  private:
    std::vector<std::byte> bytes_;
};

class FakeDevice : public hal::Device {
  public:
    explicit FakeDevice(const std::string& id, DeviceKind kind = DeviceKind::cpu,
                        std::uint32_t compute_units = 1) {
        information.id = id;
        information.backend = id.substr(0, id.find(':'));
        information.name = "Fake";
        information.kind = kind;
        information.compute_units = compute_units;
        information.features = {"fp64"};
        information.limits = {{1024, 1024, 64}, 1024, {1U << 30, 65535, 65535}, 49152, 32};
    }
    const DeviceInfo& info() const noexcept override { return information; }
    hal::CodeTarget code_target() const override { return target; }
    std::shared_ptr<hal::Allocation> allocate(std::size_t bytes) override {
        return std::make_shared<FakeAllocation>(bytes);
    }
    std::shared_ptr<hal::HostMemory> allocate_host(std::size_t bytes) override {
        return std::make_shared<FakeHostMemory>(bytes);
    }
    std::unique_ptr<hal::Queue> create_queue() override { return std::make_unique<FakeQueue>(log); }
    std::shared_ptr<hal::Program> load(const Package& package, std::span<const std::byte> payload) override {
        return std::make_shared<FakeProgram>(package, payload);
    }

    DeviceInfo information;
    hal::CodeTarget target{"simd", {"x86-64-v3", "x86-64-v2"}};
    std::shared_ptr<FakeLog> log = std::make_shared<FakeLog>();
};

/// Runs `work`; the Error it throws. Fails the test when it throws none.
template <class Work>
Error error_of(Work work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorCode::ok, "nothing was thrown");
}

/// One parameter, placed after those that are there.
inline void add_parameter(KernelInfo& kernel, std::string name, ParameterKind kind, std::optional<DType> type,
                          std::size_t bytes, std::size_t alignment) {
    Parameter parameter;
    parameter.name = std::move(name);
    parameter.kind = kind;
    parameter.type = type;
    parameter.bytes = bytes;
    parameter.offset = (kernel.parameter_bytes + alignment - 1) / alignment * alignment;
    parameter.access = kind == ParameterKind::pointer ? Access::read_write : Access::none;
    kernel.parameter_bytes = parameter.offset + bytes;
    kernel.parameters.push_back(std::move(parameter));
}

}  // namespace heddle::testing
