// SHA-256 (FIPS 180-4): names cache entries and proves that payloads arrived unharmed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <heddle/export.h>

namespace heddle::runtime {

using Sha256Digest = std::array<std::byte, 32>;

/// Hashes a stream of pieces.
class HEDDLE_API Sha256 {
  public:
    Sha256() noexcept;
    void update(std::span<const std::byte> bytes) noexcept;
    /// A field of a key: its length, then its bytes, so that no two lists of fields hash alike by accident.
    void field(std::string_view text) noexcept;
    void field(std::span<const std::byte> bytes) noexcept;
    void field(std::uint64_t number) noexcept;
    /// May be called once.
    Sha256Digest finish() noexcept;

  private:
    std::array<std::uint32_t, 8> state_;
    std::array<std::byte, 64> block_;
    std::uint64_t bytes_ = 0;
};

HEDDLE_API Sha256Digest sha256(std::span<const std::byte> bytes) noexcept;
/// 64 lower-case hexadecimal digits.
HEDDLE_API std::string sha256_hex(std::span<const std::byte> bytes);
HEDDLE_API std::string hex(const Sha256Digest& digest);

}  // namespace heddle::runtime
