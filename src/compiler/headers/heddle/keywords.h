// CUDA's declaration specifiers and version macros in terms of Clang's attributes: what every other device
// header needs before it can declare anything.
#pragma once

#define __CUDACC__ 1
#define __CUDACC_VER_MAJOR__ 12
#define __CUDACC_VER_MINOR__ 3
#define __CUDACC_VER_BUILD__ 0
#define __CUDACC_EXTENDED_LAMBDA__ 1
#define __CUDACC_RELAXED_CONSTEXPR__ 1
#define __CUDA_API_VER_MAJOR__ 12
#define __CUDA_API_VER_MINOR__ 3
#define CUDART_VERSION 12030
#define __HEDDLE__ 1

#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
// A managed variable lives in the program's globals like any other: host and device share them through the
// run time.
#define __managed__ __attribute__((device))

// __noinline__ is a keyword of Clang's CUDA mode, usable both alone and inside __attribute__.
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __inline_hint__
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_align__(n) __align__(n)
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __maxnreg__(...)
#define __grid_constant__
#define __cudart_builtin__
#define __device_builtin__
#define __device_builtin_texture_type__
#define __device_builtin_surface_type__
#define __specialization_static static
#define __no_return__ __attribute__((noreturn))
#define __thread__ __thread
#define __assume(condition) __builtin_assume(condition)
#define CUDARTAPI
#define CUDARTAPI_CDECL
#define CUDART_CB
#define CUDART_DEVICE __attribute__((device))

// The kernel's declaration names an unavailable constant, so that the error stands at the user's line.
constexpr int __heddle_clusters
    __attribute__((unavailable("thread block clusters (__cluster_dims__) are not supported by Heddle"))) = 1;
#define __cluster_dims__(...) __attribute__((launch_bounds(__heddle_clusters)))

// How our own functions are declared. Without debug information, what is inlined stands at the line of the
// user's call.
#define __HEDDLE_INLINE static __inline__ __attribute__((always_inline, nodebug, device))
#define __HEDDLE_HOST_DEVICE static __inline__ __attribute__((always_inline, nodebug, host, device))
// Intrinsics of Kernel IR: a value only; a memory effect; an exchange between lanes.
#define __HEDDLE_PURE extern "C" __attribute__((device, const, nothrow))
#define __HEDDLE_EFFECT extern "C" __attribute__((device, nothrow))
#define __HEDDLE_CONVERGENT extern "C" __attribute__((device, convergent, nothrow))

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INTPTR_TYPE__ intptr_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
