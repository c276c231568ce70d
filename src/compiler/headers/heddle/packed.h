// SIMD within a word: the __v*2 functions on two 16-bit halves and the __v*4 functions on four bytes of a
// 32-bit word, in plain 32-bit arithmetic so that a target needs no sub-word vectors.
#pragma once

#include <heddle/keywords.h>

// In these templates H has the top bit of every element set: 0x80008000 or 0x80808080. A "mark" is a word
// with only such bits; S is the element's width less one.
template <unsigned H>
struct __heddle_packed {
    static constexpr unsigned L = ~H;
    static constexpr unsigned S = H == 0x80808080u ? 7 : 15;
    static constexpr unsigned one = H >> S;
    typedef unsigned u;
#define __HEDDLE_PACKED __attribute__((always_inline, nodebug, device)) static unsigned
    // all ones in the elements that are marked
    __HEDDLE_PACKED fill(u mark) { return mark | (mark - (mark >> S)); }
    __HEDDLE_PACKED flag(u mark) { return mark >> S; }
    __HEDDLE_PACKED select(u mask, u a, u b) { return (a & mask) | (b & ~mask); }
    __HEDDLE_PACKED add(u a, u b) { return ((a & L) + (b & L)) ^ ((a ^ b) & H); }
    __HEDDLE_PACKED sub(u a, u b) { return ((a | H) - (b & L)) ^ ((a ^ ~b) & H); }
    // marks
    __HEDDLE_PACKED eq(u a, u b) { return ~((((a ^ b) & L) + L) | (a ^ b)) & H; }
    __HEDDLE_PACKED ne(u a, u b) { return ((((a ^ b) & L) + L) | (a ^ b)) & H; }
    __HEDDLE_PACKED ltu(u a, u b) { return ((~a & b) | (~(a ^ b) & sub(a, b))) & H; }
    __HEDDLE_PACKED geu(u a, u b) { return ltu(a, b) ^ H; }
    __HEDDLE_PACKED lts(u a, u b) { return ltu(a ^ H, b ^ H); }
    __HEDDLE_PACKED ges(u a, u b) { return lts(a, b) ^ H; }
    // values
    __HEDDLE_PACKED minu(u a, u b) { return select(fill(ltu(a, b)), a, b); }
    __HEDDLE_PACKED maxu(u a, u b) { return select(fill(ltu(a, b)), b, a); }
    __HEDDLE_PACKED mins(u a, u b) { return select(fill(lts(a, b)), a, b); }
    __HEDDLE_PACKED maxs(u a, u b) { return select(fill(lts(a, b)), b, a); }
    __HEDDLE_PACKED negate_where(u mask, u a) { return sub(a ^ mask, mask); }
    __HEDDLE_PACKED diffu(u a, u b) { return negate_where(fill(ltu(a, b)), sub(a, b)); }
    __HEDDLE_PACKED diffs(u a, u b) { return negate_where(fill(lts(a, b)), sub(a, b)); }
    __HEDDLE_PACKED abs(u a) { return negate_where(fill(a & H), a); }
    __HEDDLE_PACKED absss(u a) { return abs(a) - flag(abs(a) & H); }
    __HEDDLE_PACKED limit(u a) { return L + flag(a & H); }  // saturated value of a's sign
    __HEDDLE_PACKED addss(u a, u b) {
        return select(fill((a ^ add(a, b)) & (b ^ add(a, b)) & H), limit(a), add(a, b));
    }
    __HEDDLE_PACKED subss(u a, u b) {
        return select(fill((a ^ b) & (a ^ sub(a, b)) & H), limit(a), sub(a, b));
    }
    __HEDDLE_PACKED addus(u a, u b) { return add(a, b) | fill(((a & b) | ((a | b) & ~add(a, b))) & H); }
    __HEDDLE_PACKED subus(u a, u b) { return sub(a, b) & ~fill(ltu(a, b)); }
    __HEDDLE_PACKED haddu(u a, u b) { return (a & b) + (((a ^ b) >> 1) & L); }
    __HEDDLE_PACKED avgu(u a, u b) { return (a | b) - (((a ^ b) >> 1) & L); }
    // rounds a half away from zero
    __HEDDLE_PACKED avgs(u a, u b) { return round_up_positive(haddu(a ^ H, b ^ H) ^ H, (a ^ b) & one); }
    __HEDDLE_PACKED round_up_positive(u floor, u odd) { return floor + (odd & ~(floor >> S)); }
    __HEDDLE_PACKED sum(u a) {
        return H == 0x80808080u ? (a & 0xff) + (a >> 8 & 0xff) + (a >> 16 & 0xff) + (a >> 24)
                                : (a & 0xffff) + (a >> 16);
    }
#undef __HEDDLE_PACKED
};

#define __HEDDLE_PACKED_FUNCTIONS(n, H)                                    \
    __HEDDLE_PACKED_2(__vadd##n, H, add(a, b))                             \
    __HEDDLE_PACKED_2(__vaddss##n, H, addss(a, b))                         \
    __HEDDLE_PACKED_2(__vaddus##n, H, addus(a, b))                         \
    __HEDDLE_PACKED_2(__vsub##n, H, sub(a, b))                             \
    __HEDDLE_PACKED_2(__vsubss##n, H, subss(a, b))                         \
    __HEDDLE_PACKED_2(__vsubus##n, H, subus(a, b))                         \
    __HEDDLE_PACKED_2(__vavgs##n, H, avgs(a, b))                           \
    __HEDDLE_PACKED_2(__vavgu##n, H, avgu(a, b))                           \
    __HEDDLE_PACKED_2(__vhaddu##n, H, haddu(a, b))                         \
    __HEDDLE_PACKED_2(__vabsdiffs##n, H, diffs(a, b))                      \
    __HEDDLE_PACKED_2(__vabsdiffu##n, H, diffu(a, b))                      \
    __HEDDLE_PACKED_2(__vsads##n, H, sum(__heddle_packed<H>::diffs(a, b))) \
    __HEDDLE_PACKED_2(__vsadu##n, H, sum(__heddle_packed<H>::diffu(a, b))) \
    __HEDDLE_PACKED_2(__vmaxs##n, H, maxs(a, b))                           \
    __HEDDLE_PACKED_2(__vmaxu##n, H, maxu(a, b))                           \
    __HEDDLE_PACKED_2(__vmins##n, H, mins(a, b))                           \
    __HEDDLE_PACKED_2(__vminu##n, H, minu(a, b))                           \
    __HEDDLE_PACKED_1(__vabs##n, H, abs(a))                                \
    __HEDDLE_PACKED_1(__vabsss##n, H, absss(a))                            \
    __HEDDLE_PACKED_1(__vneg##n, H, sub(0, a))                             \
    __HEDDLE_PACKED_1(__vnegss##n, H, subss(0, a))                         \
    __HEDDLE_PACKED_COMPARE(eq##n, H, eq(a, b))                            \
    __HEDDLE_PACKED_COMPARE(ne##n, H, ne(a, b))                            \
    __HEDDLE_PACKED_COMPARE(ges##n, H, ges(a, b))                          \
    __HEDDLE_PACKED_COMPARE(geu##n, H, geu(a, b))                          \
    __HEDDLE_PACKED_COMPARE(gts##n, H, lts(b, a))                          \
    __HEDDLE_PACKED_COMPARE(gtu##n, H, ltu(b, a))                          \
    __HEDDLE_PACKED_COMPARE(les##n, H, ges(b, a))                          \
    __HEDDLE_PACKED_COMPARE(leu##n, H, geu(b, a))                          \
    __HEDDLE_PACKED_COMPARE(lts##n, H, lts(a, b))                          \
    __HEDDLE_PACKED_COMPARE(ltu##n, H, ltu(a, b))
#define __HEDDLE_PACKED_1(name, H, value)       \
    __HEDDLE_INLINE unsigned name(unsigned a) { \
        return __heddle_packed<H>::value;       \
    }
#define __HEDDLE_PACKED_2(name, H, value)                   \
    __HEDDLE_INLINE unsigned name(unsigned a, unsigned b) { \
        return __heddle_packed<H>::value;                   \
    }
#define __HEDDLE_PACKED_COMPARE(name, H, value)                     \
    __HEDDLE_INLINE unsigned __vcmp##name(unsigned a, unsigned b) { \
        return __heddle_packed<H>::fill(__heddle_packed<H>::value); \
    }                                                               \
    __HEDDLE_INLINE unsigned __vset##name(unsigned a, unsigned b) { \
        return __heddle_packed<H>::flag(__heddle_packed<H>::value); \
    }

__HEDDLE_PACKED_FUNCTIONS(2, 0x80008000u)
__HEDDLE_PACKED_FUNCTIONS(4, 0x80808080u)
#undef __HEDDLE_PACKED_FUNCTIONS
#undef __HEDDLE_PACKED_COMPARE
#undef __HEDDLE_PACKED_2
#undef __HEDDLE_PACKED_1
