// Keeps the sets of newest bytes.
#include "runtime/split/arrays.h"

#include <fmt/format.h>
#include <heddle/error.h>

namespace heddle::runtime {

std::size_t SplitArrays::add(void* host, std::size_t bytes, bool is_constant) {
    if (host == nullptr && bytes != 0)
        throw Error(ErrorCode::invalid_argument, "the host pointer is null", "adding an array to a session");
    Entry entry{static_cast<std::byte*>(host), bytes, is_constant, ByteRanges({0, bytes}), {}};
    entry.on_device.resize(devices_);
    entries_.push_back(std::move(entry));
    return entries_.size() - 1;
}

SplitArrays::Entry& SplitArrays::at(SplitArray array) {
    if (array.index >= entries_.size())
        throw Error(ErrorCode::invalid_argument,
                    fmt::format("the session has no array {}; it has {}", array.index, entries_.size()));
    return entries_[array.index];
}

void SplitArrays::wrote(std::size_t device, const ArrayPiece& piece) {
    Entry& entry = entries_[piece.array];
    entry.on_host.remove(piece.range);
    for (ByteRanges& held : entry.on_device) held.remove(piece.range);
    entry.on_device[device].add(piece.range);
}

void SplitArrays::host_wrote(std::size_t array) {
    Entry& entry = entries_[array];
    for (ByteRanges& held : entry.on_device) held.clear();
    entry.on_host.add({0, entry.bytes});
}

void SplitArrays::forget(std::size_t device) {
    for (Entry& entry : entries_) entry.on_device[device].clear();
}

}  // namespace heddle::runtime
