// Device selectors, as the command line and HEDDLE_DEVICES write them: text and the devices there are go in,
// devices or a clear refusal come out. Touches no driver.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/device.h>

namespace heddle::runtime {

/// What HEDDLE_DEVICES and HEDDLE_DISABLE allow to be looked at.
class DeviceFilter {
  public:
    DeviceFilter() = default;
    /// Comma lists of "backend", "backend:index"; `only` also takes "gpu" and "all". Throws invalid_argument.
    DeviceFilter(const std::optional<std::string>& only, const std::optional<std::string>& without);
    /// Why the backend must not be touched; none when it may be.
    std::optional<std::string> backend_exclusion(std::string_view backend) const;
    bool allows_device(const DeviceInfo& info) const;
    /// The backends that HEDDLE_DEVICES names, for reporting those that do not exist.
    std::vector<std::string> named_backends() const;

  private:
    struct Entry {
        std::string backend;
        std::optional<unsigned> index;
    };
    static std::vector<Entry> parse(const std::string& list, const char* variable, bool allow_groups);
    bool is_limited_ = false, only_gpus_ = false;
    std::vector<Entry> only_, without_;
};

/// The backends whose devices a comma list of selectors may mean; none: all. Throws invalid_argument for text
/// that is no selector.
std::optional<std::vector<std::string>> backends_of(std::string_view selectors);

/// The devices that a comma list of selectors names, in its order, none twice. `present` is best first.
/// Throws invalid_argument for text that is no selector, device_unavailable for a device that is not there.
std::vector<Device> select(std::string_view selectors, std::span<const Device> present,
                           std::span<const UnavailableBackend> unavailable);

}  // namespace heddle::runtime
