// The kinds are so far apart that width, memory and backend together never make up for one: a discrete GPU is
// before an integrated one, which is before a virtual one, other accelerators, the processor, and software.
#include "scoring.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <string_view>

namespace heddle::runtime {

namespace {

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;
/// A point a compute unit, a point each 4 GiB.
constexpr std::uint64_t most_width_points = 256, most_memory_points = 64, bytes_a_point = 4 * gibibyte;

struct BackendPoints {
    std::string_view backend;
    int points;
};
/// Apart by more than what backends disagree on about the memory of one GPU.
constexpr std::array backend_points = {BackendPoints{"cuda", 30}, BackendPoints{"vulkan", 20},
                                       BackendPoints{"opencl", 10}};

ScorePart kind_part(const DeviceInfo& info) {
    if (info.backend == "scalar") return {"the processor, one lane at a time", 1};
    if (is_processor(info)) return {"the processor's vector units", 200};
    switch (info.kind) {
        case DeviceKind::discrete:
            return {"discrete GPU", 1600};
        case DeviceKind::integrated:
            return {"integrated GPU", 1200};
        case DeviceKind::virtual_gpu:
            return {"virtual GPU", 800};
        case DeviceKind::cpu:
            return {"software: a driver that computes on the processor", 40};
        case DeviceKind::other:
            break;
    }
    return {"accelerator of another kind", 400};
}

}  // namespace

bool is_processor(const DeviceInfo& info) {
    return info.backend == "cpu" || info.backend == "scalar";
}

bool is_software(const DeviceInfo& info) {
    return info.kind == DeviceKind::cpu && !is_processor(info);
}

bool is_gpu(const DeviceInfo& info) {
    return info.kind == DeviceKind::integrated || info.kind == DeviceKind::discrete ||
           info.kind == DeviceKind::virtual_gpu;
}

bool is_same_hardware(const DeviceInfo& a, const DeviceInfo& b) {
    if (a.backend == b.backend) return false;
    return (!a.uuid.empty() && a.uuid == b.uuid) || (!a.pci.empty() && a.pci == b.pci);
}

void rate(std::span<DeviceInfo* const> devices) {
    for (DeviceInfo* const device : devices) {
        DeviceInfo& info = *device;
        std::uint64_t units = info.compute_units, memory = info.memory_bytes;
        for (const DeviceInfo* const other : devices) {
            if (!is_same_hardware(info, *other)) continue;
            units = std::max<std::uint64_t>(units, other->compute_units);
            memory = std::max(memory, other->memory_bytes);
            if (std::find(info.same_as.begin(), info.same_as.end(), other->id) == info.same_as.end())
                info.same_as.push_back(other->id);
        }
        info.score_parts = {kind_part(info)};
        const auto add = [&](std::string reason, std::uint64_t points) {
            if (points != 0) info.score_parts.push_back({std::move(reason), static_cast<int>(points)});
        };
        if (is_software(info)) {
            // lavapipe leaves long loops early: between two devices in software the one that computes right.
            add("through opencl", info.backend == "opencl" ? 10 : 0);
        } else if (!is_processor(info)) {
            add(fmt::format("{} compute units", units), std::min(units, most_width_points));
            add(fmt::format("{:.1f} GiB of memory",
                            static_cast<double>(memory) / static_cast<double>(gibibyte)),
                std::min(memory / bytes_a_point, most_memory_points));
            for (const BackendPoints& each : backend_points)
                if (each.backend == info.backend)
                    add("through " + info.backend, static_cast<std::uint64_t>(each.points));
        }
        info.score = std::accumulate(info.score_parts.begin(), info.score_parts.end(), 0,
                                     [](int sum, const ScorePart& part) { return sum + part.points; });
    }
}

}  // namespace heddle::runtime
