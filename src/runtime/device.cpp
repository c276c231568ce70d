// Device and the free functions that list and choose devices.
#include <heddle/device.h>

#include <algorithm>
#include <utility>

#include <heddle/buffer.h>
#include <heddle/error.h>
#include <heddle/host_buffer.h>
#include <heddle/queue.h>

#include "hal.h"
#include "registry.h"
#include "selection.h"

namespace heddle {

std::string_view name(DeviceKind kind) noexcept {
    switch (kind) {
        case DeviceKind::cpu:
            return "cpu";
        case DeviceKind::integrated:
            return "integrated";
        case DeviceKind::discrete:
            return "discrete";
        case DeviceKind::virtual_gpu:
            return "virtual";
        case DeviceKind::other:
            break;
    }
    return "other";
}

Device::Device(std::shared_ptr<hal::Device> impl, std::vector<std::string> same_as) : impl_(std::move(impl)) {
    auto info = std::make_shared<DeviceInfo>(impl_->info());
    info->same_as = std::move(same_as);
    info_ = std::move(info);
}

const DeviceInfo& Device::info() const noexcept {
    return *info_;
}

bool Device::has_feature(std::string_view feature) const noexcept {
    return std::find(info_->features.begin(), info_->features.end(), feature) != info_->features.end();
}

Buffer Device::allocate(std::size_t bytes) const {
    return Buffer(*this, impl_->allocate(bytes));
}

HostBuffer Device::allocate_host(std::size_t bytes) const {
    return HostBuffer(*this, impl_->allocate_host(bytes));
}

Queue Device::create_queue() const {
    return Queue(*this);
}

std::vector<Device> devices() {
    return runtime::inventory().devices;
}

std::vector<UnavailableBackend> unavailable_backends() {
    return runtime::inventory().unavailable;
}

Device best_device() {
    return device("best");
}

Device device(std::string_view selector) {
    std::vector<Device> chosen = select_devices(selector);
    if (chosen.size() != 1 || selector.find(',') != std::string_view::npos || selector == "all") {
        throw Error(ErrorCode::invalid_argument,
                    "'" + std::string(selector) + "' is a list of devices; name one");
    }
    return chosen.front();
}

std::vector<Device> select_devices(std::string_view selectors) {
    const runtime::Inventory& inventory = runtime::inventory();
    return runtime::select(selectors, inventory.devices, inventory.unavailable);
}

}  // namespace heddle
