// Guided self-scheduling: half of a device's share of what is left, by what the devices have shown so far.
#include "runtime/split/chunk_dispenser.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "runtime/split/device_failure.h"

namespace heddle::runtime {

ChunkDispenser::ChunkDispenser(std::uint64_t elements, std::uint64_t granule, std::size_t devices,
                               Progress progress)
    : elements_(elements), granule_(granule), progress_(std::move(progress)), devices_(devices) {}

bool ChunkDispenser::is_over() const noexcept {
    return is_cancelled_ || fatal_ || thrown_ || done_ == elements_;
}

/// Elements that nobody has.
std::uint64_t ChunkDispenser::open() const noexcept {
    std::uint64_t count = elements_ - next_;
    for (const Chunk& chunk : returned_) count += chunk.count;
    return count;
}

std::uint64_t ChunkDispenser::size_for(std::size_t device, std::uint64_t most) const {
    const auto granules = [&](double elements) {
        const auto count = static_cast<std::uint64_t>(elements) / granule_ * granule_;
        return std::clamp(count, std::min(granule_, most), most);
    };
    const Entry& mine = devices_[device];
    const auto left = static_cast<double>(open());
    double all = 0;
    std::size_t taking_part = 0;
    for (const Entry& each : devices_) {
        if (each.has_failed || each.has_retired) continue;
        all += each.rate;
        ++taking_part;
    }
    if (taking_part <= 1) return most;
    // The first chunks tell what the devices are worth, and cost little if one is worth nothing.
    if (mine.rate <= 0)
        return granules(std::min<double>(static_cast<double>(most) / 4,
                                         left / (16.0 * static_cast<double>(taking_part))));
    return granules(std::max(left * (mine.rate / all) / 2, static_cast<double>(most) / 16));
}

bool ChunkDispenser::pays(std::size_t device, std::uint64_t count) {
    Entry& mine = devices_[device];
    double others = 0;
    for (std::size_t i = 0; i < devices_.size(); ++i)
        if (i != device && !devices_[i].has_failed && !devices_[i].has_retired) others += devices_[i].rate;
    if (mine.has_retired) {
        mine.has_retired = false;
        mine.reason.clear();
    }
    if (mine.rate <= 0 || others <= 0) return true;
    const double own_ms = static_cast<double>(count) / mine.rate,
                 others_ms = static_cast<double>(open()) / others;
    if (own_ms <= others_ms) return true;
    mine.has_retired = true;
    mine.reason = fmt::format(
        "another chunk would not pay: {} elements would take it {:.3g} ms, and the others "
        "need {:.3g} ms for all that is left",
        count, own_ms, others_ms);
    return false;
}

std::optional<Chunk> ChunkDispenser::take(std::size_t device, std::uint64_t most, bool waits) {
    std::unique_lock lock(mutex_);
    while (!is_over()) {
        if (open() > 0) {
            std::uint64_t count = size_for(device, most);
            if (!returned_.empty())
                count = std::min(count, returned_.back().count);
            else
                count = std::min(count, elements_ - next_);
            if (pays(device, count)) {
                Chunk chunk;
                if (!returned_.empty()) {
                    Chunk& back = returned_.back();
                    chunk = {back.first, count};
                    back.first += count;
                    back.count -= count;
                    if (back.count == 0) returned_.pop_back();
                } else {
                    chunk = {next_, count};
                    next_ += count;
                }
                return chunk;
            }
        }
        if (!waits) return std::nullopt;
        // What others have at work may come back.
        changed_.wait(lock);
    }
    return std::nullopt;
}

void ChunkDispenser::finished(std::size_t device, const Chunk& chunk, double elapsed_ms) {
    const std::lock_guard in_turn(progress_mutex_);
    std::uint64_t done = 0;
    {
        const std::lock_guard lock(mutex_);
        Entry& mine = devices_[device];
        mine.done += chunk.count;
        mine.rate = static_cast<double>(mine.done) / std::max(elapsed_ms, 1e-6);
        done = done_ += chunk.count;
    }
    bool goes_on = true;
    std::exception_ptr thrown;
    try {
        if (progress_) goes_on = progress_(done, elements_);
    } catch (...) {
        thrown = std::current_exception();  // check() throws it again
    }
    {
        const std::lock_guard lock(mutex_);
        if (!goes_on && done != elements_) is_cancelled_ = true;
        if (thrown && !thrown_) thrown_ = thrown;
    }
    changed_.notify_all();
}

void ChunkDispenser::failed(std::size_t device, const std::vector<Chunk>& chunks, const Error& error,
                            bool damaged) {
    {
        const std::lock_guard lock(mutex_);
        Entry& mine = devices_[device];
        mine.has_failed = true;
        mine.reason = error.what();
        last_ = error;
        for (const Chunk& chunk : chunks) returned_.push_back(chunk);
        const bool are_all_gone =
            std::all_of(devices_.begin(), devices_.end(), [](const Entry& each) { return each.has_failed; });
        // A kernel that fails on two devices is at fault itself.
        const bool is_kernels = error.code() == ErrorCode::launch_failed && kernel_failed_on_;
        if (error.code() == ErrorCode::launch_failed) kernel_failed_on_ = device;
        const bool may_go_on = is_of_device(error.code()) || error.code() == ErrorCode::unsupported;
        if (!fatal_ && (!may_go_on || is_kernels || are_all_gone || damaged)) fatal_ = error;
    }
    changed_.notify_all();
}

void ChunkDispenser::check() const {
    const std::lock_guard lock(mutex_);
    if (thrown_) std::rethrow_exception(thrown_);
    if (!fatal_) return;
    std::string reason = fatal_->reason();
    for (const Entry& each : devices_)
        if (each.has_failed && each.reason != fatal_->what()) reason += "; before that: " + each.reason;
    throw Error(fatal_->code(), reason, fatal_->operation(), fatal_->device());
}

}  // namespace heddle::runtime
