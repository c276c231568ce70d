// A device that fails on purpose: wraps another and makes chosen calls fail, hang or kill the process, so
// that tests reach the paths that real hardware seldom takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/error.h>
#include <heddle/export.h>

#include "hal.h"

namespace heddle::runtime {

/// A call of the backend contract that can be made to fail.
enum class FaultyCall : std::uint8_t {
    probe,  ///< the search for the backend's devices
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
    reopen,
};
HEDDLE_API std::string_view name(FaultyCall call) noexcept;  ///< as HEDDLE_FAULTS spells it

/// How a call fails.
struct Fault {
    enum class Kind : std::uint8_t {
        error,  ///< it throws `code`; after device_lost the device is lost until it is reopened
        hang,   ///< it (of launches: what is launched) takes `duration` longer, then goes well
        crash,  ///< the process dies, as with a driver's own fault
    };
    Kind kind = Kind::error;
    ErrorCode code = ErrorCode::launch_failed;
    std::chrono::milliseconds duration{0};
};

/// Which calls fail, and how. Safe to use from several threads.
class HEDDLE_API FaultPlan {
  public:
    /// The `occurrence`-th such call from now on (0: the next) fails.
    void fail(FaultyCall call, std::uint64_t occurrence, ErrorCode code) {
        fail(call, occurrence, Fault{Fault::Kind::error, code, {}});
    }
    void fail(FaultyCall call, std::uint64_t occurrence, Fault fault);
    /// Counts a call; the fault that it has to have, if any.
    std::optional<Fault> take(FaultyCall call);
    /// Faults that have not happened yet.
    std::size_t pending() const;
    /// What take() has given out.
    std::size_t happened() const;
    void clear();

  private:
    struct Planned {
        FaultyCall call;
        std::uint64_t remaining;
        Fault fault;
    };
    mutable std::mutex mutex_;
    std::vector<Planned> planned_;
    std::size_t happened_ = 0;
};

/// `device` with the faults of `plan`.
HEDDLE_API std::shared_ptr<hal::Device> with_faults(std::shared_ptr<hal::Device> device,
                                                    std::shared_ptr<FaultPlan> plan);

/// The plan that HEDDLE_FAULTS makes for a device ("cuda:0") or for a backend's probe ("cuda"); null when it
/// says nothing of it. The same for the whole life of the process. Throws invalid_argument for text that is
/// no plan: docs/environment.md has the grammar.
HEDDLE_API std::shared_ptr<FaultPlan> planned_faults(const std::string& target);
/// What the text says of `target`.
HEDDLE_API std::shared_ptr<FaultPlan> parse_faults(std::string_view text, const std::string& target);
/// Called before a backend looks for its devices: hangs, crashes or throws, if it is planned.
HEDDLE_API void meet_probe_fault(const std::string& backend);

}  // namespace heddle::runtime
