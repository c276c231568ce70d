// Cooperative groups: thread_group and what derives from it (thread_block, thread_block_tile,
// coalesced_group), and the grid. A group is a plain value; after inlining only its lane mask is left of it.
#pragma once

#include <heddle/device.h>

namespace cooperative_groups {

#define __HEDDLE_MEMBER __inline__ __attribute__((always_inline, nodebug, device))

namespace heddle_detail {

enum class kind : unsigned char { thread, block, tile, coalesced };

__HEDDLE_MEMBER unsigned lanes_below() {
    return (1u << __heddle_lane()) - 1;
}
__HEDDLE_MEMBER unsigned block_rank() {
    return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
__HEDDLE_MEMBER unsigned block_size() {
    return blockDim.x * blockDim.y * blockDim.z;
}
// Lanes of the aligned tile of n lanes around this one.
__HEDDLE_MEMBER unsigned tile_mask(unsigned n) {
    return (n == 32 ? 0xffffffffu : (1u << n) - 1) << (__heddle_lane() & ~(n - 1));
}

template <bool wide>
struct word_type {
    typedef unsigned type;
};
template <>
struct word_type<true> {
    typedef unsigned long long type;
};
// A shuffle of any trivially copyable value, word by word.
template <class T, class F>
__HEDDLE_MEMBER T move_words(const T& value, F shuffle) {
    static_assert(__is_trivially_copyable(T), "a shuffled value must be trivially copyable");
    if constexpr (sizeof(T) == 4) {
        return __builtin_bit_cast(T, shuffle(__builtin_bit_cast(unsigned, value)));
    } else if constexpr (sizeof(T) == 8) {
        return __builtin_bit_cast(T, shuffle(__builtin_bit_cast(unsigned long long, value)));
    } else {
        typedef typename word_type<sizeof(T) % 8 == 0>::type word;
        constexpr unsigned count = (sizeof(T) + sizeof(word) - 1) / sizeof(word);
        struct {
            word part[count];
        } words{};
        __builtin_memcpy(&words, &value, sizeof(T));
#pragma unroll
        for (unsigned i = 0; i < count; ++i) words.part[i] = shuffle(words.part[i]);
        T result = value;
        __builtin_memcpy(&result, &words, sizeof(T));
        return result;
    }
}

}  // namespace heddle_detail

/// What all groups within a block have in common; passed by value where a function takes any group.
class thread_group {
  public:
    __HEDDLE_MEMBER void sync() const {
        if (kind_ == heddle_detail::kind::block)
            __syncthreads();
        else if (kind_ != heddle_detail::kind::thread)
            __syncwarp(mask_);
    }
    __HEDDLE_MEMBER unsigned long long num_threads() const {
        return kind_ == heddle_detail::kind::block ? heddle_detail::block_size() : (unsigned)__popc(mask_);
    }
    __HEDDLE_MEMBER unsigned long long size() const { return num_threads(); }
    __HEDDLE_MEMBER unsigned long long thread_rank() const {
        return kind_ == heddle_detail::kind::block ? heddle_detail::block_rank()
                                                   : (unsigned)__popc(mask_ & heddle_detail::lanes_below());
    }
    __HEDDLE_MEMBER bool is_valid() const { return true; }
    __HEDDLE_MEMBER unsigned heddle_mask() const { return mask_; }
    __HEDDLE_MEMBER heddle_detail::kind heddle_kind() const { return kind_; }
    __HEDDLE_MEMBER static thread_group heddle_make(heddle_detail::kind kind, unsigned mask) {
        return thread_group(kind, mask);
    }

  protected:
    __HEDDLE_MEMBER thread_group(heddle_detail::kind kind, unsigned mask) : mask_(mask), kind_(kind) {}
    unsigned mask_;  // lanes of the warp; unused for a block
    heddle_detail::kind kind_;
};

/// All threads of the block.
class thread_block : public thread_group {
  public:
    struct arrival_token {};
    __HEDDLE_MEMBER static thread_block heddle_this() { return thread_block(); }
    __HEDDLE_MEMBER static void sync() { __syncthreads(); }
    __HEDDLE_MEMBER static unsigned thread_rank() { return heddle_detail::block_rank(); }
    __HEDDLE_MEMBER static unsigned num_threads() { return heddle_detail::block_size(); }
    __HEDDLE_MEMBER static unsigned size() { return heddle_detail::block_size(); }
    __HEDDLE_MEMBER static dim3 group_index() { return dim3(blockIdx.x, blockIdx.y, blockIdx.z); }
    __HEDDLE_MEMBER static dim3 thread_index() { return dim3(threadIdx.x, threadIdx.y, threadIdx.z); }
    __HEDDLE_MEMBER static dim3 dim_threads() { return dim3(blockDim.x, blockDim.y, blockDim.z); }
    __HEDDLE_MEMBER static dim3 group_dim() { return dim_threads(); }
    // The whole barrier stands at the wait: arriving early is allowed to wait.
    __HEDDLE_MEMBER static arrival_token barrier_arrive() { return {}; }
    __HEDDLE_MEMBER static void barrier_wait(arrival_token&&) { __syncthreads(); }
    __HEDDLE_MEMBER static void barrier_wait() { __syncthreads(); }

  private:
    __HEDDLE_MEMBER thread_block() : thread_group(heddle_detail::kind::block, 0xffffffffu) {}
};
__HEDDLE_MEMBER thread_block this_thread_block() {
    return thread_block::heddle_this();
}

/// All threads of the grid; ranks only, blocks do not wait for each other.
class grid_group {
  public:
    struct arrival_token {};
    __HEDDLE_MEMBER static unsigned long long num_blocks() {
        return (unsigned long long)gridDim.x * gridDim.y * gridDim.z;
    }
    __HEDDLE_MEMBER static unsigned long long block_rank() {
        return blockIdx.x +
               (unsigned long long)gridDim.x * (blockIdx.y + (unsigned long long)gridDim.y * blockIdx.z);
    }
    __HEDDLE_MEMBER static unsigned long long num_threads() {
        return num_blocks() * heddle_detail::block_size();
    }
    __HEDDLE_MEMBER static unsigned long long size() { return num_threads(); }
    __HEDDLE_MEMBER static unsigned long long thread_rank() {
        return block_rank() * heddle_detail::block_size() + heddle_detail::block_rank();
    }
    __HEDDLE_MEMBER static dim3 dim_blocks() { return dim3(gridDim.x, gridDim.y, gridDim.z); }
    __HEDDLE_MEMBER static dim3 group_dim() { return dim_blocks(); }
    __HEDDLE_MEMBER static dim3 block_index() { return dim3(blockIdx.x, blockIdx.y, blockIdx.z); }
    __HEDDLE_MEMBER static dim3 dim_threads() { return dim3(blockDim.x, blockDim.y, blockDim.z); }
    __HEDDLE_MEMBER static dim3 thread_index() { return dim3(threadIdx.x, threadIdx.y, threadIdx.z); }
    __HEDDLE_MEMBER static bool is_valid() { return false; }
    __attribute__((device)) static void sync() __HEDDLE_REFUSED("barriers of the whole grid");
    __attribute__((device)) static arrival_token barrier_arrive()
        __HEDDLE_REFUSED("barriers of the whole grid");
    __attribute__((device)) static void barrier_wait(arrival_token&&)
        __HEDDLE_REFUSED("barriers of the whole grid");
};
__HEDDLE_MEMBER grid_group this_grid() {
    return {};
}

__attribute__((device)) void this_multi_grid() __HEDDLE_REFUSED("grids over several devices");
__attribute__((device)) void this_cluster() __HEDDLE_REFUSED("thread block clusters");

/// The threads that are active together, or any subset of a warp; ranks count its lanes from the lowest.
class coalesced_group : public thread_group {
  public:
    __HEDDLE_MEMBER static coalesced_group heddle_make(unsigned mask, unsigned meta_rank = 0,
                                                       unsigned meta_size = 1) {
        return coalesced_group(mask, meta_rank, meta_size);
    }
    __HEDDLE_MEMBER void sync() const { __syncwarp(mask_); }
    __HEDDLE_MEMBER unsigned num_threads() const { return __popc(mask_); }
    __HEDDLE_MEMBER unsigned size() const { return num_threads(); }
    __HEDDLE_MEMBER unsigned thread_rank() const { return __popc(mask_ & heddle_detail::lanes_below()); }
    __HEDDLE_MEMBER unsigned meta_group_rank() const { return meta_rank_; }
    __HEDDLE_MEMBER unsigned meta_group_size() const { return meta_size_; }
    template <class T>
    __HEDDLE_MEMBER T shfl(T value, unsigned rank) const {
        return from_lane(value, lane_of(rank % num_threads()));
    }
    template <class T>
    __HEDDLE_MEMBER T shfl_up(T value, unsigned delta) const {
        unsigned rank = thread_rank();
        return from_lane(value, rank < delta ? (int)__heddle_lane() : lane_of(rank - delta));
    }
    template <class T>
    __HEDDLE_MEMBER T shfl_down(T value, unsigned delta) const {
        unsigned rank = thread_rank();
        return from_lane(value, delta >= num_threads() - rank ? (int)__heddle_lane() : lane_of(rank + delta));
    }
    __HEDDLE_MEMBER int any(int predicate) const { return __any_sync(mask_, predicate); }
    __HEDDLE_MEMBER int all(int predicate) const { return __all_sync(mask_, predicate); }
    __HEDDLE_MEMBER unsigned ballot(int predicate) const { return compact(__ballot_sync(mask_, predicate)); }
    template <class T>
    __HEDDLE_MEMBER unsigned match_any(T value) const {
        return compact(__match_any_sync(mask_, value));
    }
    template <class T>
    __HEDDLE_MEMBER unsigned match_all(T value, int& predicate) const {
        return compact(__match_all_sync(mask_, value, &predicate));
    }

  private:
    __HEDDLE_MEMBER coalesced_group(unsigned mask, unsigned meta_rank, unsigned meta_size)
        : thread_group(heddle_detail::kind::coalesced, mask), meta_rank_(meta_rank), meta_size_(meta_size) {}
    __HEDDLE_MEMBER int lane_of(unsigned rank) const {
        return mask_ == 0xffffffffu ? (int)rank : __heddle_nth_bit(mask_, rank);
    }
    template <class T>
    __HEDDLE_MEMBER T from_lane(const T& value, int lane) const {
        unsigned mask = mask_;
        return heddle_detail::move_words(value, [=] __attribute__((device, always_inline)) (auto word) {
            return __shfl_sync(mask, word, lane);
        });
    }
    // Bit i of the result is the bit of lanes at the group's i-th lane: a parallel suffix compression in five
    // steps.
    __HEDDLE_MEMBER unsigned compact(unsigned lanes) const {
        unsigned m = mask_, x = lanes & m, k = ~m << 1;
#pragma unroll
        for (int i = 0; i < 5; ++i) {
            unsigned p = k ^ (k << 1);
            p ^= p << 2;
            p ^= p << 4;
            p ^= p << 8;
            p ^= p << 16;
            unsigned v = p & m;
            m = (m ^ v) | (v >> (1 << i));
            unsigned t = x & v;
            x = (x ^ t) | (t >> (1 << i));
            k &= ~p;
        }
        return x;
    }
    unsigned meta_rank_, meta_size_;
};
__HEDDLE_MEMBER coalesced_group coalesced_threads() {
    return coalesced_group::heddle_make(__activemask());
}

/// A tile of Size (a power of two up to 32) consecutive threads of the block.
template <unsigned Size, class Parent = void>
class thread_block_tile : public thread_group {
    static_assert(Size <= 32, "tiles of more than 32 threads are not supported by Heddle");
    static_assert(Size > 0 && (Size & (Size - 1)) == 0, "a tile's size must be a power of two");

  public:
    __HEDDLE_MEMBER static thread_block_tile heddle_make(unsigned meta_rank, unsigned meta_size) {
        return thread_block_tile(meta_rank, meta_size);
    }
    template <class Other>
    __HEDDLE_MEMBER thread_block_tile(const thread_block_tile<Size, Other>& other)
        : thread_block_tile(other.meta_group_rank(), other.meta_group_size()) {}
    __HEDDLE_MEMBER void sync() const {
        if constexpr (Size > 1) __syncwarp(mask_);
    }
    __HEDDLE_MEMBER static constexpr unsigned num_threads() { return Size; }
    __HEDDLE_MEMBER static constexpr unsigned size() { return Size; }
    __HEDDLE_MEMBER static unsigned thread_rank() { return __heddle_lane() & (Size - 1); }
    __HEDDLE_MEMBER unsigned meta_group_rank() const { return meta_rank_; }
    __HEDDLE_MEMBER unsigned meta_group_size() const { return meta_size_; }
    template <class T>
    __HEDDLE_MEMBER T shfl(T value, int rank) const {
        unsigned mask = mask_;
        return heddle_detail::move_words(value, [=] __attribute__((device, always_inline)) (auto word) {
            return __shfl_sync(mask, word, rank, Size);
        });
    }
    template <class T>
    __HEDDLE_MEMBER T shfl_up(T value, unsigned delta) const {
        unsigned mask = mask_;
        return heddle_detail::move_words(value, [=] __attribute__((device, always_inline)) (auto word) {
            return __shfl_up_sync(mask, word, delta, Size);
        });
    }
    template <class T>
    __HEDDLE_MEMBER T shfl_down(T value, unsigned delta) const {
        unsigned mask = mask_;
        return heddle_detail::move_words(value, [=] __attribute__((device, always_inline)) (auto word) {
            return __shfl_down_sync(mask, word, delta, Size);
        });
    }
    template <class T>
    __HEDDLE_MEMBER T shfl_xor(T value, unsigned lane_mask) const {
        unsigned mask = mask_;
        return heddle_detail::move_words(value, [=] __attribute__((device, always_inline)) (auto word) {
            return __shfl_xor_sync(mask, word, lane_mask, Size);
        });
    }
    __HEDDLE_MEMBER int any(int predicate) const { return __any_sync(mask_, predicate); }
    __HEDDLE_MEMBER int all(int predicate) const { return __all_sync(mask_, predicate); }
    __HEDDLE_MEMBER unsigned ballot(int predicate) const { return compact(__ballot_sync(mask_, predicate)); }
    template <class T>
    __HEDDLE_MEMBER unsigned match_any(T value) const {
        return compact(__match_any_sync(mask_, value));
    }
    template <class T>
    __HEDDLE_MEMBER unsigned match_all(T value, int& predicate) const {
        return compact(__match_all_sync(mask_, value, &predicate));
    }

  private:
    __HEDDLE_MEMBER thread_block_tile(unsigned meta_rank, unsigned meta_size)
        : thread_group(heddle_detail::kind::tile, heddle_detail::tile_mask(Size)),
          meta_rank_(meta_rank),
          meta_size_(meta_size) {}
    __HEDDLE_MEMBER static unsigned compact(unsigned lanes) {
        if constexpr (Size == 32) return lanes;
        return (lanes >> (__heddle_lane() & ~(Size - 1))) &
               (Size == 32 ? 0xffffffffu : (1u << (Size & 31)) - 1);
    }
    unsigned meta_rank_, meta_size_;
};

// --- the same questions as free functions ---
template <class Group>
__HEDDLE_MEMBER void sync(const Group& group) {
    group.sync();
}
template <class Group>
__HEDDLE_MEMBER auto thread_rank(const Group& group) {
    return group.thread_rank();
}
template <class Group>
__HEDDLE_MEMBER auto group_size(const Group& group) {
    return group.size();
}

/// Calls `function(arguments...)` on one thread of the group.
template <class Group, class F, class... Arguments>
__HEDDLE_MEMBER void invoke_one(const Group& group, F&& function, Arguments&&... arguments) {
    if (group.thread_rank() == 0) static_cast<F&&>(function)(static_cast<Arguments&&>(arguments)...);
}
/// The same; every thread gets the result.
template <class Group, class F, class... Arguments>
__HEDDLE_MEMBER auto invoke_one_broadcast(const Group& group, F&& function, Arguments&&... arguments) {
    decltype(function(arguments...)) result{};
    if (group.thread_rank() == 0) result = static_cast<F&&>(function)(static_cast<Arguments&&>(arguments)...);
    return group.shfl(result, 0);
}

}  // namespace cooperative_groups
