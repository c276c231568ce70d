// The plain C++ peers of the benchmark kernels, as the shared objects bench/openmp and bench/scalar export
// them. Memory is the caller's; sizes are in elements; matrices are row-major.
#pragma once

#include <cstdint>

#if defined(HEDDLE_BENCH_PEER)
#define HEDDLE_BENCH_EXPORT __attribute__((visibility("default")))
#else
#define HEDDLE_BENCH_EXPORT
#endif

struct BenchBody {
    float x, y, z, w;  ///< w: the mass, 0 in an acceleration
};
struct BenchPixel {
    unsigned char r, g, b, a;
};

extern "C" {

/// The compiler and its flags, for the report.
HEDDLE_BENCH_EXPORT const char* bench_compiler();

HEDDLE_BENCH_EXPORT void bench_saxpy(std::uint32_t n, float a, const float* x, float* y);
HEDDLE_BENCH_EXPORT void bench_reduction(std::uint32_t n, const float* input, float* sum);
HEDDLE_BENCH_EXPORT void bench_nbody(std::uint32_t n, float softening, const BenchBody* bodies,
                                     BenchBody* accelerations);
HEDDLE_BENCH_EXPORT void bench_sgemm(std::uint32_t n, const float* a, const float* b, float* c);
HEDDLE_BENCH_EXPORT void bench_stencil(std::uint32_t width, std::uint32_t height, const float* input,
                                       float* output);
HEDDLE_BENCH_EXPORT void bench_transpose(std::uint32_t width, std::uint32_t height, const float* input,
                                         float* output);
HEDDLE_BENCH_EXPORT void bench_histogram(std::uint32_t n, const unsigned char* data, std::uint32_t* bins);
HEDDLE_BENCH_EXPORT void bench_blackscholes(std::uint32_t n, float rate, float volatility, const float* price,
                                            const float* strike, const float* years, float* call, float* put);
HEDDLE_BENCH_EXPORT void bench_mandelbrot(std::uint32_t width, std::uint32_t height, std::uint32_t limit,
                                          std::uint32_t* steps);
HEDDLE_BENCH_EXPORT void bench_spmv(std::uint32_t rows, const std::uint32_t* row_start,
                                    const std::uint32_t* column, const float* value, const float* x,
                                    float* y);
HEDDLE_BENCH_EXPORT void bench_scan(std::uint32_t n, const std::uint32_t* input, std::uint32_t* output);
HEDDLE_BENCH_EXPORT void bench_bitonic(std::uint32_t n, const std::uint32_t* input, std::uint32_t* keys);
/// `frontier` and `next` are scratch of one element a vertex.
HEDDLE_BENCH_EXPORT void bench_bfs(std::uint32_t vertices, const std::uint32_t* edge_start,
                                   const std::uint32_t* edge, std::uint32_t* distance,
                                   std::uint32_t* frontier, std::uint32_t* next);
HEDDLE_BENCH_EXPORT void bench_blur(std::int32_t width, std::int32_t height, const float* weights,
                                    const BenchPixel* input, BenchPixel* output);
HEDDLE_BENCH_EXPORT void bench_warpsum(std::uint32_t rows, std::uint32_t columns, const float* matrix,
                                       float* sums);

}  // extern "C"
