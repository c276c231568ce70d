// The commands of a queue that the pool can split: kernel launches and large transfers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <heddle/error.h>

#include "backends/cpu/abi.h"
#include "backends/cpu/check.h"
#include "backends/cpu/execution.h"
#include "backends/cpu/pool.h"
#include "backends/cpu/program.h"
#include "runtime/hal.h"

namespace heddle::cpu {

/// Why a command failed: the parts of an Error, which is made when it is thrown.
struct Failure {
    ErrorCode code = ErrorCode::internal;
    std::string reason, operation, device;
    [[noreturn]] void raise() const { throw Error(code, reason, operation, device); }
};

/// Who is told that work has ended on a thread other than the one that began it.
class WorkOwner {
  public:
    virtual ~WorkOwner() = default;
    virtual void work_ended(std::optional<Failure> failure) noexcept = 0;
};

/// A command of a queue as the pool runs it.
class QueueWork : public Work {
  public:
    /// Indices to run, and what they will take on one thread in nanoseconds, 0 when unknown. Called once, at
    /// the start.
    struct Extent {
        std::uint64_t total = 0, expected_ns = 0;
    };
    virtual Extent begin() = 0;
    /// Gives up what the command keeps alive and says how it went. Called once, by the last thread.
    virtual std::optional<Failure> end(std::uint64_t busy_ns) noexcept = 0;

    void set_owner(std::shared_ptr<WorkOwner> owner) noexcept { owner_ = std::move(owner); }
    void finished(std::uint64_t busy_ns) noexcept final {
        const std::shared_ptr<WorkOwner> owner = std::move(owner_);
        owner->work_ended(end(busy_ns));
    }

  private:
    std::shared_ptr<WorkOwner> owner_;
};

class LaunchWork final : public QueueWork {
  public:
    /// `launch.kernel` is a CpuKernel. `output` receives what the kernel prints and outlives the work's end.
    LaunchWork(hal::Launch launch, PrintBuffer* output, const std::string* device);
    Extent begin() override;
    void run(std::uint64_t first, std::uint64_t last) noexcept override;
    bool stopped() const noexcept override { return services_.stopped(); }
    std::optional<Failure> end(std::uint64_t busy_ns) noexcept override;

  private:
    hal::Launch launch_;
    CpuKernel* kernel_;
    const heddle_cpu_kernel version_;
    heddle_cpu_launch abi_{};
    std::size_t shared_bytes_ = 0;
    LaunchServices services_;
    std::unique_ptr<Checker> checker_;
    const std::string* device_;
};

/// Copies or fills bytes in pieces.
class TransferWork final : public QueueWork {
  public:
    struct Transfer {
        std::shared_ptr<hal::Allocation> destination, source;  ///< kept alive; `source` may be null
        unsigned char* to = nullptr;
        const unsigned char* from = nullptr;  ///< null: fill
        std::size_t bytes = 0;
        std::uint8_t value = 0;
        std::shared_ptr<const void> host{};  ///< kept alive: what the host's side lies in, if it is known
    };
    /// From this size on it pays to split.
    static constexpr std::size_t split_from = std::size_t{4} << 20;

    explicit TransferWork(Transfer transfer) : transfer_(std::move(transfer)) {}
    static void run_all(const Transfer& transfer) noexcept;
    Extent begin() override;
    void run(std::uint64_t first, std::uint64_t last) noexcept override;
    bool stopped() const noexcept override { return false; }
    std::optional<Failure> end(std::uint64_t) noexcept override {
        transfer_ = {};
        return std::nullopt;
    }

  private:
    Transfer transfer_;
};

}  // namespace heddle::cpu
