// A set of bytes of an array as sorted ranges: which of them a device holds the newest value of.
#pragma once

#include <cstddef>
#include <vector>

#include <heddle/export.h>

namespace heddle::runtime {

/// [begin, end)
struct ByteRange {
    std::size_t begin = 0, end = 0;
    std::size_t bytes() const noexcept { return end - begin; }
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// Ranges that neither overlap nor touch.
class HEDDLE_API ByteRanges {
  public:
    ByteRanges() = default;
    explicit ByteRanges(ByteRange range) { add(range); }
    void add(ByteRange range);
    void remove(ByteRange range);
    void clear() noexcept { ranges_.clear(); }
    bool empty() const noexcept { return ranges_.empty(); }
    /// What of `range` is in the set, in order.
    std::vector<ByteRange> within(ByteRange range) const;
    /// What of `range` is not, in order.
    std::vector<ByteRange> missing(ByteRange range) const;
    const std::vector<ByteRange>& ranges() const noexcept { return ranges_; }

  private:
    std::vector<ByteRange> ranges_;
};

}  // namespace heddle::runtime
