// Integer and bit intrinsics of CUDA (__clz, __popc, __byte_perm, __mulhi, __dp4a, ...), integer min, max and
// abs.
#pragma once

#include <heddle/vectors.h>

// --- bits ---
__HEDDLE_INLINE int __clz(int x) {
    return x == 0 ? 32 : __builtin_clz(x);
}
__HEDDLE_INLINE int __clzll(long long x) {
    return x == 0 ? 64 : __builtin_clzll(x);
}
__HEDDLE_INLINE int __ffs(int x) {
    return x == 0 ? 0 : __builtin_ctz(x) + 1;
}
__HEDDLE_INLINE int __ffsll(long long x) {
    return x == 0 ? 0 : __builtin_ctzll(x) + 1;
}
__HEDDLE_INLINE int __popc(unsigned x) {
    return __builtin_popcount(x);
}
__HEDDLE_INLINE int __popcll(unsigned long long x) {
    return __builtin_popcountll(x);
}
__HEDDLE_INLINE unsigned __brev(unsigned x) {
    return __builtin_bitreverse32(x);
}
__HEDDLE_INLINE unsigned long long __brevll(unsigned long long x) {
    return __builtin_bitreverse64(x);
}
__HEDDLE_INLINE unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
    unsigned long long bytes = (unsigned long long)y << 32 | x;
    unsigned r = 0;
    r |= (unsigned)(bytes >> (8 * (selector & 7))) & 0xff;
    r |= ((unsigned)(bytes >> (8 * (selector >> 4 & 7))) & 0xff) << 8;
    r |= ((unsigned)(bytes >> (8 * (selector >> 8 & 7))) & 0xff) << 16;
    r |= ((unsigned)(bytes >> (8 * (selector >> 12 & 7))) & 0xff) << 24;
    // Bit 3 of a selector's nibble asks for eight copies of the byte's sign.
    const unsigned signs = (r >> 7 & 0x01010101u) * 0xffu;
    const unsigned asked = ((selector >> 3 & 1u) | (selector << 1 & 0x100u) | (selector << 5 & 0x10000u) |
                            (selector << 9 & 0x1000000u)) *
                           0xffu;
    return (signs & asked) | (r & ~asked);
}
__HEDDLE_INLINE unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((unsigned long long)high << 32 | low) << (shift & 31) >> 32);
}
__HEDDLE_INLINE unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((unsigned long long)high << 32 | low) << (shift < 32 ? shift : 32) >> 32);
}
__HEDDLE_INLINE unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((unsigned long long)high << 32 | low) >> (shift & 31));
}
__HEDDLE_INLINE unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((unsigned long long)high << 32 | low) >> (shift < 32 ? shift : 32));
}
// Position of the n-th set bit of x counted from 0; 32 when there are not so many. Five steps, no loop.
__HEDDLE_INLINE int __heddle_nth_bit(unsigned x, unsigned n) {
    unsigned position = 0, below = 0;
    below = __popc(x & 0xffffu);
    if (n >= below) n -= below, position += 16;
    below = __popc(x >> position & 0xffu);
    if (n >= below) n -= below, position += 8;
    below = __popc(x >> position & 0xfu);
    if (n >= below) n -= below, position += 4;
    below = __popc(x >> position & 3u);
    if (n >= below) n -= below, position += 2;
    below = x >> position & 1u;
    if (n >= below) n -= below, position += 1;
    return n == 0 && (x >> position & 1u) ? position : 32;
}
// The offset-th set bit of mask at or above (offset > 0), or at or below (offset < 0), bit `base`.
__HEDDLE_INLINE unsigned __fns(unsigned mask, unsigned base, int offset) {
    if (offset == 0) return mask >> (base & 31) & 1 ? base : 0xffffffffu;
    int position = 32;
    if (offset > 0) {
        position = __heddle_nth_bit(mask & (0xffffffffu << (base & 31)), offset - 1);
    } else {
        position = __heddle_nth_bit(__brev(mask) & (0xffffffffu << (31 - (base & 31))), -offset - 1);
        position = position == 32 ? 32 : 31 - position;
    }
    return position == 32 ? 0xffffffffu : position;
}

// --- multiplication, averages, sums of absolute differences ---
__HEDDLE_INLINE int __mulhi(int x, int y) {
    return (int)((long long)x * y >> 32);
}
__HEDDLE_INLINE unsigned __umulhi(unsigned x, unsigned y) {
    return (unsigned)((unsigned long long)x * y >> 32);
}
__HEDDLE_INLINE unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
    unsigned long long xl = (unsigned)x, xh = x >> 32, yl = (unsigned)y, yh = y >> 32;
    unsigned long long low = xl * yl, m = xh * yl + (low >> 32), n = xl * yh + (unsigned)m;
    return xh * yh + (m >> 32) + (n >> 32);
}
__HEDDLE_INLINE long long __mul64hi(long long x, long long y) {
    return (long long)(__umul64hi(x, y) - (x < 0 ? y : 0ull) - (y < 0 ? x : 0ull));
}
__HEDDLE_INLINE int __mul24(int x, int y) {
    return (int)((unsigned)((int)((unsigned)x << 8) >> 8) * (unsigned)((int)((unsigned)y << 8) >> 8));
}
__HEDDLE_INLINE unsigned __umul24(unsigned x, unsigned y) {
    return (x & 0xffffffu) * (y & 0xffffffu);
}
__HEDDLE_INLINE unsigned __usad(unsigned x, unsigned y, unsigned z) {
    return z + (x > y ? x - y : y - x);
}
__HEDDLE_INLINE unsigned __sad(int x, int y, unsigned z) {
    return z + (x > y ? (unsigned)x - (unsigned)y : (unsigned)y - (unsigned)x);
}
__HEDDLE_INLINE int __hadd(int x, int y) {
    return (x & y) + ((x ^ y) >> 1);
}
__HEDDLE_INLINE int __rhadd(int x, int y) {
    return (x | y) - ((x ^ y) >> 1);
}
__HEDDLE_INLINE unsigned __uhadd(unsigned x, unsigned y) {
    return (x & y) + ((x ^ y) >> 1);
}
__HEDDLE_INLINE unsigned __urhadd(unsigned x, unsigned y) {
    return (x | y) - ((x ^ y) >> 1);
}
__HEDDLE_INLINE int mulhi(int x, int y) {
    return __mulhi(x, y);
}
__HEDDLE_INLINE unsigned mulhi(unsigned x, unsigned y) {
    return __umulhi(x, y);
}
__HEDDLE_INLINE long long mul64hi(long long x, long long y) {
    return __mul64hi(x, y);
}
__HEDDLE_INLINE unsigned long long mul64hi(unsigned long long x, unsigned long long y) {
    return __umul64hi(x, y);
}
__HEDDLE_INLINE int mul24(int x, int y) {
    return __mul24(x, y);
}
__HEDDLE_INLINE unsigned umul24(unsigned x, unsigned y) {
    return __umul24(x, y);
}

// --- dot products of the bytes (dp4a) or of two 16-bit halves with two bytes (dp2a) ---
__HEDDLE_INLINE int __dp4a(int a, int b, int c) {
    return (int)((unsigned)c + (unsigned)((signed char)a * (signed char)b) +
                 (unsigned)((signed char)(a >> 8) * (signed char)(b >> 8)) +
                 (unsigned)((signed char)(a >> 16) * (signed char)(b >> 16)) +
                 (unsigned)((a >> 24) * (b >> 24)));
}
__HEDDLE_INLINE unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
    return c + (a & 0xff) * (b & 0xff) + (a >> 8 & 0xff) * (b >> 8 & 0xff) +
           (a >> 16 & 0xff) * (b >> 16 & 0xff) + (a >> 24) * (b >> 24);
}
__HEDDLE_INLINE int __dp4a(char4 a, char4 b, int c) {
    return c + a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
}
__HEDDLE_INLINE unsigned __dp4a(uchar4 a, uchar4 b, unsigned c) {
    return c + a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
}
__HEDDLE_INLINE int __dp2a_lo(int a, int b, int c) {
    return (int)((unsigned)c + (unsigned)((short)a * (signed char)b) +
                 (unsigned)((a >> 16) * (signed char)(b >> 8)));
}
__HEDDLE_INLINE int __dp2a_hi(int a, int b, int c) {
    return __dp2a_lo(a, b >> 16, c);
}
__HEDDLE_INLINE unsigned __dp2a_lo(unsigned a, unsigned b, unsigned c) {
    return c + (a & 0xffff) * (b & 0xff) + (a >> 16) * (b >> 8 & 0xff);
}
__HEDDLE_INLINE unsigned __dp2a_hi(unsigned a, unsigned b, unsigned c) {
    return __dp2a_lo(a, b >> 16, c);
}
__HEDDLE_INLINE int __dp2a_lo(short2 a, char4 b, int c) {
    return c + a.x * b.x + a.y * b.y;
}
__HEDDLE_INLINE int __dp2a_hi(short2 a, char4 b, int c) {
    return c + a.x * b.z + a.y * b.w;
}
__HEDDLE_INLINE unsigned __dp2a_lo(ushort2 a, uchar4 b, unsigned c) {
    return c + (unsigned)a.x * b.x + (unsigned)a.y * b.y;
}
__HEDDLE_INLINE unsigned __dp2a_hi(ushort2 a, uchar4 b, unsigned c) {
    return c + (unsigned)a.x * b.z + (unsigned)a.y * b.w;
}

// --- min, max, abs: the overloads CUDA has, for host and device ---
#define __HEDDLE_MIN_MAX(R, A, B)                    \
    __HEDDLE_HOST_DEVICE constexpr R min(A a, B b) { \
        return (R)a < (R)b ? (R)a : (R)b;            \
    }                                                \
    __HEDDLE_HOST_DEVICE constexpr R max(A a, B b) { \
        return (R)a > (R)b ? (R)a : (R)b;            \
    }
#define __HEDDLE_MIN_MAX_FAMILY(T)                       \
    __HEDDLE_MIN_MAX(T, T, T)                            \
    __HEDDLE_MIN_MAX(unsigned T, unsigned T, unsigned T) \
    __HEDDLE_MIN_MAX(unsigned T, T, unsigned T)          \
    __HEDDLE_MIN_MAX(unsigned T, unsigned T, T)
__HEDDLE_MIN_MAX_FAMILY(int)
__HEDDLE_MIN_MAX_FAMILY(long)
__HEDDLE_MIN_MAX_FAMILY(long long)
#undef __HEDDLE_MIN_MAX_FAMILY
#undef __HEDDLE_MIN_MAX

__HEDDLE_INLINE unsigned umin(unsigned a, unsigned b) {
    return a < b ? a : b;
}
__HEDDLE_INLINE unsigned umax(unsigned a, unsigned b) {
    return a > b ? a : b;
}
__HEDDLE_INLINE long long llmin(long long a, long long b) {
    return a < b ? a : b;
}
__HEDDLE_INLINE long long llmax(long long a, long long b) {
    return a > b ? a : b;
}
__HEDDLE_INLINE unsigned long long ullmin(unsigned long long a, unsigned long long b) {
    return a < b ? a : b;
}
__HEDDLE_INLINE unsigned long long ullmax(unsigned long long a, unsigned long long b) {
    return a > b ? a : b;
}

// The absolute value of the least integer is itself, as on the hardware.
__HEDDLE_INLINE int abs(int x) {
    return x < 0 ? (int)(0u - (unsigned)x) : x;
}
__HEDDLE_INLINE long labs(long x) {
    return x < 0 ? (long)(0ul - (unsigned long)x) : x;
}
__HEDDLE_INLINE long long llabs(long long x) {
    return x < 0 ? (long long)(0ull - (unsigned long long)x) : x;
}
__HEDDLE_INLINE long abs(long x) {
    return labs(x);
}
__HEDDLE_INLINE long long abs(long long x) {
    return llabs(x);
}
namespace std {
using ::abs;
using ::labs;
using ::llabs;
}  // namespace std
