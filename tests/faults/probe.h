// A small kernel whose results are checked: whether a device works.
#pragma once

#include <cstddef>
#include <heddle/heddle.hpp>
#include <span>
#include <string>

namespace heddle::faults {

class Probe {
  public:
    /// Loads the kernel `fine` of the package. Throws heddle::Error.
    Probe(const Device& device, std::span<const std::byte> package)
        : device_(device), program_(Program::from_package(device, package)) {}

    const Device& device() const noexcept { return device_; }
    const Program& program() const noexcept { return program_; }
    /// Memory, a queue, a launch and a transfer, all of them new. Empty: all was right; else what was not.
    std::string problem() const noexcept;

  private:
    Device device_;
    Program program_;
};

/// A device that is opened anew: empty when it works, else why not.
std::string problem_of(const std::string& device, std::span<const std::byte> package) noexcept;

}  // namespace heddle::faults
