// The generators of `rand:` and `iota:` buffers, see random.h.
#include "random.h"

#include "half.h"

namespace heddle::tool {

namespace {

std::uint64_t mix(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/// Calls `make(i)` for each element of the array seen as T.
template <class T, class Make>
void generate(Array& array, Make make) noexcept {
    std::uint64_t i = 0;
    for (T& element : array.as<T>()) element = static_cast<T>(make(i++));
}

}  // namespace

std::uint64_t random_word(std::uint64_t seed, std::uint64_t index) noexcept {
    return mix(mix(seed) + (index + 1) * 0x9e3779b97f4a7c15u);
}

void fill_random(Array& array, std::uint64_t seed) noexcept {
    const auto top = [seed](unsigned bits) {
        return [seed, bits](std::uint64_t i) { return random_word(seed, i) >> (64 - bits); };
    };
    switch (array.type) {
        case DType::i8:
        case DType::u8:
            return generate<std::uint8_t>(array, top(8));
        case DType::i16:
        case DType::u16:
            return generate<std::uint16_t>(array, top(16));
        case DType::i32:
        case DType::u32:
            return generate<std::uint32_t>(array, top(32));
        case DType::i64:
        case DType::u64:
            return generate<std::uint64_t>(array, top(64));
        case DType::f16:
            return generate<std::uint16_t>(array, [word = top(11)](std::uint64_t i) {
                return half_from_float(static_cast<float>(word(i)) * 0x1p-11f);
            });
        case DType::bf16:
            return generate<std::uint16_t>(array, [word = top(8)](std::uint64_t i) {
                return bfloat16_from_float(static_cast<float>(word(i)) * 0x1p-8f);
            });
        case DType::f32:
            return generate<float>(
                array, [word = top(24)](std::uint64_t i) { return static_cast<float>(word(i)) * 0x1p-24f; });
        case DType::f64:
            return generate<double>(
                array, [word = top(53)](std::uint64_t i) { return static_cast<double>(word(i)) * 0x1p-53; });
    }
}

void fill_iota(Array& array) noexcept {
    const auto same = [](std::uint64_t i) { return i; };
    switch (array.type) {
        case DType::i8:
        case DType::u8:
            return generate<std::uint8_t>(array, same);
        case DType::i16:
        case DType::u16:
            return generate<std::uint16_t>(array, same);
        case DType::i32:
        case DType::u32:
            return generate<std::uint32_t>(array, same);
        case DType::i64:
        case DType::u64:
            return generate<std::uint64_t>(array, same);
        case DType::f16:
            return generate<std::uint16_t>(
                array, [](std::uint64_t i) { return half_from_float(static_cast<float>(i)); });
        case DType::bf16:
            return generate<std::uint16_t>(
                array, [](std::uint64_t i) { return bfloat16_from_float(static_cast<float>(i)); });
        case DType::f32:
            return generate<float>(array, same);
        case DType::f64:
            return generate<double>(array, same);
    }
}

}  // namespace heddle::tool
