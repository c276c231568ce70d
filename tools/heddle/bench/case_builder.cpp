// Buffers of cases and their contents, see case_builder.h.
#include "case_builder.h"

#include "../random.h"

namespace heddle::tool::bench {

BufferSpec random_floats(std::string name, std::size_t count, std::uint64_t seed, double low, double high) {
    return buffer<float>(std::move(name), DType::f32, count, [=](std::size_t i) {
        return low + (high - low) * static_cast<double>(random_word(seed, i) >> 40) * 0x1p-24;
    });
}

BufferSpec random_words(std::string name, std::size_t count, std::uint64_t seed) {
    return buffer<std::uint32_t>(std::move(name), DType::u32, count,
                                 [=](std::size_t i) { return random_word(seed, i) >> 32; });
}

BufferSpec random_bytes(std::string name, std::size_t count, std::uint64_t seed) {
    return buffer<std::uint8_t>(std::move(name), DType::u8, count,
                                [=](std::size_t i) { return random_word(seed, i) >> 56; });
}

BufferSpec zeros(std::string name, DType type, std::size_t count) {
    return {std::move(name), type, std::vector<std::byte>(count * size_of(type))};
}

std::vector<std::size_t> every(std::size_t stride, std::size_t count) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < count; i += stride) indices.push_back(i);
    return indices;
}

}  // namespace heddle::tool::bench
