// A device that fails on purpose: wraps another and throws at chosen calls, so that tests reach the error
// paths that real hardware seldom takes.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <heddle/error.h>
#include <heddle/export.h>

#include "hal.h"

namespace heddle::runtime {

/// A call of the backend contract that can be made to fail.
enum class FaultyCall : std::uint8_t {
    allocate,
    allocate_host,
    create_queue,
    load,
    kernel,
    launch,    ///< the call itself throws
    run,       ///< the launch is taken, fails while running and is reported by synchronize() or Event::wait()
    transfer,  ///< write, read, copy or fill
    record,
    synchronize,
};

/// Which calls fail, and how. Safe to use from several threads.
class HEDDLE_API FaultPlan {
  public:
    /// The `occurrence`-th such call from now on (0: the next) fails with `code`.
    void fail(FaultyCall call, std::uint64_t occurrence, ErrorCode code);
    /// Counts a call; the error that it has to fail with, if any.
    std::optional<Error> take(FaultyCall call, const std::string& device);
    /// Faults that have not happened yet.
    std::size_t pending() const;

  private:
    struct Fault {
        FaultyCall call;
        std::uint64_t remaining;
        ErrorCode code;
    };
    mutable std::mutex mutex_;
    std::vector<Fault> faults_;
};

/// `device` with the faults of `plan`.
HEDDLE_API std::shared_ptr<hal::Device> with_faults(std::shared_ptr<hal::Device> device,
                                                    std::shared_ptr<FaultPlan> plan);

}  // namespace heddle::runtime
