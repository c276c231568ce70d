// The reference: a batch's kernels as plain C++, built by the system's compiler and loaded.
#pragma once

#include <filesystem>
#include <heddle/heddle.hpp>
#include <string>

#include "results.h"

namespace heddle::fuzz {

class HostCode {
  public:
    /// Builds `text` in `folder`. Throws compile_failed, io.
    HostCode(const std::string& text, const std::string& compiler, const std::string& optimisation,
             const std::filesystem::path& folder);
    HostCode(const HostCode&) = delete;
    HostCode& operator=(const HostCode&) = delete;
    ~HostCode();
    Results run(const std::string& name, const Inputs& inputs, Dim3 grid, Dim3 block, int n) const;

  private:
    void* handle_ = nullptr;
};

}  // namespace heddle::fuzz
