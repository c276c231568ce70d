// One operation on one device: its data brought there, the launch, and the results brought back, such that a
// failure at any point leaves the caller's data as it was.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <heddle/executor.h>

#include "runtime/executor/cost_model.h"
#include "runtime/executor/data_state.h"
#include "runtime/executor/device_slot.h"

namespace heddle::detail {

/// Data of an operation, once for each argument that names it together.
struct UsedData {
    std::shared_ptr<DataState> state;
    bool is_read = true, is_written = true;
};

/// An operation's data, locked for as long as this lives.
class LockedData {
  public:
    explicit LockedData(const Operation& operation);
    ~LockedData();
    LockedData(const LockedData&) = delete;
    LockedData& operator=(const LockedData&) = delete;

    std::vector<UsedData>& all() noexcept { return all_; }
    const std::vector<UsedData>& all() const noexcept { return all_; }
    /// The entry of argument `index`, which must be data.
    UsedData& of_argument(std::size_t index) noexcept { return all_[place_[index]]; }
    /// Says of each entry whether it is read and written, from the arguments and, where they leave it to the
    /// kernel, from `info` (null: nobody knows yet). Throws invalid_argument when constant data is written.
    void resolve(const Operation& operation, const KernelInfo* info);

  private:
    std::vector<UsedData> all_;  // by address: the order of locking
    std::vector<std::size_t> place_;
};

struct RunSettings {
    bool keeps_inputs = true;
};

/// What a run found out beside its results.
struct RunNotes {
    std::uint64_t bytes_to_device = 0, bytes_to_host = 0;
    bool was_cold = false;      ///< something was loaded or allocated that the next run will find ready
    bool was_launched = false;  ///< on the device that failed
    std::vector<std::string> failures;  ///< of other devices, that did no harm
};

/// Whether an operation on `slot` works on the host's copy of `data`.
bool works_in_place(const DeviceSlot& slot, DataState& data) noexcept;

/// Runs it. Locks the slot. Throws what failed; a device that has to be left alone is lost then.
void run_operation(DeviceSlot& slot, const Operation& operation, LockedData& data,
                   const RunSettings& settings, RunNotes& notes);

}  // namespace heddle::detail
