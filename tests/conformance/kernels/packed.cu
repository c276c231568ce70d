// SIMD within a word: every __v*2 and __v*4 function.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)
#define UNARY(name)                                                                     \
    extern "C" __global__ void packed_##name(const unsigned* a, unsigned* out, int n) { \
        const int i = INDEX;                                                            \
        if (i < n) out[i] = __##name(a[i]);                                             \
    }
#define BINARY(name)                                                                                       \
    extern "C" __global__ void packed_##name(const unsigned* a, const unsigned* b, unsigned* out, int n) { \
        const int i = INDEX;                                                                               \
        if (i < n) out[i] = __##name(a[i], b[i]);                                                          \
    }
#define UNARY_BOTH(name) UNARY(name##2) UNARY(name##4)
#define BINARY_BOTH(name) BINARY(name##2) BINARY(name##4)

UNARY_BOTH(vabs)
UNARY_BOTH(vabsss)
UNARY_BOTH(vneg)
UNARY_BOTH(vnegss)
BINARY_BOTH(vadd)
BINARY_BOTH(vaddss)
BINARY_BOTH(vaddus)
BINARY_BOTH(vsub)
BINARY_BOTH(vsubss)
BINARY_BOTH(vsubus)
BINARY_BOTH(vavgs)
BINARY_BOTH(vavgu)
BINARY_BOTH(vhaddu)
BINARY_BOTH(vabsdiffs)
BINARY_BOTH(vabsdiffu)
BINARY_BOTH(vmaxs)
BINARY_BOTH(vmaxu)
BINARY_BOTH(vmins)
BINARY_BOTH(vminu)
BINARY_BOTH(vcmpeq)
BINARY_BOTH(vcmpne)
BINARY_BOTH(vcmpges)
BINARY_BOTH(vcmpgeu)
BINARY_BOTH(vcmpgts)
BINARY_BOTH(vcmpgtu)
BINARY_BOTH(vcmples)
BINARY_BOTH(vcmpleu)
BINARY_BOTH(vcmplts)
BINARY_BOTH(vcmpltu)
BINARY_BOTH(vseteq)
BINARY_BOTH(vsetne)
BINARY_BOTH(vsetges)
BINARY_BOTH(vsetgtu)
BINARY_BOTH(vsetles)
BINARY_BOTH(vsetltu)
BINARY_BOTH(vsads)
BINARY_BOTH(vsadu)
