// The record that a failing kernel writes for its queue (src/compiler/targets/ptx_failure.cpp), and what it
// says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/cuda/context.h"

namespace heddle::cuda {

/// Lies in pinned host memory that the device sees.
struct FailureRecord {
    std::uint32_t state;  ///< 0: free, 1: being written, 2: whole
    std::uint32_t kind;   ///< 1: assertion, 2: trap
    std::uint64_t globals;
    std::uint64_t message, file, function;  ///< device addresses in the globals' block
    std::uint32_t line;
    std::uint32_t block[3], thread[3];
};
static_assert(sizeof(FailureRecord) == 72 && offsetof(FailureRecord, line) == 40 &&
              offsetof(FailureRecord, thread) == 56);

/// A program's initial globals, where the texts that a record points to stand.
struct GlobalsText {
    CUdeviceptr base = 0;
    std::vector<std::byte> bytes;
    /// The text at a device address; "?" where there is none.
    std::string at(std::uint64_t address) const;
};

/// One queue's record.
class FailureSlot {
  public:
    explicit FailureSlot(std::shared_ptr<Context> context);
    ~FailureSlot();
    FailureSlot(const FailureSlot&) = delete;
    FailureSlot& operator=(const FailureSlot&) = delete;

    std::uint64_t device_address() const noexcept { return address_; }
    /// After a launch of `program` has ended: its failure in words, and the record is free again.
    std::optional<std::string> take(const GlobalsText& program);

  private:
    std::shared_ptr<Context> context_;
    FailureRecord* record_ = nullptr;
    CUdeviceptr address_ = 0;
};

}  // namespace heddle::cuda
