// How many blocks each device gets: counts from weights, and from measured throughput.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <heddle/export.h>

namespace heddle::runtime {

/// `total` in parts proportional to `weights`, whole numbers that add up to it; ties go to the first. All
/// weights zero, or none: all zero.
HEDDLE_API std::vector<std::uint32_t> proportional(std::uint32_t total, std::span<const double> weights);

/// What each device gets, and why one that could take part gets nothing.
struct Shares {
    std::vector<std::uint32_t> blocks;
    std::vector<std::string> reasons;
};

/// Parts of `total` that take equally long at `rates` (blocks a millisecond; 0: takes no part). Devices whose
/// share would be under `least` blocks get nothing: a share that small takes longer to arrange than it saves.
HEDDLE_API Shares shares_by_rate(std::uint32_t total, std::span<const double> rates, std::uint32_t least);

/// Throughput of each device, from the launches so far.
class HEDDLE_API Throughput {
  public:
    explicit Throughput(std::size_t devices) : rates_(devices, 0.0) {}
    /// A device ran `blocks` in `milliseconds`. New measurements count as much as all before.
    void add(std::size_t device, std::uint32_t blocks, double milliseconds);
    const std::vector<double>& rates() const noexcept { return rates_; }  ///< blocks a ms; 0: not measured

  private:
    std::vector<double> rates_;
};

}  // namespace heddle::runtime
