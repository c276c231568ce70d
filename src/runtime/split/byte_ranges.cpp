// Union, difference and intersection of a set of ranges with one range.
#include "runtime/split/byte_ranges.h"

#include <algorithm>

namespace heddle::runtime {

void ByteRanges::add(ByteRange range) {
    if (range.begin >= range.end) return;
    std::vector<ByteRange> result;
    for (const ByteRange& each : ranges_) {
        if (each.end < range.begin || each.begin > range.end) {
            result.push_back(each);
        } else {
            range = {std::min(range.begin, each.begin), std::max(range.end, each.end)};
        }
    }
    const auto at = std::find_if(result.begin(), result.end(),
                                 [&](const ByteRange& each) { return each.begin > range.begin; });
    result.insert(at, range);
    ranges_ = std::move(result);
}

void ByteRanges::remove(ByteRange range) {
    if (range.begin >= range.end) return;
    std::vector<ByteRange> result;
    for (const ByteRange& each : ranges_) {
        const ByteRange before{each.begin, std::min(each.end, range.begin)},
            after{std::max(each.begin, range.end), each.end};
        if (before.begin < before.end) result.push_back(before);
        if (after.begin < after.end) result.push_back(after);
    }
    ranges_ = std::move(result);
}

std::vector<ByteRange> ByteRanges::within(ByteRange range) const {
    std::vector<ByteRange> result;
    for (const ByteRange& each : ranges_) {
        const ByteRange common{std::max(each.begin, range.begin), std::min(each.end, range.end)};
        if (common.begin < common.end) result.push_back(common);
    }
    return result;
}

std::vector<ByteRange> ByteRanges::missing(ByteRange range) const {
    std::vector<ByteRange> result;
    std::size_t at = range.begin;
    for (const ByteRange& each : within(range)) {
        if (at < each.begin) result.push_back({at, each.begin});
        at = each.end;
    }
    if (at < range.end) result.push_back({at, range.end});
    return result;
}

}  // namespace heddle::runtime
