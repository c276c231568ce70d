// CUDA's asynchronous copies from global to shared memory, as copies that are complete at once.
#pragma once

#include <heddle/device.h>

__HEDDLE_INLINE void __pipeline_memcpy_async(void* to, const void* from, size_t bytes,
                                             size_t zero_filled = 0) {
    __builtin_memcpy(to, from, bytes - zero_filled);
    __builtin_memset((char*)to + (bytes - zero_filled), 0, zero_filled);
}
__HEDDLE_INLINE void __pipeline_commit() {}
__HEDDLE_INLINE void __pipeline_wait_prior(size_t) {}
