// Device and the free functions that list and choose devices.
#include <heddle/device.h>

#include <algorithm>
#include <array>
#include <utility>

#include <heddle/buffer.h>
#include <heddle/error.h>
#include <heddle/host_buffer.h>
#include <heddle/queue.h>
#include <heddle/requirements.h>

#include "choice.h"
#include "hal.h"
#include "registry.h"
#include "scoring.h"
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

Device::Device(std::shared_ptr<hal::Device> impl) : impl_(std::move(impl)) {
    auto info = std::make_shared<DeviceInfo>(impl_->info());
    runtime::rate(std::array{info.get()});
    info_ = std::move(info);
}

Device::Device(std::shared_ptr<hal::Device> impl, DeviceInfo info)
    : impl_(std::move(impl)), info_(std::make_shared<DeviceInfo>(std::move(info))) {}

const DeviceInfo& Device::info() const noexcept {
    return *info_;
}

bool Device::has_feature(std::string_view feature) const noexcept {
    return std::find(info_->features.begin(), info_->features.end(), feature) != info_->features.end();
}

bool Device::can_use(std::string_view feature) const noexcept {
    return has_feature(feature) ||
           std::find(info_->emulated.begin(), info_->emulated.end(), feature) != info_->emulated.end();
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
    return runtime::registry().all()->devices;
}

std::vector<Device> devices(std::string_view backend) {
    const auto inventory = runtime::registry().look_at(std::vector{std::string(backend)});
    std::vector<Device> found;
    for (const Device& device : inventory->devices)
        if (device.info().backend == backend) found.push_back(device);
    return found;
}

std::vector<UnavailableBackend> unavailable_backends() {
    return runtime::registry().all()->unavailable;
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
    const auto inventory = runtime::registry().look_at(runtime::backends_of(selectors));
    try {
        return runtime::select(selectors, inventory->devices, inventory->unavailable);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::device_unavailable) throw;
    }
    // The refusal names what there is instead: the processor's devices, which no driver can keep from
    // answering.
    const auto wider = runtime::registry().look_at(std::vector<std::string>{"cpu", "scalar"});
    return runtime::select(selectors, wider->devices, wider->unavailable);
}

Device best_device(const Requirements& requirements) {
    const auto inventory = runtime::registry().look_at(runtime::backends_of(requirements));
    const std::vector<const DeviceInfo*> infos = runtime::infos_of(inventory->devices);
    const runtime::Choice choice = runtime::choose(requirements, infos, inventory->unavailable);
    if (choice.fitting == 0) {
        std::string reason = "no device meets the requirements";
        for (const Refusal& refusal : choice.refusals) reason += "; " + refusal.id + ": " + refusal.reason;
        throw Error(ErrorCode::device_unavailable, reason);
    }
    return inventory->devices[choice.devices.front()];
}

std::vector<Device> device_chain(const Requirements& requirements, std::vector<Refusal>* refusals) {
    const auto inventory = runtime::registry().look_at(runtime::backends_of(requirements));
    const std::vector<const DeviceInfo*> infos = runtime::infos_of(inventory->devices);
    runtime::Choice choice = runtime::choose(requirements, infos, inventory->unavailable);
    std::vector<Device> chain;
    for (const std::size_t index : choice.devices) chain.push_back(inventory->devices[index]);
    if (refusals != nullptr) *refusals = std::move(choice.refusals);
    return chain;
}

}  // namespace heddle
