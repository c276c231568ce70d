// The backends of this build and the devices they found. Each is looked at when something first needs its
// devices, after HEDDLE_DEVICES and HEDDLE_DISABLE have said whether it may be touched at all.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/device.h>

#include "hal.h"
#include "selection.h"

namespace heddle::runtime {

/// One backend of this build. `make` must not touch a driver; enumerate() does.
struct BackendEntry {
    std::string_view name;
    std::unique_ptr<hal::Backend> (*make)();
    bool has_driver = false;  ///< loads libraries that are not Heddle's, which may crash or hang
};

/// All backends of this build.
std::span<const BackendEntry> backend_entries();

/// What there is, best device first, and what there is not, with reasons: of the backends looked at so far.
struct Inventory {
    std::vector<Device> devices;
    std::vector<UnavailableBackend> unavailable;
};

/// The descriptions of `devices`, which must outlive them.
std::vector<const DeviceInfo*> infos_of(std::span<const Device> devices);

/// Why the drivers of these backends must not be touched in this process; none where they may be. Called once
/// a backend at most.
using Examination =
    std::function<std::vector<std::optional<std::string>>(std::span<const std::string> backends)>;

/// Safe to call from several threads. Devices of one piece of hardware (equal UUID or PCI address) know each
/// other. Backends live as long as the registry, which must outlive their devices.
class Registry {
  public:
    /// Without an examination drivers are touched as they are.
    Registry(std::span<const BackendEntry> backends, DeviceFilter filter, Examination examine = {});

    std::shared_ptr<const Inventory> all() { return look_at(std::nullopt); }
    /// After the named backends have been looked at too; none: all. Names that no backend has are passed
    /// over.
    std::shared_ptr<const Inventory> look_at(const std::optional<std::vector<std::string>>& names);

  private:
    struct Looked {
        BackendEntry entry;
        std::unique_ptr<hal::Backend> backend;  // before its devices: destroyed after them
        std::vector<std::shared_ptr<hal::Device>> devices;
        std::string reason;  // why there are none
        bool is_done = false;
    };
    std::mutex mutex_;
    std::vector<Looked> backends_;
    const DeviceFilter filter_;
    const Examination examine_;
    std::shared_ptr<const Inventory> inventory_;

    void enumerate(Looked& looked);
    std::shared_ptr<const Inventory> gathered() const;
};

/// This build's backends under this process's environment; made once. Throws invalid_argument when
/// HEDDLE_DEVICES or HEDDLE_DISABLE is malformed.
Registry& registry();

}  // namespace heddle::runtime
