// What kernels tell the host: that a thread has failed, and text that they print. Both go through one buffer
// that a launch gets where its code asks for it. Of backends without a channel of their own; what the
// compiler's targets write into it is compiler/targets/source/opencl_helpers.cpp, for one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace heddle::runtime {

/// The buffer begins with these words; records of printed text follow.
struct MessageHeader {
    std::uint32_t failure = 0;                                   ///< 0 none, 1 __trap(), 2 assert
    std::uint32_t line = 0;                                      ///< of an assertion
    std::uint32_t text[2] = {}, file[2] = {}, function[2] = {};  ///< addresses of strings
    std::uint32_t block[3] = {}, thread[3] = {};
    std::uint32_t used = 0, capacity = 0;  ///< bytes of records asked for, and there
};
static_assert(sizeof(MessageHeader) == 64);

inline constexpr std::size_t message_capacity = std::size_t{1} << 20;

/// Reads the string at a device address; an empty function result means that it cannot be read.
using StringReader = std::function<std::optional<std::string>(std::uint64_t address)>;

/// What has failed, as the reason of an Error; empty when nothing has.
std::string failure_text(const MessageHeader& header, const StringReader& read);
/// The printed text of all records.
std::string printed_text(std::span<const std::byte> records, const StringReader& read);

}  // namespace heddle::runtime
