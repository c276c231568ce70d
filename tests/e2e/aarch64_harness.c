/* Loads a SIMD code object made for AArch64, plays the run time's part as src/backends/cpu/abi.h describes
 * it, runs the kernels of aarch64.cu and compares every output with plain C. Prints one line a kernel; exit
 * status 1 when one disagrees. Cross-compiled and run under an emulator. */
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backends/cpu/abi.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#define VECTOR_CALL __attribute__((aarch64_vector_pcs))
#else
#error "build this for AArch64"
#endif

/* --- what the run time offers generated code
 * ------------------------------------------------------------------- */

static void trap(const struct heddle_cpu_launch* launch, const struct heddle_cpu_block* block) {
    (void)launch;
    printf("a kernel trapped in block %u\n", block->index[0]);
    exit(1);
}

static int64_t clock64(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* One-argument functions: scalar, and the vectors of 4 floats and 2 doubles as loops over it. */
/* The formatter does not settle on one shape for this list. */
/* clang-format off */
#define EACH_UNARY(X)  \
    X(sin)  \
    X(cos)  \
    X(tan)  \
    X(asin)  \
    X(acos) X(atan) X(sinh) X(cosh) X(tanh) X(asinh) X(acosh) X(atanh) X(exp) X(exp2) X(exp10) X(expm1)  \
        X(log) X(log2) X(log10) X(log1p) X(cbrt) X(erf) X(erfc) X(tgamma) X(lgamma)
#define EACH_BINARY(X) X(pow) X(atan2) X(fmod) X(hypot) X(remainder)
/* clang-format on */

static float heddle_exp10f(float v) {
    return powf(10.0f, v);
}
static double heddle_exp10(double v) {
    return pow(10.0, v);
}
#define exp10f heddle_exp10f
#define exp10 heddle_exp10

#define DEFINE_UNARY(NAME)                                       \
    static float NAME##_f32(float v) {                           \
        return NAME##f(v);                                       \
    }                                                            \
    static double NAME##_f64(double v) {                         \
        return NAME(v);                                          \
    }                                                            \
    static VECTOR_CALL float32x4_t NAME##_f32x4(float32x4_t v) { \
        for (int i = 0; i < 4; ++i) v[i] = NAME##f(v[i]);        \
        return v;                                                \
    }                                                            \
    static VECTOR_CALL float64x2_t NAME##_f64x2(float64x2_t v) { \
        for (int i = 0; i < 2; ++i) v[i] = NAME(v[i]);           \
        return v;                                                \
    }
#define DEFINE_BINARY(NAME)                                                     \
    static float NAME##_f32(float a, float b) {                                 \
        return NAME##f(a, b);                                                   \
    }                                                                           \
    static double NAME##_f64(double a, double b) {                              \
        return NAME(a, b);                                                      \
    }                                                                           \
    static VECTOR_CALL float32x4_t NAME##_f32x4(float32x4_t a, float32x4_t b) { \
        for (int i = 0; i < 4; ++i) a[i] = NAME##f(a[i], b[i]);                 \
        return a;                                                               \
    }                                                                           \
    static VECTOR_CALL float64x2_t NAME##_f64x2(float64x2_t a, float64x2_t b) { \
        for (int i = 0; i < 2; ++i) a[i] = NAME(a[i], b[i]);                    \
        return a;                                                               \
    }
EACH_UNARY(DEFINE_UNARY)
EACH_BINARY(DEFINE_BINARY)

#define LIST(NAME)                                                                            \
    {"heddle." #NAME ".f32", (void*)NAME##_f32}, {"heddle." #NAME ".f64", (void*)NAME##_f64}, \
        {"heddle." #NAME ".f32.x4", (void*)NAME##_f32x4}, {"heddle." #NAME ".f64.x2", (void*)NAME##_f64x2},
static const struct heddle_cpu_import offered[] = {EACH_UNARY(LIST)
                                                       EACH_BINARY(LIST){"heddle_trap", (void*)trap},
                                                   {"heddle_clock64", (void*)clock64},
                                                   {"heddle_globaltimer", (void*)clock64}};

static int fill_imports(struct heddle_cpu_import* imports) {
    int missing = 0;
    for (; imports->name; ++imports) {
        for (size_t i = 0; i < sizeof offered / sizeof *offered; ++i)
            if (strcmp(offered[i].name, imports->name) == 0) imports->address = offered[i].address;
        if (!imports->address) {
            printf("the code object imports '%s', which this harness does not offer\n", imports->name);
            missing = 1;
        }
    }
    return missing;
}

/* --- launching
 * ------------------------------------------------------------------------------------------------- */

static const struct heddle_cpu_kernel* kernels;

struct arguments {
    unsigned char bytes[128];
    uint32_t used;
};

static void pass(struct arguments* arguments, const void* value, uint32_t size) {
    arguments->used = (arguments->used + size - 1) / size * size; /* natural alignment */
    memcpy(arguments->bytes + arguments->used, value, size);
    arguments->used += size;
}
static void pass_pointer(struct arguments* arguments, const void* pointer) {
    pass(arguments, &pointer, 8);
}
static void pass_int(struct arguments* arguments, int32_t value) {
    pass(arguments, &value, 4);
}

static void open_barrier(struct heddle_cpu_block* block) {
    block->barrier_result = block->barrier_count;
    block->barrier_result_threads = block->barrier_threads;
    block->barrier_count = block->barrier_threads = 0;
}

/* Every round takes each warp that has not ended one step further. */
static void run_suspending(heddle_cpu_step step, const struct heddle_cpu_launch* launch,
                           struct heddle_cpu_block* block) {
    const uint32_t warps = (launch->threads + 31) / 32;
    uint32_t* regions = block->regions;
    memset(regions, 0, warps * sizeof *regions);
    for (uint32_t begun = 0, live = warps; live; begun = 1) {
        open_barrier(block);
        live = 0;
        for (uint32_t w = 0; w < warps; ++w) {
            if (begun && regions[w] == HEDDLE_REGION_ENDED) continue;
            regions[w] = step(launch, block, regions[w], w, w + 1, 0);
            live += regions[w] != HEDDLE_REGION_ENDED;
        }
    }
}

static void launch_kernel(const char* name, uint32_t blocks, uint32_t threads, uint32_t dynamic_shared,
                          const struct arguments* arguments) {
    const struct heddle_cpu_kernel* best = NULL;
    for (const struct heddle_cpu_kernel* k = kernels; k->name; ++k)
        if (strcmp(k->name, name) == 0 && (!best || k->row > best->row))
            best = k; /* one-dimensional: any row does */
    if (!best) {
        printf("%s: the code object has no such kernel\n", name);
        exit(1);
    }
    if (best->flags & HEDDLE_KERNEL_SCALAR) {
        printf("%s: scalar code in a SIMD code object\n", name);
        exit(1);
    }
    struct heddle_cpu_launch launch = {
        {blocks, 1, 1}, {threads, 1, 1}, threads, dynamic_shared, arguments->bytes, NULL, NULL};
    struct heddle_cpu_block block;
    memset(&block, 0, sizeof block);
    block.shared = aligned_alloc(128, 65536);
    memset(block.shared, 0xa5, 65536); /* no kernel may count on zeros */
    block.launch = &launch;
    if (best->flags & HEDDLE_KERNEL_SUSPENDS) {
        uint32_t regions[32];
        block.regions = regions;
        block.frames = aligned_alloc(128, ((uint64_t)best->frame_bytes * 32 + 128) / 128 * 128);
        for (uint32_t b = 0; b < blocks; ++b) {
            block.index[0] = b;
            run_suspending((heddle_cpu_step)(uintptr_t)best->entry, &launch, &block);
        }
        free(block.frames);
    } else {
        ((heddle_cpu_plain)(uintptr_t)best->entry)(&launch, &block, 0, blocks);
    }
    free(block.shared);
}

/* --- the kernels and what they must give
 * ----------------------------------------------------------------------- */

enum { COUNT = 1000, THREADS = 128, BLOCKS = 8, PADDED = THREADS * BLOCKS };

static uint32_t seed = 12345;
static uint32_t random_bits(void) {
    return seed = seed * 1664525u + 1013904223u;
}
static float random_float(void) {
    return (float)(random_bits() >> 8) / 16777216.0f;
}

static int failures;
static void verdict(const char* kernel, int wrong) {
    printf("%-14s %s\n", kernel, wrong ? "WRONG" : "ok");
    if (wrong) printf("%-14s %d values differ\n", "", wrong);
    failures += wrong != 0;
}
static int differs(double got, double wanted, double tolerance) {
    return !(fabs(got - wanted) <= tolerance * (1.0 + fabs(wanted)));
}

static void check_axpy(void) {
    static float x[PADDED], y[PADDED], before[PADDED];
    for (int i = 0; i < PADDED; ++i) x[i] = random_float(), before[i] = y[i] = random_float();
    struct arguments a = {{0}, 0};
    const float factor = 2.5f;
    pass(&a, &factor, 4), pass_pointer(&a, x), pass_pointer(&a, y), pass_int(&a, COUNT);
    launch_kernel("axpy", BLOCKS, THREADS, 0, &a);
    int wrong = 0;
    for (int i = 0; i < PADDED; ++i)
        wrong += differs(y[i], i < COUNT ? factor * x[i] + before[i] : before[i], 1e-6);
    verdict("axpy", wrong);
}

static void check_block_sum(void) {
    static float values[COUNT], sums[BLOCKS];
    for (int i = 0; i < COUNT; ++i) values[i] = random_float();
    struct arguments a = {{0}, 0};
    pass_pointer(&a, values), pass_pointer(&a, sums), pass_int(&a, COUNT);
    launch_kernel("block_sum", BLOCKS, THREADS, 0, &a);
    int wrong = 0;
    for (int b = 0; b < BLOCKS; ++b) {
        double sum = 0;
        for (int i = b * THREADS; i < (b + 1) * THREADS && i < COUNT; ++i) sum += values[i];
        wrong += differs(sums[b], sum, 1e-5);
    }
    verdict("block_sum", wrong);
}

static void check_reverse_block(void) {
    static int in[PADDED], out[PADDED], evens[BLOCKS];
    for (int i = 0; i < PADDED; ++i) in[i] = (int)random_bits();
    struct arguments a = {{0}, 0};
    pass_pointer(&a, in), pass_pointer(&a, out), pass_pointer(&a, evens);
    launch_kernel("reverse_block", BLOCKS, THREADS, THREADS * sizeof(int), &a);
    int wrong = 0;
    for (int b = 0; b < BLOCKS; ++b) {
        int even = 0;
        for (int t = 0; t < THREADS; ++t) {
            even += in[b * THREADS + t] % 2 == 0;
            wrong += out[b * THREADS + t] != in[b * THREADS + THREADS - 1 - t];
        }
        wrong += evens[b] != even;
    }
    verdict("reverse_block", wrong);
}

static void check_collatz_steps(void) {
    static unsigned start[COUNT];
    static int steps[COUNT];
    for (int i = 0; i < COUNT; ++i) start[i] = 1 + random_bits() % 1000000;
    struct arguments a = {{0}, 0};
    pass_pointer(&a, start), pass_pointer(&a, steps), pass_int(&a, COUNT);
    launch_kernel("collatz_steps", BLOCKS, THREADS, 0, &a);
    int wrong = 0;
    for (int i = 0; i < COUNT; ++i) {
        int count = 0;
        for (unsigned long long v = start[i]; v != 1 && count < 300; ++count) v = v % 2 ? 3 * v + 1 : v / 2;
        wrong += steps[i] != count;
    }
    verdict("collatz_steps", wrong);
}

static void check_warp_scan(void) {
    static int in[PADDED], scan[PADDED];
    static unsigned negative[PADDED / 32];
    for (int i = 0; i < PADDED; ++i) in[i] = (int)(random_bits() >> 8) % 2001 - 1000;
    struct arguments a = {{0}, 0};
    pass_pointer(&a, in), pass_pointer(&a, scan), pass_pointer(&a, negative);
    launch_kernel("warp_scan", BLOCKS, THREADS, 0, &a);
    int wrong = 0;
    for (int w = 0; w < PADDED / 32; ++w) {
        int sum = 0;
        unsigned vote = 0;
        for (int lane = 0; lane < 32; ++lane) {
            sum += in[w * 32 + lane];
            vote |= (unsigned)(in[w * 32 + lane] < 0) << lane;
            wrong += scan[w * 32 + lane] != sum;
        }
        wrong += negative[w] != vote;
    }
    verdict("warp_scan", wrong);
}

static void check_histogram(void) {
    static unsigned char data[10007];
    static int bins[256], wanted[256];
    for (size_t i = 0; i < sizeof data; ++i) ++wanted[data[i] = (unsigned char)(random_bits() >> 24)];
    struct arguments a = {{0}, 0};
    pass_pointer(&a, data), pass_pointer(&a, bins), pass_int(&a, (int)sizeof data);
    launch_kernel("histogram", BLOCKS, THREADS, 0, &a);
    int wrong = 0;
    for (int b = 0; b < 256; ++b) wrong += bins[b] != wanted[b];
    verdict("histogram", wrong);
}

static void check_maths(void) {
    static float x[COUNT], out[COUNT];
    static double wide[COUNT];
    for (int i = 0; i < COUNT; ++i) x[i] = 10.0f * random_float();
    struct arguments a = {{0}, 0};
    pass_pointer(&a, x), pass_pointer(&a, out), pass_pointer(&a, wide), pass_int(&a, COUNT);
    launch_kernel("maths", BLOCKS, THREADS, 0, &a);
    int wrong = 0;
    for (int i = 0; i < COUNT; ++i) {
        const double v = x[i];
        wrong += differs(out[i], sin(v) + exp(-v) * log(v + 1.0) + pow(v, 1.5) + sqrt(v), 1e-5);
        wrong += differs(wide[i], sin(v) + cos(v) / (1.0 + exp(v)), 1e-13);
    }
    verdict("maths", wrong);
}

int main(int count, char** arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: aarch64_harness CODE_OBJECT.so\n");
        return 2;
    }
    void* code = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (!code) {
        printf("%s\n", dlerror());
        return 1;
    }
    const uint32_t* abi = dlsym(code, "heddle_abi");
    struct heddle_cpu_import* imports = dlsym(code, "heddle_imports");
    kernels = dlsym(code, "heddle_kernels");
    if (!abi || !kernels || *abi != HEDDLE_CPU_ABI) {
        printf("'%s' is no code object of ABI %d\n", arguments[1], HEDDLE_CPU_ABI);
        return 1;
    }
    if (imports && fill_imports(imports)) return 1;

    check_axpy();
    check_block_sum();
    check_reverse_block();
    check_collatz_steps();
    check_warp_scan();
    check_histogram();
    check_maths();
    return failures != 0;
}
