// Free ranges, by place and by size.
#include "backends/vulkan/free_ranges.h"

#include <iterator>

namespace heddle::vulkan {

FreeRanges::FreeRanges(std::uint64_t begin, std::uint64_t bytes) : total_bytes_(bytes), free_bytes_(bytes) {
    if (bytes != 0) add(begin, bytes);
}

void FreeRanges::add(std::uint64_t begin, std::uint64_t bytes) {
    by_begin_.emplace(begin, bytes);
    by_bytes_.emplace(bytes, begin);
}

void FreeRanges::remove(std::map<std::uint64_t, std::uint64_t>::iterator range) {
    by_bytes_.erase({range->second, range->first});
    by_begin_.erase(range);
}

std::optional<std::uint64_t> FreeRanges::take(std::uint64_t bytes) {
    const auto found = by_bytes_.lower_bound({bytes, 0});
    if (found == by_bytes_.end()) return std::nullopt;
    const auto [size, begin] = *found;
    remove(by_begin_.find(begin));
    if (size > bytes) add(begin + bytes, size - bytes);
    free_bytes_ -= bytes;
    return begin;
}

void FreeRanges::give_back(std::uint64_t begin, std::uint64_t bytes) {
    free_bytes_ += bytes;
    const auto after = by_begin_.lower_bound(begin);
    if (after != by_begin_.begin()) {
        const auto before = std::prev(after);
        if (before->first + before->second == begin) {
            begin = before->first;
            bytes += before->second;
            remove(before);
        }
    }
    if (const auto next = by_begin_.find(begin + bytes); next != by_begin_.end()) {
        bytes += next->second;
        remove(next);
    }
    add(begin, bytes);
}

}  // namespace heddle::vulkan
