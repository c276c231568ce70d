// Where the contents of data are: the host's copy, copies on devices, and which of them are good.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/executor/device_slot.h"

namespace heddle::detail {

/// All but the fixed parts is guarded by `mutex`, which an operation holds until it has ended. Locked before
/// any slot's.
class DataState {
  public:
    enum class Kind : std::uint8_t { callers, constant, resident };

    DataState(std::string the_name, std::byte* memory, std::size_t the_bytes, Kind the_kind,
              Data::Copies copies);
    ~DataState();
    DataState(const DataState&) = delete;
    DataState& operator=(const DataState&) = delete;

    const std::string name;
    const std::size_t bytes;
    const Kind kind;
    const bool is_mirrored;
    mutable std::mutex mutex;
    /// Set while an operation holds the mutex: others leave the data alone without asking for it.
    std::atomic<bool> is_in_use{false};

    /// A copy on a device.
    struct Copy {
        std::shared_ptr<DeviceSlot> slot;
        std::uint64_t generation = 0;
        Buffer buffer;
        bool is_good = false;
        bool exists() const noexcept { return slot->generation() == generation; }
    };

    /// The host's copy; that of resident data is made when it is first asked for.
    std::byte* host();
    bool is_host_good() const noexcept { return is_host_good_; }
    /// Still as it was made: all zeros, nowhere.
    bool is_blank() const noexcept { return is_blank_; }
    /// The copy on a device, good or not; null where there is none.
    Copy* find(const DeviceSlot& slot) noexcept;
    /// The first good one; null when none is.
    Copy* find_good() noexcept;
    std::vector<std::string> places() const;
    Copy& add(std::shared_ptr<DeviceSlot> slot, Buffer buffer);
    /// Whether what was in it is nowhere any more.
    bool is_lost() noexcept { return !is_host_good_ && !is_blank_ && find_good() == nullptr; }

    /// Brings the host's copy up to date. No slot's mutex may be held. Throws device_lost, by name, and
    /// what a device said that could not hand it out; what failed goes to `notes` too.
    void fetch(std::vector<std::string>* notes = nullptr);
    /// Only `copy` is good now (null: only the host's), or the host's as well.
    void set_good(Copy* copy, bool is_host_good) noexcept;
    /// Takes away the copies made on a device, whether they still exist or not.
    std::vector<Buffer> take_copies(const DeviceSlot& slot);
    /// Gives up the copy there, if it is not the only one. With the slot's mutex held.
    bool evict_from(DeviceSlot& slot) noexcept;

  private:
    struct Free {
        void operator()(std::byte* memory) const noexcept;
    };
    std::byte* host_;
    std::unique_ptr<std::byte[], Free> own_;
    bool is_host_good_;
    bool is_blank_;
    std::vector<Copy> copies_;
};

}  // namespace heddle::detail
