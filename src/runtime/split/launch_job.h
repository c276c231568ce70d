// One launch of a split session: the checked request, and what each device needs and leaves for given blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <heddle/kernel.h>
#include <heddle/split.h>

#include "runtime/split/arrays.h"

namespace heddle::runtime {

class LaunchJob {
  public:
    /// Throws invalid_argument for a launch that fits no device: the axis, the grid, the shares, arrays.
    LaunchJob(std::string_view kernel, const SplitLaunch& how, std::span<const SplitArgument> arguments,
              SplitArrays& arrays, std::size_t devices);

    const std::string& kernel() const noexcept { return kernel_; }
    const SplitLaunch& how() const noexcept { return how_; }
    std::span<const SplitArgument> arguments() const noexcept { return arguments_; }
    /// Indices along the split axis.
    std::uint32_t blocks() const noexcept { return blocks_; }
    /// What throughput is kept for: launches of the same key take as long for a block.
    std::string key() const;

    /// Throws invalid_argument where the arguments contradict what the kernel does with its parameters; says
    /// in `notes` what it may not mean.
    void check(const KernelInfo& kernel, std::vector<std::string>& notes) const;
    GridPart part(const SplitShare::Range& range) const;
    /// What of arrays a device reads that runs the blocks.
    void add_needs(const SplitShare::Range& range, std::vector<ArrayPiece>& needs) const;
    /// What of arrays it has written afterwards.
    std::vector<ArrayPiece> outputs(const SplitShare::Range& range) const;
    /// The arrays among the arguments that launches write.
    std::vector<std::size_t> written_arrays() const;

  private:
    ByteRange bytes_of(const SplitArgument& argument, const SplitShare::Range& range) const;

    std::string kernel_;
    SplitLaunch how_;
    std::span<const SplitArgument> arguments_;
    SplitArrays& arrays_;
    std::uint32_t blocks_ = 0;
};

}  // namespace heddle::runtime
