// Predictions: the same size if it was timed, else the nearest size, else another device's times.
#include "runtime/executor/cost_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <heddle/executor.h>

namespace heddle::executor {

namespace {

constexpr double us_a_ms = 1e3;
// GB/s are 10^9 bytes a second, which are 10^6 bytes a millisecond.
constexpr double bytes_a_ms = 1e6;
constexpr unsigned samples_beyond_start = 3;
// What a kernel of which nothing is known does for each thread.
constexpr double operations_a_thread = 16;

unsigned logarithm(double value) {
    return value < 1 ? 0 : static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(value)));
}

double copied(const Work& work) {
    return work.to_device + work.to_host;
}

}  // namespace

DeviceProfile supposed_profile(const DeviceInfo& device) {
    DeviceProfile profile;
    switch (method_of(device)) {
        case Method::gpu:
            if (device.kind == DeviceKind::integrated)
                profile = {20, 20, 20, 6, 6, 40, 1000, false, false};
            else
                profile = {20, 20, 20, 8, 8, 400, 8000, false, false};
            break;
        case Method::simd:
            profile = {1, 0, 0, 10, 10, 15, 40, false, true};
            break;
        case Method::software:
            profile = {60, 20, 20, 5, 5, 5, 10, false, false};
            break;
        case Method::scalar:
            profile = {1, 0, 0, 10, 10, 4, 1.5, false, true};
            break;
    }
    return profile;
}

double copying_ms(const DeviceProfile& profile, const Work& work) {
    if (profile.shares_host_memory) return 0;
    return (work.copies_to_device * profile.upload_us + work.copies_to_host * profile.download_us) / us_a_ms +
           work.to_device / (profile.upload_gb_s * bytes_a_ms) +
           work.to_host / (profile.download_gb_s * bytes_a_ms);
}

double streaming_ms(const DeviceProfile& profile, const Work& work) {
    return profile.launch_us / us_a_ms +
           std::max(work.bytes / (profile.memory_gb_s * bytes_a_ms),
                    work.threads * operations_a_thread / (profile.arithmetic_gops * bytes_a_ms));
}

double Prediction::uncertainty() const noexcept {
    switch (basis) {
        case Basis::timed:
            // The first times are often outliers: memory is touched for the first time, threads wake up. What
            // that costs is milliseconds at most, which says little about long work.
            return 1.0 + 3.0 / std::max(samples, 1U) +
                   (samples < samples_beyond_start ? 9.0 / std::max(samples, 1U) * std::min(1.0, 10.0 / ms)
                                                   : 0);
        case Basis::scaled:
            return 3.0 * std::exp2(0.5 * octaves);
        case Basis::other:
            return 6.0;
        case Basis::supposed:
            break;
    }
    return 20.0;
}

// ---- times of one operation on one device

std::uint32_t Timings::group_of(double threads, double copied_bytes, double bytes) {
    return logarithm(threads) << 16 | logarithm(bytes) << 8 | logarithm(copied_bytes);
}

double Timings::Group::quartile() const {
    std::array<float, kept> sorted = latest;
    const std::size_t filled = std::min<std::size_t>(count, kept);
    std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(filled));
    return static_cast<double>(sorted[(filled - 1) / 4]);
}

void Timings::add(const Work& work, double ms) {
    Group& group = groups_[group_of(work.threads, copied(work), work.bytes)];
    group.threads = work.threads;
    group.copied = copied(work);
    group.bytes = work.bytes;
    group.latest[group.count % kept] = static_cast<float>(ms);
    ++group.count;
}

std::optional<Timings::Sample> Timings::find(const Work& work) const {
    const auto found = groups_.find(group_of(work.threads, copied(work), work.bytes));
    if (found == groups_.end()) return std::nullopt;
    const Group& group = found->second;
    return Sample{group.threads, group.copied, group.bytes, group.quartile(), group.count};
}

std::vector<Timings::Sample> Timings::all() const {
    std::vector<Sample> samples;
    samples.reserve(groups_.size());
    for (const auto& [key, group] : groups_)
        samples.push_back({group.threads, group.copied, group.bytes, group.quartile(), group.count});
    return samples;
}

void Timings::restore(const Sample& sample) {
    Group& group = groups_[group_of(sample.threads, sample.copied, sample.bytes)];
    group.threads = sample.threads;
    group.copied = sample.copied;
    group.bytes = sample.bytes;
    group.latest.fill(static_cast<float>(sample.ms));
    group.count = std::max<unsigned>(sample.count, 1);
}

// ---- the model

void CostModel::set_profile(const std::string& device, const DeviceProfile& profile) {
    const std::lock_guard lock(mutex_);
    profiles_[device] = profile;
}

DeviceProfile CostModel::profile(const std::string& device) const {
    const std::lock_guard lock(mutex_);
    const auto found = profiles_.find(device);
    return found == profiles_.end() ? DeviceProfile{} : found->second;
}

void CostModel::learn(const std::string& operation, const std::string& device, const Work& work, double ms) {
    const std::lock_guard lock(mutex_);
    timings_[operation][device].add(work, ms);
}

Prediction CostModel::predict(const std::string& operation, const std::string& device,
                              const Work& work) const {
    const std::lock_guard lock(mutex_);
    return predict_locked(operation, device, work);
}

namespace {

/// The kernel's part of a sample, as the profile sees its copies.
double kernel_ms(const DeviceProfile& profile, const Timings::Sample& sample, const Work& work) {
    Work as_it_was = work;
    const double now = copied(work);
    const double factor = now > 0 ? sample.copied / now : 0;
    as_it_was.to_device *= factor;
    as_it_was.to_host *= factor;
    if (factor == 0) as_it_was.copies_to_device = as_it_was.copies_to_host = 0;
    // Copies are never all of it, however wrong the profile.
    return std::max(sample.ms - copying_ms(profile, as_it_was), 0.1 * sample.ms);
}

/// A kernel's time at another number of threads: what is beyond the launch grows with them.
double scaled_ms(const DeviceProfile& profile, double ms, double from, double to) {
    const double fixed = std::min(profile.launch_us / us_a_ms, 0.9 * ms);
    return fixed + (ms - fixed) * (to / from);
}

}  // namespace

Prediction CostModel::predict_locked(const std::string& operation, const std::string& device,
                                     const Work& work) const {
    const auto profile_of = [this](const std::string& key) {
        const auto found = profiles_.find(key);
        return found == profiles_.end() ? DeviceProfile{} : found->second;
    };
    const DeviceProfile profile = profile_of(device);
    const auto known = timings_.find(operation);
    if (known != timings_.end()) {
        if (const auto mine = known->second.find(device); mine != known->second.end()) {
            if (const auto sample = mine->second.find(work))
                return {sample->ms, Basis::timed, sample->count, 0};
            // The nearest size on either side; between two, along the line through their logarithms.
            const Timings::Sample *below = nullptr, *above = nullptr;
            const std::vector<Timings::Sample> samples = mine->second.all();
            for (const Timings::Sample& each : samples) {
                const auto is_nearer = [&](const Timings::Sample* known_one) {
                    if (known_one == nullptr) return true;
                    const double mine_off = std::abs(each.threads - work.threads),
                                 theirs_off = std::abs(known_one->threads - work.threads);
                    return mine_off < theirs_off ||
                           (mine_off == theirs_off &&
                            std::abs(each.bytes - work.bytes) < std::abs(known_one->bytes - work.bytes));
                };
                if (each.threads <= work.threads && is_nearer(below)) below = &each;
                if (each.threads >= work.threads && is_nearer(above)) above = &each;
            }
            const auto octaves_to = [&](const Timings::Sample* sample) {
                return sample == nullptr ? std::numeric_limits<double>::infinity()
                                         : std::abs(std::log2(work.threads / sample->threads));
            };
            const double octaves = std::min(octaves_to(below), octaves_to(above));
            double ms = 0;
            if (below != nullptr && above != nullptr && above->threads > below->threads) {
                const double low = kernel_ms(profile, *below, work), high = kernel_ms(profile, *above, work);
                const double share =
                    std::log(work.threads / below->threads) / std::log(above->threads / below->threads);
                ms = low * std::pow(high / low, share);
            } else {
                const Timings::Sample& near = below != nullptr ? *below : *above;
                ms = scaled_ms(profile, kernel_ms(profile, near, work), near.threads, work.threads);
            }
            return {ms + copying_ms(profile, work), Basis::scaled, 0, octaves};
        }
        // Another device's times, by how much faster this one streams or calculates.
        const std::map<std::string, Timings>& others = known->second;
        double best_ms = std::numeric_limits<double>::infinity(), nearest = best_ms;
        for (const auto& [other, timings] : others) {
            const DeviceProfile theirs = profile_of(other);
            for (const Timings::Sample& each : timings.all()) {
                const double distance = std::abs(std::log(each.threads / work.threads));
                if (distance >= nearest) continue;
                nearest = distance;
                const double there =
                    scaled_ms(theirs, kernel_ms(theirs, each, work), each.threads, work.threads);
                const double beyond = std::max(there - theirs.launch_us / us_a_ms, 0.0);
                const double speed = std::sqrt(profile.memory_gb_s / theirs.memory_gb_s *
                                               profile.arithmetic_gops / theirs.arithmetic_gops);
                best_ms = profile.launch_us / us_a_ms + beyond / speed + copying_ms(profile, work);
            }
        }
        if (std::isfinite(best_ms)) return {best_ms, Basis::other, 0, nearest};
    }
    return {streaming_ms(profile, work) + copying_ms(profile, work), Basis::supposed, 0, 0};
}

std::vector<CostModel::Stored> CostModel::stored() const {
    const std::lock_guard lock(mutex_);
    std::vector<Stored> all;
    for (const auto& [operation, devices] : timings_)
        for (const auto& [device, timings] : devices)
            for (const Timings::Sample& sample : timings.all()) all.push_back({operation, device, sample});
    return all;
}

void CostModel::restore(const Stored& stored) {
    const std::lock_guard lock(mutex_);
    timings_[stored.operation][stored.device].restore(stored.sample);
}

std::string device_key(const DeviceInfo& device) {
    const std::string& hardware = device.uuid.empty() ? device.pci : device.uuid;
    return fmt::format("{}|{}|{}|{}|{}", device.backend, device.id, device.name, hardware, device.driver);
}

}  // namespace heddle::executor
