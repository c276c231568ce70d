// The CPU levels that code is made for, and what the emitters need to know of each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::compiler {

struct CpuVariant {
    std::string name;      ///< "x86-64-v3"
    std::string triple;    ///< "x86_64-unknown-linux-gnu"
    std::string cpu;       ///< LLVM's name of the processor
    std::string features;  ///< LLVM's feature string
    unsigned vector_bytes = 16;
    bool has_fma = false, has_gather = false, has_scatter = false, has_half = false;
    bool has_masked_memory = false;  ///< masked loads and stores of 32 and 64 bits are instructions
    bool has_permute = false;        ///< AVX-512's two-register permute
    bool is_x86 = true;
};

/// Knows "x86-64-v2", "x86-64-v3", "x86-64-v4", "aarch64" and "native".
std::optional<CpuVariant> find_cpu_variant(std::string_view name);

/// What an ahead-of-time package holds for `simd` and `scalar`.
const std::vector<std::string>& packaged_cpu_variants();

}  // namespace heddle::compiler
