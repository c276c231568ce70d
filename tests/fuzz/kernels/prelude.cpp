// The text around generated kernels: one vocabulary with CUDA's meaning, in CUDA C++ and in plain C++.
#include "generator.h"

namespace heddle::fuzz {
namespace {

constexpr const char* common = R"(
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;
struct State {
    int a, b;
    u32 c, d;
    i64 e;
    u64 f;
    float g, h;
    double p;
    short q;
    unsigned char r;
    int array[8];
};
struct Context {
    const int* in0;
    const u32* in1;
    const float* in2;
    const i64* in3;
    int* counters;
    const int* seen;
    int* next;
    int id, tid, block, threads, n, turn;
};
HD int add(int x, int y) { return (int)((u32)x + (u32)y); }
HD int sub(int x, int y) { return (int)((u32)x - (u32)y); }
HD int mul(int x, int y) { return (int)((u32)x * (u32)y); }
HD i64 add64(i64 x, i64 y) { return (i64)((u64)x + (u64)y); }
HD i64 mul64(i64 x, i64 y) { return (i64)((u64)x * (u64)y); }
HD int divide(int x, int y) { int z = y | 1; return z == -1 ? sub(0, x) : x / z; }
HD int modulo(int x, int y) { int z = y | 1; return z == -1 ? 0 : x % z; }
HD u32 divide_u(u32 x, u32 y) { return x / (y | 1u); }
HD u32 modulo_u(u32 x, u32 y) { return x % (y | 1u); }
HD u64 divide_u64(u64 x, u64 y) { return x / (y | 1u); }
HD int smaller(int x, int y) { return x < y ? x : y; }
HD int larger(int x, int y) { return x > y ? x : y; }
HD float smaller_f(float x, float y) { return x < y ? x : y; }
HD float clean(float x) { return x == x ? x : 1.5f; }
HD double clean_d(double x) { return x == x ? x : 2.5; }
)";

}  // namespace

std::string prelude_device() {
    return std::string(R"(#define HD __device__ static inline
__device__ static inline int to_int(float x) { return (int)x; }
__device__ static inline u32_ to_u32(float x) { return (u32_)x; }
__device__ static inline long long to_i64(double x) { return (long long)x; }
__device__ static inline float add_f(float x, float y) { return __fadd_rn(x, y); }
__device__ static inline float sub_f(float x, float y) { return __fsub_rn(x, y); }
__device__ static inline float mul_f(float x, float y) { return __fmul_rn(x, y); }
__device__ static inline float div_f(float x, float y) { return __fdiv_rn(x, y); }
__device__ static inline float root(float x) { return __fsqrt_rn(fabsf(x)); }
__device__ static inline float fused(float x, float y, float z) { return __fmaf_rn(x, y, z); }
__device__ static inline double add_d(double x, double y) { return __dadd_rn(x, y); }
__device__ static inline double mul_d(double x, double y) { return __dmul_rn(x, y); }
__device__ static inline int ones(unsigned x) { return __popc(x); }
__device__ static inline int leading(unsigned x) { return __clz((int)x); }
__device__ static inline int bits_of(float x) { return __float_as_int(x); }
__device__ static inline void count_add(int* p, int v) { atomicAdd(p, v); }
__device__ static inline void count_max(int* p, int v) { atomicMax(p, v); }
__device__ static inline void count_xor(int* p, int v) { atomicXor(p, v); }
__device__ static inline void count_and(int* p, int v) { atomicAnd(p, v); }
)")
               .replace(0, 0, "typedef unsigned int u32_;\n") +
           common;
}

std::string prelude_host() {
    return std::string(R"(#define HD static inline
typedef unsigned int u32_;
static inline int to_int(float x) { return x != x ? 0 : x >= 2147483648.0f ? 2147483647 : x < -2147483648.0f ? (-2147483647 - 1) : (int)x; }
static inline u32_ to_u32(float x) { return x != x || x < 0 ? 0u : x >= 4294967296.0f ? 4294967295u : (u32_)x; }
static inline long long to_i64(double x) { return x != x ? 0 : x >= 9223372036854775808.0 ? 9223372036854775807LL : x < -9223372036854775808.0 ? (-9223372036854775807LL - 1) : (long long)x; }
static inline float add_f(float x, float y) { return x + y; }
static inline float sub_f(float x, float y) { return x - y; }
static inline float mul_f(float x, float y) { return x * y; }
static inline float div_f(float x, float y) { return x / y; }
static inline float root(float x) { return __builtin_sqrtf(__builtin_fabsf(x)); }
static inline float fused(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
static inline double add_d(double x, double y) { return x + y; }
static inline double mul_d(double x, double y) { return x * y; }
static inline int ones(unsigned x) { return __builtin_popcount(x); }
static inline int leading(unsigned x) { return x ? __builtin_clz(x) : 32; }
static inline int bits_of(float x) { int i; __builtin_memcpy(&i, &x, 4); return i; }
static inline void count_add(int* p, int v) { *p = (int)((unsigned)*p + (unsigned)v); }
static inline void count_max(int* p, int v) { if (v > *p) *p = v; }
static inline void count_xor(int* p, int v) { *p ^= v; }
static inline void count_and(int* p, int v) { *p &= v; }
)") + common;
}

}  // namespace heddle::fuzz
