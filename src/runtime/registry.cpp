// Lists the backends of this build (one line each) and enumerates their devices.
#include "registry.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <utility>

#include "backends/cpu/backend.h"
#include "backends/cuda/backend.h"
#include "backends/opencl/backend.h"
#include "backends/vulkan/backend.h"
#include "decoration.h"
#include "environment.h"
#include "fault_injection.h"
#include "log.h"
#include "probing.h"
#include "scoring.h"

namespace heddle::runtime {

namespace {

constexpr std::array kBackends = {
    BackendEntry{"cuda", &cuda::make_cuda_backend, true},
    BackendEntry{"cpu", &cpu::make_cpu_backend},
    BackendEntry{"scalar", &cpu::make_scalar_backend},
    BackendEntry{"vulkan", &vulkan::make_vulkan_backend, true},
    BackendEntry{"opencl", &opencl::make_backend, true},
};

}  // namespace

std::span<const BackendEntry> backend_entries() {
    return kBackends;
}

std::vector<const DeviceInfo*> infos_of(std::span<const Device> devices) {
    std::vector<const DeviceInfo*> infos;
    for (const Device& device : devices) infos.push_back(&device.info());
    return infos;
}

Registry::Registry(std::span<const BackendEntry> backends, DeviceFilter filter, Examination examine)
    : filter_(std::move(filter)), examine_(std::move(examine)) {
    for (const BackendEntry& entry : backends) {
        Looked looked{entry, nullptr, {}, {}, false};
        if (const auto reason = filter_.backend_exclusion(entry.name)) {
            looked.reason = *reason;
            looked.is_done = true;
        }
        backends_.push_back(std::move(looked));
    }
    inventory_ = gathered();
}

std::shared_ptr<const Inventory> Registry::look_at(const std::optional<std::vector<std::string>>& names) {
    const std::lock_guard lock(mutex_);
    std::vector<Looked*> wanted;
    for (Looked& looked : backends_)
        if (!looked.is_done &&
            (!names || std::find(names->begin(), names->end(), looked.entry.name) != names->end()))
            wanted.push_back(&looked);
    if (wanted.empty()) return inventory_;
    if (examine_) {
        std::vector<Looked*> unsafe;
        std::vector<std::string> unsafe_names;
        for (Looked* const looked : wanted) {
            if (!looked->entry.has_driver) continue;
            unsafe.push_back(looked);
            unsafe_names.emplace_back(looked->entry.name);
        }
        if (!unsafe.empty()) {
            const auto reasons = examine_(unsafe_names);
            for (std::size_t i = 0; i < unsafe.size(); ++i) {
                if (!reasons[i]) continue;
                unsafe[i]->reason = *reasons[i];
                unsafe[i]->is_done = true;
                log().warn("backend {}: {}", unsafe_names[i], *reasons[i]);
            }
        }
    }
    for (Looked* const looked : wanted)
        if (!looked->is_done) enumerate(*looked);
    inventory_ = gathered();
    return inventory_;
}

void Registry::enumerate(Looked& looked) {
    std::vector<std::shared_ptr<hal::Device>> found;
    looked.backend = looked.entry.make();
    try {
        meet_probe_fault(std::string(looked.entry.name));
        looked.backend->enumerate(found, looked.reason);
    } catch (const Error& error) {
        looked.reason = error.what();  // planned: enumerate() throws nothing
    }
    const bool none = found.empty();
    std::erase_if(found, [&](const auto& device) { return !filter_.allows_device(device->info()); });
    if (found.empty()) {
        if (!none) looked.reason = "its devices are excluded by HEDDLE_DEVICES or HEDDLE_DISABLE";
        if (looked.reason.empty()) looked.reason = "no device found";
        log().debug("backend {}: {}", looked.entry.name, looked.reason);
    }
    for (std::shared_ptr<hal::Device>& device : found) looked.devices.push_back(decorated(std::move(device)));
    looked.is_done = true;
}

std::shared_ptr<const Inventory> Registry::gathered() const {
    auto inventory = std::make_shared<Inventory>();
    std::vector<std::shared_ptr<hal::Device>> devices;
    for (const Looked& looked : backends_) {
        devices.insert(devices.end(), looked.devices.begin(), looked.devices.end());
        if (looked.is_done && looked.devices.empty())
            inventory->unavailable.push_back({std::string(looked.entry.name), looked.reason});
    }
    for (const std::string& name : filter_.named_backends()) {
        const bool known = std::any_of(backends_.begin(), backends_.end(),
                                       [&](const Looked& looked) { return looked.entry.name == name; });
        if (!known)
            inventory->unavailable.push_back({name, "this build of Heddle has no backend of that name"});
    }
    std::vector<DeviceInfo> infos;
    for (const auto& device : devices) infos.push_back(device->info());
    std::vector<DeviceInfo*> rated;
    for (DeviceInfo& info : infos) rated.push_back(&info);
    rate(rated);
    std::vector<std::size_t> order(devices.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return infos[a].score > infos[b].score; });
    for (const std::size_t index : order)
        inventory->devices.emplace_back(std::move(devices[index]), std::move(infos[index]));
    return inventory;
}

Registry& registry() {
    // Never destroyed: threads may still use devices while the process ends.
    static Registry& the_registry =
        *std::make_unique<Registry>(kBackends, DeviceFilter(environment::devices(), environment::disable()),
                                    &examine_drivers)
             .release();
    return the_registry;
}

}  // namespace heddle::runtime
