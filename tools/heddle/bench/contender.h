// Contender: what can run a case: one of Heddle's devices, PoCL, plain C++. All are measured through this
// interface.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <heddle/device.h>

#include "case.h"

namespace heddle::tool::bench {

/// A case made ready on one contender: code compiled, memory allocated and filled.
class PreparedCase {
  public:
    virtual ~PreparedCase() = default;
    /// Runs all steps `times` times, one after the other, and waits for the end.
    virtual void run(unsigned times) = 0;
    /// The contents of a buffer now.
    virtual std::vector<std::byte> read(std::size_t buffer) = 0;
};

class Contender {
  public:
    virtual ~Contender() = default;
    virtual const std::string& name() const noexcept = 0;  ///< "cpu:0", "pocl"
    /// What it is, for the report: a version, a compiler and its flags.
    virtual const std::string& description() const noexcept = 0;
    /// `it` must outlive the result. Throws heddle::Error when it cannot run here.
    virtual std::unique_ptr<PreparedCase> prepare(const Case& it) = 0;
};

/// A device of Heddle's. Programs come from the packages <folder>/<case>.heddle, or are compiled when
/// `folder` is empty.
std::unique_ptr<Contender> make_device_contender(const Device& device, std::string folder);
/// PoCL, through libOpenCL.so.1. Throws heddle::Error (device_unavailable) with what is missing.
std::unique_ptr<Contender> make_pocl_contender();
/// Plain C++ from libheddle-bench-<library>.so beside the command or in the library folder next to it. Throws
/// heddle::Error (device_unavailable) with what is missing.
std::unique_ptr<Contender> make_native_contender(std::string name, const std::string& library);
/// The kernels compiled by nvcc -O3 for the CUDA device of this number, launched through the driver. Throws
/// heddle::Error (device_unavailable) with what is missing.
std::unique_ptr<Contender> make_nvcc_contender(int ordinal);

}  // namespace heddle::tool::bench
