// Memory that host and device both see, handed out piece by piece to one queue's transfers: blocks are used
// from front to back and again once the device has passed the work that used them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "backends/vulkan/memory.h"
#include "backends/vulkan/stream.h"

namespace heddle::vulkan {

class Staging {
  public:
    /// Pieces of large transfers: small enough that copying on the host and on the device overlap.
    static constexpr std::size_t most_piece = std::size_t{1} << 20;

    Staging(Context& context, Stream& stream) : context_(context), stream_(stream) {}
    ~Staging();
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    /// At most most_piece bytes, aligned to 256, free until the next submission of the stream has run.
    /// Submits and waits when this queue has all the memory it may have in use.
    Slice take(std::size_t bytes, std::string_view operation);
    /// What is read back: when the device has written `piece`, settle() copies it to `destination`.
    void deliver(const Slice& piece, void* destination);
    /// Delivers what has arrived, and takes back memory.
    void settle();

  private:
    struct Used {
        std::unique_ptr<MemoryBlock> block;
        std::uint64_t value = 0;  ///< of the stream, after which it is free
    };
    struct Delivery {
        std::uint64_t value = 0;
        const std::byte* source = nullptr;
        void* destination = nullptr;
        std::size_t bytes = 0;
    };

    Context& context_;
    Stream& stream_;
    std::unique_ptr<MemoryBlock> current_;
    std::uint64_t offset_ = 0;  // of what is free in it
    std::deque<Used> used_;
    std::deque<Delivery> deliveries_;
};

}  // namespace heddle::vulkan
