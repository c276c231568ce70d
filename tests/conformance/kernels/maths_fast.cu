// CUDA's fast single-precision intrinsics, and arithmetic with a stated rounding direction.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)
#define UNARY(name, T, expression)                                \
    extern "C" __global__ void name(const T* px, T* out, int n) { \
        const int i = INDEX;                                      \
        if (i >= n) return;                                       \
        const T x = px[i];                                        \
        out[i] = expression;                                      \
    }
#define BINARY(name, T, expression)                                            \
    extern "C" __global__ void name(const T* px, const T* py, T* out, int n) { \
        const int i = INDEX;                                                   \
        if (i >= n) return;                                                    \
        const T x = px[i], y = py[i];                                          \
        out[i] = expression;                                                   \
    }
#define TERNARY(name, T, expression)                                                        \
    extern "C" __global__ void name(const T* px, const T* py, const T* pz, T* out, int n) { \
        const int i = INDEX;                                                                \
        if (i >= n) return;                                                                 \
        const T x = px[i], y = py[i], z = pz[i];                                            \
        out[i] = expression;                                                                \
    }

UNARY(fast_sinf, float, __sinf(x))
UNARY(fast_cosf, float, __cosf(x))
UNARY(fast_tanf, float, __tanf(x))
UNARY(fast_expf, float, __expf(x))
UNARY(fast_exp10f, float, __exp10f(x))
UNARY(fast_logf, float, __logf(x))
UNARY(fast_log2f, float, __log2f(x))
UNARY(fast_log10f, float, __log10f(x))
UNARY(fast_saturatef, float, __saturatef(x))
BINARY(fast_powf, float, __powf(x, y))
BINARY(fast_fdividef, float, __fdividef(x, y))
extern "C" __global__ void fast_sincosf(const float* px, float* out, int n) {
    const int i = INDEX;
    if (i < n) __sincosf(px[i], out + i, out + n + i);
}

#define MODES(X) X(rn) X(rz) X(ru) X(rd)
#define FLOATS(mode)                                    \
    BINARY(fadd_##mode, float, __fadd_##mode(x, y))     \
    BINARY(fsub_##mode, float, __fsub_##mode(x, y))     \
    BINARY(fmul_##mode, float, __fmul_##mode(x, y))     \
    BINARY(fdiv_##mode, float, __fdiv_##mode(x, y))     \
    UNARY(frcp_##mode, float, __frcp_##mode(x))         \
    UNARY(fsqrt_##mode, float, __fsqrt_##mode(x))       \
    TERNARY(fmaf_##mode, float, __fmaf_##mode(x, y, z)) \
    BINARY(dadd_##mode, double, __dadd_##mode(x, y))    \
    BINARY(dsub_##mode, double, __dsub_##mode(x, y))    \
    BINARY(dmul_##mode, double, __dmul_##mode(x, y))    \
    BINARY(ddiv_##mode, double, __ddiv_##mode(x, y))    \
    UNARY(drcp_##mode, double, __drcp_##mode(x))        \
    UNARY(dsqrt_##mode, double, __dsqrt_##mode(x))      \
    TERNARY(fma_##mode, double, __fma_##mode(x, y, z))
MODES(FLOATS)
UNARY(frsqrt_rn, float, __frsqrt_rn(x))
