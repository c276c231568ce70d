// Chooses the vendor's API for a device, and Heddle's own devices as the suites `launch` and `transfers` use
// them.
#include "raw_api.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <heddle/error.h>
#include <heddle/host_buffer.h>
#include <heddle/program.h>
#include <heddle/queue.h>

#include "case.h"

namespace heddle::tool::bench {

namespace {

Program load(const Device& device, const std::string& packages) {
    if (!packages.empty())
        return Program::from_file(device, (std::filesystem::path(packages) / "launch.heddle").string());
    return Program::from_source(device, kernel_source("launch.cu"), "launch.cu");
}

class HeddleDirect final : public DirectDevice {
  public:
    HeddleDirect(const Device& device, const std::string& packages)
        : device_(device),
          program_(load(device, packages)),
          probe_(program_.kernel("probe")),
          busy_(program_.kernel("busy")),
          queue_(device),
          copies_(device),
          words_(device.allocate(kernel_words * sizeof(std::uint32_t))) {
        queue_.fill(words_, 0, words_.size_bytes());
        queue_.synchronize();
    }
    const std::string& name() const noexcept override { return device_.id(); }
    const std::string& description() const noexcept override { return device_.info().name; }

    void launch(unsigned count, std::uint32_t value) override {
        for (unsigned k = 0; k < count; ++k)
            queue_.launch(probe_, {.grid = {1}, .block = {probe_threads}}, words_, value);
        queue_.synchronize();
    }
    std::uint32_t first_word() override {
        std::uint32_t word = 0;
        words_.read(&word, sizeof word);
        return word;
    }
    void busy(std::uint32_t rounds, unsigned count) override {
        start_busy(rounds, count);
        queue_.synchronize();
    }

    void allocate(std::size_t bytes) override {
        memory_ = Buffer();
        pinned_ = HostBuffer();
        memory_ = device_.allocate(bytes);
        pinned_ = device_.allocate_host(bytes);
        pageable_.assign(bytes, std::byte{1});
    }
    std::span<std::byte> host(HostKind kind) override {
        return kind == HostKind::pinned ? pinned_.view<std::byte>() : std::span(pageable_);
    }
    void copy(Direction direction, HostKind kind) override {
        start_copy(direction, kind);
        copies_.synchronize();
    }
    void copy_beside_busy(Direction direction, std::uint32_t rounds, unsigned count) override {
        start_busy(rounds, count);
        start_copy(direction, HostKind::pinned);
        copies_.synchronize();
        queue_.synchronize();
    }

  private:
    void start_busy(std::uint32_t rounds, unsigned count) {
        for (unsigned k = 0; k < count; ++k)
            queue_.launch(busy_, {.grid = {busy_blocks}, .block = {busy_threads}}, words_, rounds);
    }
    void start_copy(Direction direction, HostKind kind) {
        const std::span<std::byte> bytes = host(kind);
        if (direction == Direction::to_device)
            copies_.write(memory_, bytes.data(), bytes.size());
        else
            copies_.read(memory_, bytes.data(), bytes.size());
    }

    Device device_;
    Program program_;
    Kernel probe_, busy_;
    Queue queue_, copies_;
    Buffer words_, memory_;
    HostBuffer pinned_;
    std::vector<std::byte> pageable_;
};

}  // namespace

std::unique_ptr<DirectDevice> make_heddle_direct(const Device& device, const std::string& packages) {
    return std::make_unique<HeddleDirect>(device, packages);
}

std::unique_ptr<DirectDevice> make_raw_direct(const DeviceInfo& device) {
    if (device.backend == "cuda") return make_raw_cuda(device);
    if (device.backend == "opencl") return make_raw_opencl(device);
    if (device.backend == "vulkan") return make_raw_vulkan(device);
    return nullptr;
}

std::size_t find_by_name(const DeviceInfo& device, std::span<const std::string> names) {
    const std::size_t index = std::stoul(device.id.substr(device.id.find(':') + 1));
    if (index < names.size() && names[index] == device.name) return index;
    const auto found = std::find(names.begin(), names.end(), device.name);
    if (found == names.end())
        throw Error(ErrorCode::device_unavailable,
                    fmt::format("none of the {} devices is '{}'", names.size(), device.name), "", device.id);
    return static_cast<std::size_t>(found - names.begin());
}

}  // namespace heddle::tool::bench
