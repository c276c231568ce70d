// Chooses a source for each missing piece, queues direct copies, and reads the rest out of all sources at
// once.
#include "runtime/split/exchange.h"

#include <algorithm>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "runtime/hal.h"
#include "runtime/split/device_failure.h"

namespace heddle::runtime {

namespace {

/// More is not worth pinning: the system runs short of memory for everyone.
constexpr std::size_t most_pinned_bytes = std::size_t{512} << 20;

/// A piece that comes from another device through the host.
struct Staged {
    std::size_t source = 0, destination = 0;
    ArrayPiece piece;
};

/// What is read out of one device, once for all that want it.
class Outgoing {
  public:
    void want(const ArrayPiece& piece) { wanted_[piece.array].add(piece.range); }
    bool empty() const noexcept { return wanted_.empty(); }

    /// Gives every wanted range a place in host memory of `from`, and reads it.
    void read(SessionDevice& from, std::vector<std::string>& notes) {
        std::size_t bytes = 0;
        for (const auto& [array, ranges] : wanted_)
            for (const ByteRange& range : ranges.ranges()) {
                places_.push_back({{array, range}, bytes});
                bytes += (range.bytes() + 255) / 256 * 256;
            }
        base_ = memory_for(from, bytes, notes);
        for (const Place& place : places_)
            from.queue->read(from.buffers[place.piece.array], base_ + place.offset, place.piece.range.bytes(),
                             place.piece.range.begin);
        from.queue->synchronize();
    }
    /// Where a piece of what was wanted lies.
    const std::byte* find(const ArrayPiece& piece) const {
        for (const Place& place : places_)
            if (place.piece.array == piece.array && place.piece.range.begin <= piece.range.begin &&
                piece.range.end <= place.piece.range.end)
                return base_ + place.offset + (piece.range.begin - place.piece.range.begin);
        throw Error(ErrorCode::internal, "a piece was not read out", "exchange between devices");
    }

  private:
    struct Place {
        ArrayPiece piece;
        std::size_t offset = 0;
    };
    static std::byte* memory_for(SessionDevice& device, std::size_t bytes, std::vector<std::string>& notes) {
        if (device.staging.size_bytes() >= bytes) return static_cast<std::byte*>(device.staging.data());
        if (device.pageable.size() >= bytes) return device.pageable.data();
        std::string reason = fmt::format("more than {} MiB", most_pinned_bytes >> 20);
        if (bytes <= most_pinned_bytes) {
            try {
                device.staging = HostBuffer();
                device.staging = device.device.allocate_host(bytes);
                return static_cast<std::byte*>(device.staging.data());
            } catch (const Error& error) {
                if (error.code() != ErrorCode::out_of_memory) throw;
                reason = error.what();
            }
        }
        notes.push_back(
            fmt::format("{}: copies to other devices go through pageable memory, which is slow: {}",
                        device.device.id(), reason));
        device.pageable.resize(bytes);
        return device.pageable.data();
    }

    std::map<std::size_t, ByteRanges> wanted_;
    std::vector<Place> places_;
    std::byte* base_ = nullptr;
};

class Planner {
  public:
    Planner(std::vector<SessionDevice>& devices, SplitArrays& arrays, bool uses_peer_copies,
            std::vector<SplitShare>& shares)
        : devices_(devices), arrays_(arrays), uses_peer_copies_(uses_peer_copies), shares_(shares) {
        exchange_.incoming.resize(devices.size());
    }

    Exchange make(const std::vector<std::vector<ArrayPiece>>& needs) {
        for (std::size_t device = 0; device < needs.size(); ++device)
            for (const ArrayPiece& need : needs[device]) give(device, need);
        stage();
        return std::move(exchange_);
    }

  private:
    void give(std::size_t device, const ArrayPiece& need) {
        SplitArrays::Entry& entry = arrays_[need.array];
        for (const ByteRange& missing : entry.on_device[device].missing(need.range)) {
            for (const ByteRange& range : entry.on_host.within(missing)) {
                exchange_.incoming[device].push_back({{need.array, range}, entry.host + range.begin});
                shares_[device].host_bytes += range.bytes();
            }
            for (const ByteRange& elsewhere : entry.on_host.missing(missing))
                take_from_devices(device, {need.array, elsewhere});
        }
    }

    void take_from_devices(std::size_t device, const ArrayPiece& need) {
        ByteRanges open(need.range);
        for (std::size_t source = 0; source < devices_.size() && !open.empty(); ++source) {
            if (source == device) continue;
            for (const ByteRange& range : arrays_[need.array].on_device[source].within(need.range))
                for (const ByteRange& part : open.within(range)) {
                    take(device, source, {need.array, part});
                    taken_.push_back(part);
                }
            for (const ByteRange& part : taken_) open.remove(part);
            taken_.clear();
        }
        if (open.empty()) return;
        const ByteRange lost = open.ranges().front();
        std::string who;
        for (const SessionDevice& each : devices_)
            if (!each.failure.empty()) who += fmt::format("; {}", each.failure);
        throw Error(ErrorCode::device_lost,
                    fmt::format("the newest value of bytes {} to {} of array {} was on a device that has "
                                "failed (SplitOptions::keeps_host_copies keeps them on the host){}",
                                lost.begin, lost.end, need.array, who),
                    "exchange between devices");
    }

    void take(std::size_t device, std::size_t source, const ArrayPiece& piece) {
        if (uses_peer_copies_ && copied_directly(device, source, piece)) {
            shares_[device].peer_bytes += piece.range.bytes();
            return;
        }
        staged_.push_back({source, device, piece});
        shares_[device].staged_bytes += piece.range.bytes();
    }

    bool copied_directly(std::size_t device, std::size_t source, const ArrayPiece& piece) {
        bool is_taken = false;
        const std::optional<Error> error = failure_of(devices_[device].device.id(), [&] {
            is_taken = devices_[device].queue->impl().copy_from_peer(
                devices_[device].buffers[piece.array].allocation(), piece.range.begin,
                devices_[source].buffers[piece.array].allocation(), piece.range.begin, piece.range.bytes());
        });
        if (error) exchange_.failures.emplace(device, *error);
        return is_taken;
    }

    void stage() {
        std::vector<Outgoing> outgoing(devices_.size());
        for (const Staged& each : staged_) outgoing[each.source].want(each.piece);
        std::vector<std::size_t> sources;
        for (std::size_t k = 0; k < outgoing.size(); ++k)
            if (!outgoing[k].empty()) sources.push_back(k);
        std::vector<std::optional<Error>> errors(devices_.size());
        std::vector<std::vector<std::string>> notes(devices_.size());
        side_by_side(sources, [&](std::size_t k) {
            errors[k] = failure_of(devices_[k].device.id(), [&] { outgoing[k].read(devices_[k], notes[k]); });
        });
        for (const std::size_t k : sources) {
            exchange_.notes.insert(exchange_.notes.end(), notes[k].begin(), notes[k].end());
            if (errors[k]) exchange_.failures.emplace(k, *errors[k]);
        }
        if (!exchange_.failures.empty()) return;
        for (const Staged& each : staged_)
            exchange_.incoming[each.destination].push_back(
                {each.piece, outgoing[each.source].find(each.piece)});
    }

    std::vector<SessionDevice>& devices_;
    SplitArrays& arrays_;
    const bool uses_peer_copies_;
    std::vector<SplitShare>& shares_;
    std::vector<Staged> staged_;
    std::vector<ByteRange> taken_;
    Exchange exchange_;
};

}  // namespace

Exchange begin_exchange(std::vector<SessionDevice>& devices, SplitArrays& arrays,
                        const std::vector<std::vector<ArrayPiece>>& needs, bool uses_peer_copies,
                        std::vector<SplitShare>& shares) {
    return Planner(devices, arrays, uses_peer_copies, shares).make(needs);
}

}  // namespace heddle::runtime
