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

    explicit Staging(Context& context) : context_(context) {}
    ~Staging();
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    /// At most most_piece bytes, aligned to 256, free until the next submission of `stream` has run. Submits
    /// and waits when this queue has all the memory it may have in use.
    Slice take(Stream& stream, std::size_t bytes, std::string_view operation);
    /// What is read back: when `stream` has written `piece`, settle() copies it to `destination`.
    void deliver(const Stream& stream, const Slice& piece, void* destination);
    /// All memory goes back to the context; nothing uses it any more, or the device is lost.
    void give_back() noexcept;
    /// Delivers what has arrived, and takes back memory.
    void settle();

  private:
    struct Used {
        std::unique_ptr<MemoryBlock> block;
        const Stream* stream = nullptr;
        std::uint64_t value = 0;  ///< of the stream, after which it is free
    };
    struct Delivery {
        const Stream* stream = nullptr;
        std::uint64_t value = 0;
        const std::byte* source = nullptr;
        void* destination = nullptr;
        std::size_t bytes = 0;
    };

    Context& context_;
    std::unique_ptr<MemoryBlock> current_;
    const Stream* user_ = nullptr;  // of the current block
    std::uint64_t offset_ = 0;      // of what is free in it
    std::deque<Used> used_;
    std::deque<Delivery> deliveries_;
};

}  // namespace heddle::vulkan
