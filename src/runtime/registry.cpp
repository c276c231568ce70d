// Lists the backends of this build (one line each) and enumerates their devices.
#include "registry.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <utility>

#include "backends/cpu/backend.h"
#include "backends/cuda/backend.h"
#include "backends/opencl/backend.h"
#include "backends/vulkan/backend.h"
#include "decoration.h"
#include "environment.h"
#include "log.h"

namespace heddle::runtime {

namespace {

constexpr std::array kBackends = {
    BackendEntry{"cuda", &cuda::make_cuda_backend},    BackendEntry{"cpu", &cpu::make_cpu_backend},
    BackendEntry{"scalar", &cpu::make_scalar_backend}, BackendEntry{"vulkan", &vulkan::make_vulkan_backend},
    BackendEntry{"opencl", &opencl::make_backend},
};

bool is_same_hardware(const DeviceInfo& a, const DeviceInfo& b) {
    if (a.backend == b.backend) return false;
    return (!a.uuid.empty() && a.uuid == b.uuid) || (!a.pci.empty() && a.pci == b.pci);
}

}  // namespace

Inventory enumerate(std::span<const BackendEntry> backends, const DeviceFilter& filter) {
    Inventory found;
    std::vector<std::shared_ptr<hal::Device>> all;
    for (const BackendEntry& entry : backends) {
        if (const auto reason = filter.backend_exclusion(entry.name)) {
            found.unavailable.push_back({std::string(entry.name), *reason});
            continue;
        }
        std::vector<std::shared_ptr<hal::Device>> mine;
        std::string reason;
        found.backends.push_back(entry.make());
        found.backends.back()->enumerate(mine, reason);
        const bool none = mine.empty();
        std::erase_if(mine, [&](const auto& device) { return !filter.allows_device(device->info()); });
        if (mine.empty()) {
            if (!none) reason = "its devices are excluded by HEDDLE_DEVICES or HEDDLE_DISABLE";
            if (reason.empty()) reason = "no device found";
            log().debug("backend {}: {}", entry.name, reason);
            found.unavailable.push_back({std::string(entry.name), reason});
        }
        for (std::shared_ptr<hal::Device>& device : mine) all.push_back(decorated(std::move(device)));
    }
    for (const std::string& name : filter.named_backends()) {
        const bool known = std::any_of(backends.begin(), backends.end(),
                                       [&](const BackendEntry& entry) { return entry.name == name; });
        if (!known) found.unavailable.push_back({name, "this build of Heddle has no backend of that name"});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a->info().score > b->info().score; });
    for (const auto& device : all) {
        std::vector<std::string> same_as = device->info().same_as;
        for (const auto& other : all) {
            if (is_same_hardware(device->info(), other->info()) &&
                std::find(same_as.begin(), same_as.end(), other->info().id) == same_as.end()) {
                same_as.push_back(other->info().id);
            }
        }
        found.devices.emplace_back(device, std::move(same_as));
    }
    return found;
}

const Inventory& inventory() {
    // Never destroyed: threads may still use devices while the process ends.
    static std::mutex mutex;
    static const Inventory* made = nullptr;
    const std::lock_guard lock(mutex);
    if (made == nullptr) {
        const DeviceFilter filter(environment::devices(), environment::disable());
        made = std::make_unique<Inventory>(enumerate(kBackends, filter)).release();
    }
    return *made;
}

}  // namespace heddle::runtime
