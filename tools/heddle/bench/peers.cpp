// The choice of peers, see peers.h.
#include "peers.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <heddle/error.h>

namespace heddle::tool::bench {

namespace {

bool is_scalar(const Device& device) {
    return device.info().backend == "scalar";
}

/// "cuda:1" is 1.
int number_of(const std::string& id) {
    int number = 0;
    const std::size_t colon = id.find(':');
    std::from_chars(id.data() + colon + 1, id.data() + id.size(), number);
    return number;
}

/// What a device is compared with when nobody says otherwise: its own kind's best.
std::vector<std::string> suitable(const Device& device) {
    const DeviceInfo& info = device.info();
    if (is_scalar(device)) return {"native-scalar"};
    if (info.backend == "cpu") {
        std::vector<std::string> names{"pocl", "openmp"};
        for (const Device& other : devices())
            if (is_software(other.info())) names.push_back(other.id());
        return names;
    }
    if (info.kind == DeviceKind::cpu) return {"pocl", "openmp"};
    if (info.backend == "cuda") return {"nvcc"};
    std::vector<std::string> names;
    for (const std::string& other : info.same_as)
        if (other.starts_with("cuda:")) names.push_back(other);
    return names;
}

/// Whether a peer that was asked for can be compared with the device at all.
bool compares(const std::string& name, const Device& device) {
    if (name == "native-scalar" || is_scalar(device)) return name == "native-scalar" && is_scalar(device);
    if (name == "nvcc") return device.info().kind != DeviceKind::cpu;
    return name != device.id();
}

}  // namespace

bool is_software(const DeviceInfo& info) {
    return info.kind == DeviceKind::cpu && info.backend != "cpu" && info.backend != "scalar";
}

PeerSet::PeerSet(std::span<const std::string> names, std::span<const Device> devices, std::string folder)
    : folder_(std::move(folder)) {
    for (const Device& device : devices) {
        std::vector<Contender*>& mine = of_device_[device.id()];
        const std::vector<std::string> wanted =
            names.empty() ? suitable(device) : std::vector<std::string>(names.begin(), names.end());
        for (const std::string& name : wanted)
            if (compares(name, device))
                if (Contender* const peer = find(name, device)) mine.push_back(peer);
    }
}

std::vector<Contender*> PeerSet::of(const Device& device) const {
    return of_device_.at(device.id());
}

Contender* PeerSet::find(const std::string& name, const Device& device) {
    // Each CUDA device has an nvcc of its own.
    std::string place = name;
    int ordinal = 0;
    if (name == "nvcc") {
        std::string cuda = device.id();
        for (const std::string& other : device.info().same_as)
            if (other.starts_with("cuda:")) cuda = other;
        ordinal = number_of(cuda);
        place = fmt::format("nvcc for cuda:{}", ordinal);
    }
    const auto [entry, is_new] = peers_.try_emplace(place);
    Peer& peer = entry->second;
    if (!is_new) return peer.contender.get();
    try {
        if (name == "pocl") {
            peer.contender = make_pocl_contender();
        } else if (name == "openmp" || name == "native-scalar") {
            peer.contender = make_native_contender(name, name == "openmp" ? "openmp" : "scalar");
        } else if (name == "nvcc") {
            peer.contender = make_nvcc_contender(ordinal);
        } else {
            peer.contender = make_device_contender(heddle::device(name), folder_);
        }
        participants_.push_back({place, peer.contender->description(), ""});
    } catch (const Error& error) {
        if (error.code() == ErrorCode::invalid_argument) throw;
        participants_.push_back({place, "", error.what()});
    }
    return peer.contender.get();
}

}  // namespace heddle::tool::bench
