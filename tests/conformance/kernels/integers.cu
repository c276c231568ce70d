// Integer intrinsics, one kernel each: name_1(a, out), name_2(a, b, out) or name_3(a, b, c, out) over n
// elements.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)
#define ONE(name, A, R, expression)                               \
    extern "C" __global__ void name(const A* pa, R* out, int n) { \
        const int i = INDEX;                                      \
        if (i >= n) return;                                       \
        const A a = pa[i];                                        \
        out[i] = (R)(expression);                                 \
    }
#define TWO(name, A, B, R, expression)                                         \
    extern "C" __global__ void name(const A* pa, const B* pb, R* out, int n) { \
        const int i = INDEX;                                                   \
        if (i >= n) return;                                                    \
        const A a = pa[i];                                                     \
        const B b = pb[i];                                                     \
        out[i] = (R)(expression);                                              \
    }
#define THREE(name, A, B, C, R, expression)                                                 \
    extern "C" __global__ void name(const A* pa, const B* pb, const C* pc, R* out, int n) { \
        const int i = INDEX;                                                                \
        if (i >= n) return;                                                                 \
        const A a = pa[i];                                                                  \
        const B b = pb[i];                                                                  \
        const C c = pc[i];                                                                  \
        out[i] = (R)(expression);                                                           \
    }
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

ONE(clz, int, int, __clz(a))
ONE(clzll, i64, int, __clzll(a))
ONE(popc, u32, int, __popc(a))
ONE(popcll, u64, int, __popcll(a))
ONE(brev, u32, u32, __brev(a))
ONE(brevll, u64, u64, __brevll(a))
ONE(ffs, int, int, __ffs(a))
ONE(ffsll, i64, int, __ffsll(a))
ONE(abs_i32, int, int, abs(a))
ONE(abs_i64, i64, i64, llabs(a))
TWO(mul24, int, int, int, __mul24(a, b))
TWO(umul24, u32, u32, u32, __umul24(a, b))
TWO(mulhi, int, int, int, __mulhi(a, b))
TWO(umulhi, u32, u32, u32, __umulhi(a, b))
TWO(mul64hi, i64, i64, i64, __mul64hi(a, b))
TWO(umul64hi, u64, u64, u64, __umul64hi(a, b))
TWO(hadd, int, int, int, __hadd(a, b))
TWO(uhadd, u32, u32, u32, __uhadd(a, b))
TWO(rhadd, int, int, int, __rhadd(a, b))
TWO(urhadd, u32, u32, u32, __urhadd(a, b))
TWO(min_i32, int, int, int, min(a, b))
TWO(max_u32, u32, u32, u32, max(a, b))
TWO(min_i64, i64, i64, i64, min(a, b))
TWO(max_u64, u64, u64, u64, max(a, b))
TWO(llmin_, i64, i64, i64, llmin(a, b))
TWO(umax_, u32, u32, u32, umax(a, b))
THREE(sad, int, int, u32, u32, __sad(a, b, c))
THREE(usad, u32, u32, u32, u32, __usad(a, b, c))
THREE(byte_perm, u32, u32, u32, u32, __byte_perm(a, b, c & 0x7777))
THREE(funnel_l, u32, u32, u32, u32, __funnelshift_l(a, b, c))
THREE(funnel_r, u32, u32, u32, u32, __funnelshift_r(a, b, c))
THREE(funnel_lc, u32, u32, u32, u32, __funnelshift_lc(a, b, c))
THREE(funnel_rc, u32, u32, u32, u32, __funnelshift_rc(a, b, c))
THREE(dp4a_s, int, int, int, int, __dp4a(a, b, c))
THREE(dp4a_u, u32, u32, u32, u32, __dp4a(a, b, c))
THREE(dp2a_lo_s, int, int, int, int, __dp2a_lo(a, b, c))
THREE(dp2a_hi_u, u32, u32, u32, u32, __dp2a_hi(a, b, c))
