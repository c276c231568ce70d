// The parts that cases are put together from: buffers with their contents, and typed calls of the plain C++
// peers.
#pragma once

#include <algorithm>
#include <cstring>

#include "case.h"

namespace heddle::tool::bench {

/// `count` elements, element i made by `value(i)`.
template <class T, class F>
BufferSpec buffer(std::string name, DType type, std::size_t count, F value) {
    BufferSpec spec{std::move(name), type, std::vector<std::byte>(count * sizeof(T))};
    for (std::size_t i = 0; i < count; ++i) {
        const T element = static_cast<T>(value(i));
        std::memcpy(spec.initial.data() + i * sizeof(T), &element, sizeof(T));
    }
    return spec;
}

BufferSpec random_floats(std::string name, std::size_t count, std::uint64_t seed, double low = 0,
                         double high = 1);
BufferSpec random_words(std::string name, std::size_t count, std::uint64_t seed);
BufferSpec random_bytes(std::string name, std::size_t count, std::uint64_t seed);
BufferSpec zeros(std::string name, DType type, std::size_t count);

/// A buffer's contents before the run.
template <class T>
std::span<const T> contents(const Case& it, std::size_t index) {
    const std::vector<std::byte>& bytes = it.buffers[index].initial;
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

inline BufferIndex operator""_buffer(unsigned long long index) {
    return static_cast<BufferIndex>(index);
}

/// One of two values by scale.
template <class T>
constexpr T by_scale(Scale scale, T processor, T accelerator) {
    return scale == Scale::processor ? processor : accelerator;
}

inline std::uint32_t blocks_for(std::uint32_t threads, std::uint32_t block) {
    return (threads + block - 1) / block;
}

/// Every `stride`-th index below `count`.
std::vector<std::size_t> every(std::size_t stride, std::size_t count);

/// The function behind `symbol` as the type that native.h declares it with.
template <class Function>
Function* as(void* symbol) {
    return reinterpret_cast<Function*>(symbol);
}

}  // namespace heddle::tool::bench
