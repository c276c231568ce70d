// InlineVector: a growable array whose first N elements live inside the object, so that queueing a launch of
// ordinary size allocates nothing. Move-only; storage aligned to Align bytes wherever it lives.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace heddle::hal {

template <class T, std::size_t N, std::size_t Align = alignof(T)>
class InlineVector {
    static_assert(std::is_nothrow_move_constructible_v<T>);
    static_assert(Align >= alignof(T));

  public:
    InlineVector() noexcept = default;
    InlineVector(InlineVector&& other) noexcept { take(other); }
    InlineVector& operator=(InlineVector&& other) noexcept {
        if (this != &other) {
            release();
            take(other);
        }
        return *this;
    }
    InlineVector(const InlineVector&) = delete;
    InlineVector& operator=(const InlineVector&) = delete;
    ~InlineVector() { release(); }

    T* data() noexcept { return heap_ ? heap_ : inside(); }
    const T* data() const noexcept { return heap_ ? heap_ : inside(); }
    std::size_t size() const noexcept { return size_; }
    std::size_t capacity() const noexcept { return capacity_; }
    bool empty() const noexcept { return size_ == 0; }
    T* begin() noexcept { return data(); }
    T* end() noexcept { return data() + size_; }
    const T* begin() const noexcept { return data(); }
    const T* end() const noexcept { return data() + size_; }
    T& operator[](std::size_t i) noexcept { return data()[i]; }
    const T& operator[](std::size_t i) const noexcept { return data()[i]; }
    operator std::span<const T>() const noexcept { return {data(), size_}; }

    void push_back(T value) {
        if (size_ == capacity_) reserve(capacity_ * 2);
        std::construct_at(data() + size_, std::move(value));
        ++size_;
    }
    /// New elements are value-initialised (bytes become zero).
    void resize(std::size_t size) {
        reserve(size);
        if (size > size_) {
            std::uninitialized_value_construct(data() + size_, data() + size);
        } else {
            std::destroy(data() + size, data() + size_);
        }
        size_ = size;
    }
    void reserve(std::size_t capacity) {
        if (capacity <= capacity_) return;
        T* bigger = static_cast<T*>(::operator new(capacity * sizeof(T), std::align_val_t(Align)));
        std::uninitialized_move(begin(), end(), bigger);
        std::destroy(begin(), end());
        if (heap_) ::operator delete(heap_, std::align_val_t(Align));
        heap_ = bigger;
        capacity_ = capacity;
    }
    void clear() noexcept {
        std::destroy(begin(), end());
        size_ = 0;
    }

  private:
    T* inside() noexcept { return std::launder(reinterpret_cast<T*>(storage_)); }
    const T* inside() const noexcept { return std::launder(reinterpret_cast<const T*>(storage_)); }
    void release() noexcept {
        clear();
        if (heap_) ::operator delete(heap_, std::align_val_t(Align));
        heap_ = nullptr;
        capacity_ = N;
    }
    void take(InlineVector& other) noexcept {
        if (other.heap_) {
            heap_ = std::exchange(other.heap_, nullptr);
            capacity_ = std::exchange(other.capacity_, N);
            size_ = std::exchange(other.size_, 0);
        } else {
            std::uninitialized_move(other.begin(), other.end(), inside());
            size_ = other.size_;
            other.clear();
        }
    }

    T* heap_ = nullptr;  // owned; null while the elements fit inside
    std::size_t size_ = 0, capacity_ = N;
    alignas(Align) std::byte storage_[N * sizeof(T)];
};

}  // namespace heddle::hal
