// Which parts of a block of memory are free: best fit, neighbours joined when they are given back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace heddle::vulkan {

class FreeRanges {
  public:
    /// All of [begin, begin + bytes) is free.
    FreeRanges(std::uint64_t begin, std::uint64_t bytes);

    /// The begin of the smallest free range of at least `bytes`, which are taken from its front.
    std::optional<std::uint64_t> take(std::uint64_t bytes);
    /// Of what take() gave.
    void give_back(std::uint64_t begin, std::uint64_t bytes);
    bool is_all_free() const noexcept { return free_bytes_ == total_bytes_; }
    std::uint64_t free_bytes() const noexcept { return free_bytes_; }

  private:
    void add(std::uint64_t begin, std::uint64_t bytes);
    void remove(std::map<std::uint64_t, std::uint64_t>::iterator range);

    std::map<std::uint64_t, std::uint64_t> by_begin_;             // begin, bytes
    std::set<std::pair<std::uint64_t, std::uint64_t>> by_bytes_;  // bytes, begin
    std::uint64_t total_bytes_, free_bytes_;
};

}  // namespace heddle::vulkan
