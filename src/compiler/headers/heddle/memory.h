// Memory in device code: loads and stores with cache hints (plain accesses here), the device heap, operator
// new and delete, memcpy and memset, and questions about address spaces.
#pragma once

#include <heddle/keywords.h>

// --- cache hints ---
template <class T>
__HEDDLE_INLINE T __ldg(const T* address) {
    return *address;
}
template <class T>
__HEDDLE_INLINE T __ldca(const T* address) {
    return *address;
}
template <class T>
__HEDDLE_INLINE T __ldcg(const T* address) {
    return *address;
}
template <class T>
__HEDDLE_INLINE T __ldcs(const T* address) {
    return *address;
}
template <class T>
__HEDDLE_INLINE T __ldlu(const T* address) {
    return *address;
}
// Fetches again each time: a volatile load, word by word for structures.
template <class T>
__HEDDLE_INLINE T __ldcv(const T* address) {
    if constexpr (__is_scalar(T)) {
        return *(const volatile T*)address;
    } else if constexpr (alignof(T) % 4 == 0) {
        typedef unsigned __attribute__((may_alias)) word;
        T value;
        for (unsigned i = 0; i < sizeof(T) / 4; ++i) ((word*)&value)[i] = ((const volatile word*)address)[i];
        return value;
    } else {
        T value;
        for (unsigned i = 0; i < sizeof(T); ++i) ((char*)&value)[i] = ((const volatile char*)address)[i];
        return value;
    }
}
template <class T>
struct __heddle_same {
    typedef T type;
};
template <class T>
__HEDDLE_INLINE void __stwb(T* address, typename __heddle_same<T>::type value) {
    *address = value;
}
template <class T>
__HEDDLE_INLINE void __stcg(T* address, typename __heddle_same<T>::type value) {
    *address = value;
}
template <class T>
__HEDDLE_INLINE void __stcs(T* address, typename __heddle_same<T>::type value) {
    *address = value;
}
template <class T>
__HEDDLE_INLINE void __stwt(T* address, typename __heddle_same<T>::type value) {
    *address = value;
}

// --- the device heap: null when it is exhausted, also from operator new (compile with -fcheck-new) ---
__HEDDLE_EFFECT void* malloc(size_t bytes) __asm__("heddle.malloc");
__HEDDLE_EFFECT void free(void* address) __asm__("heddle.free");
__HEDDLE_INLINE void* calloc(size_t count, size_t bytes) {
    void* address = malloc(count * bytes);
    return address ? __builtin_memset(address, 0, count * bytes) : address;
}

namespace std {
enum class align_val_t : size_t;
}
#define __HEDDLE_OPERATOR __inline__ __attribute__((always_inline, nodebug, device))
__HEDDLE_OPERATOR void* operator new(size_t bytes) {
    return malloc(bytes);
}
__HEDDLE_OPERATOR void* operator new[](size_t bytes) {
    return malloc(bytes);
}
__HEDDLE_OPERATOR void* operator new(size_t bytes, std::align_val_t) {
    return malloc(bytes);
}
__HEDDLE_OPERATOR void* operator new[](size_t bytes, std::align_val_t) {
    return malloc(bytes);
}
__HEDDLE_OPERATOR void* operator new(size_t, void* place) noexcept {
    return place;
}
__HEDDLE_OPERATOR void* operator new[](size_t, void* place) noexcept {
    return place;
}
__HEDDLE_OPERATOR void operator delete(void* address) noexcept {
    free(address);
}
__HEDDLE_OPERATOR void operator delete[](void* address) noexcept {
    free(address);
}
__HEDDLE_OPERATOR void operator delete(void* address, size_t) noexcept {
    free(address);
}
__HEDDLE_OPERATOR void operator delete[](void* address, size_t) noexcept {
    free(address);
}
__HEDDLE_OPERATOR void operator delete(void* address, std::align_val_t) noexcept {
    free(address);
}
__HEDDLE_OPERATOR void operator delete[](void* address, std::align_val_t) noexcept {
    free(address);
}
__HEDDLE_OPERATOR void operator delete(void* address, size_t, std::align_val_t) noexcept {
    free(address);
}
__HEDDLE_OPERATOR void operator delete[](void* address, size_t, std::align_val_t) noexcept {
    free(address);
}
__HEDDLE_OPERATOR void operator delete(void*, void*) noexcept {}
__HEDDLE_OPERATOR void operator delete[](void*, void*) noexcept {}
#undef __HEDDLE_OPERATOR

// --- <cstring> ---
__HEDDLE_INLINE void* memcpy(void* to, const void* from, size_t bytes) {
    return __builtin_memcpy(to, from, bytes);
}
__HEDDLE_INLINE void* memmove(void* to, const void* from, size_t bytes) {
    return __builtin_memmove(to, from, bytes);
}
__HEDDLE_INLINE void* memset(void* to, int byte, size_t bytes) {
    return __builtin_memset(to, byte, bytes);
}
__HEDDLE_INLINE int memcmp(const void* a, const void* b, size_t bytes) {
    const unsigned char *x = (const unsigned char*)a, *y = (const unsigned char*)b;
    for (size_t i = 0; i < bytes; ++i)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}
__HEDDLE_INLINE size_t strlen(const char* text) {
    size_t n = 0;
    while (text[n]) ++n;
    return n;
}
__HEDDLE_INLINE int strcmp(const char* a, const char* b) {
    size_t i = 0;
    while (a[i] && a[i] == b[i]) ++i;
    return (unsigned char)a[i] - (unsigned char)b[i];
}
__HEDDLE_INLINE int strncmp(const char* a, const char* b, size_t limit) {
    size_t i = 0;
    while (i < limit && a[i] && a[i] == b[i]) ++i;
    return i == limit ? 0 : (unsigned char)a[i] - (unsigned char)b[i];
}
__HEDDLE_INLINE char* strcpy(char* to, const char* from) {
    size_t i = 0;
    for (; from[i]; ++i) to[i] = from[i];
    to[i] = 0;
    return to;
}

// --- address spaces ---
__HEDDLE_PURE int __heddle_is_shared(const void* address) __asm__("heddle.is.shared");
__HEDDLE_PURE int __heddle_is_local(const void* address) __asm__("heddle.is.local");
__HEDDLE_PURE int __heddle_is_constant(const void* address) __asm__("heddle.is.constant");
__HEDDLE_INLINE unsigned __isShared(const void* address) {
    return __heddle_is_shared(address);
}
__HEDDLE_INLINE unsigned __isLocal(const void* address) {
    return __heddle_is_local(address);
}
__HEDDLE_INLINE unsigned __isConstant(const void* address) {
    return __heddle_is_constant(address);
}
__HEDDLE_INLINE unsigned __isGlobal(const void* address) {
    return (__heddle_is_shared(address) | __heddle_is_local(address) | __heddle_is_constant(address)) == 0;
}
__HEDDLE_INLINE size_t __cvta_generic_to_shared(const void* address) {
    return (size_t)(const __attribute__((address_space(3))) void*)address;
}
__HEDDLE_INLINE size_t __cvta_generic_to_global(const void* address) {
    return (size_t)(const __attribute__((address_space(1))) void*)address;
}
__HEDDLE_INLINE size_t __cvta_generic_to_local(const void* address) {
    return (size_t)(const __attribute__((address_space(5))) void*)address;
}
__HEDDLE_INLINE size_t __cvta_generic_to_constant(const void* address) {
    return (size_t)(const __attribute__((address_space(4))) void*)address;
}
__HEDDLE_INLINE void* __cvta_shared_to_generic(size_t address) {
    return (void*)(__attribute__((address_space(3))) void*)address;
}
__HEDDLE_INLINE void* __cvta_global_to_generic(size_t address) {
    return (void*)(__attribute__((address_space(1))) void*)address;
}
__HEDDLE_INLINE void* __cvta_local_to_generic(size_t address) {
    return (void*)(__attribute__((address_space(5))) void*)address;
}
__HEDDLE_INLINE void* __cvta_constant_to_generic(size_t address) {
    return (void*)(__attribute__((address_space(4))) void*)address;
}
