// One kernel on one device after the other: what disagrees is kept, what a device cannot have is told and
// counted.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "batch.h"
#include "bench.h"
#include "generator.h"

namespace heddle::fuzz {

class Comparison {
  public:
    Comparison(const Settings& settings, Progress& progress, std::uint64_t seed)
        : settings_(settings), progress_(progress), seed_(seed) {}

    /// `launch` is the launch in words. Nothing happens on a device that cannot have the kernel. Throws what
    /// a device was lost by.
    void run(Bench& bench, const Program& program, const GeneratedKernel& kernel, const Shape& shape,
             const Results& expected, const std::string& launch);
    bool agrees() const noexcept { return agrees_; }

  private:
    const Settings& settings_;
    Progress& progress_;
    std::uint64_t seed_;
    bool agrees_ = true;
    std::set<std::string> unsupported_;  // devices
};

}  // namespace heddle::fuzz
