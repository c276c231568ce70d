// Package: one file that holds a compiled program for every target; a ZIP with manifest.json and one payload
// a target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <heddle/export.h>
#include <heddle/kernel.h>

namespace heddle {

/// A __device__ or __constant__ variable. All of them share one block of memory, allocated when a program is
/// loaded.
struct GlobalInfo {
    std::string name;
    std::size_t offset = 0, bytes = 0;
    bool is_constant = false;
};

/// The memory that holds a program's globals, its initial bytes, and the pointers inside it.
struct GlobalsInfo {
    std::size_t bytes = 0, alignment = 1;
    std::vector<std::byte> initial;  ///< `bytes` long, or empty when all zero
    std::vector<GlobalInfo> symbols;
    struct Relocation {
        std::size_t at = 0, to = 0;  ///< the 8 bytes at `at` hold the address of byte `to` of this block
    };
    std::vector<Relocation> relocations;
};

/// One target's code.
struct Payload {
    std::string target;   ///< "simd", "scalar", "ptx", "ir", ...
    std::string variant;  ///< "x86-64-v3", "aarch64", "sm_70", ...; may be empty
    std::vector<std::byte> data;
};

/// Why a kernel is missing from a target.
struct TargetDiagnostic {
    std::string target, kernel, message;
};

/// A package in memory. Reading checks structure and every payload's SHA-256. The format is described in
/// docs/design/package.md.
struct HEDDLE_API Package {
    std::string compiler;  ///< build id of the compiler that made it
    std::string source;    ///< file name of the source, for messages
    std::vector<KernelInfo> kernels;
    GlobalsInfo globals;
    std::vector<Payload> payloads;
    std::vector<TargetDiagnostic> diagnostics;

    /// Throws corrupt_package with what is wrong.
    static Package read(std::span<const std::byte> file);
    /// The same package gives the same bytes. Throws invalid_argument when it holds what read() would refuse.
    std::vector<std::byte> write() const;
    const Payload* find(std::string_view target, std::string_view variant) const noexcept;
    const KernelInfo* find_kernel(std::string_view name) const noexcept;
};

}  // namespace heddle
