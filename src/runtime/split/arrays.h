// The arrays of a split session: where the newest value of each byte is, on the host or on which devices.
#pragma once

#include <cstddef>
#include <vector>

#include <heddle/split.h>

#include "runtime/split/byte_ranges.h"

namespace heddle::runtime {

/// Bytes of one array.
struct ArrayPiece {
    std::size_t array = 0;
    ByteRange range;
};

class SplitArrays {
  public:
    struct Entry {
        std::byte* host = nullptr;  ///< the caller's
        std::size_t bytes = 0;
        bool is_constant = false;
        ByteRanges on_host;
        std::vector<ByteRanges> on_device;
    };

    explicit SplitArrays(std::size_t devices) : devices_(devices) {}
    std::size_t add(void* host, std::size_t bytes, bool is_constant);
    std::size_t size() const noexcept { return entries_.size(); }
    /// Throws invalid_argument for an array that is not of this session.
    Entry& at(SplitArray array);
    Entry& operator[](std::size_t array) { return entries_[array]; }

    /// The device holds the newest value too.
    void copied(std::size_t device, const ArrayPiece& piece) {
        entries_[piece.array].on_device[device].add(piece.range);
    }
    /// The device alone holds the newest value.
    void wrote(std::size_t device, const ArrayPiece& piece);
    /// The host alone holds the newest value of all of it.
    void host_wrote(std::size_t array);
    /// What the device held is gone.
    void forget(std::size_t device);

  private:
    std::size_t devices_;
    std::vector<Entry> entries_;
};

}  // namespace heddle::runtime
