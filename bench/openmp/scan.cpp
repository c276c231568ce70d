// Inclusive prefix sums in plain C++: every thread adds up its part, then scans it from where the parts
// before end.
#include <omp.h>

#include <vector>

#include "native.h"

void bench_scan(std::uint32_t n, const std::uint32_t* input, std::uint32_t* output) {
    std::vector<std::uint32_t> totals(static_cast<std::size_t>(omp_get_max_threads()) + 1, 0u);
#pragma omp parallel
    {
        const std::uint64_t threads = static_cast<std::uint64_t>(omp_get_num_threads());
        const std::uint64_t me = static_cast<std::uint64_t>(omp_get_thread_num());
        const auto first = static_cast<std::uint32_t>(n * me / threads);
        const auto last = static_cast<std::uint32_t>(n * (me + 1) / threads);
        std::uint32_t sum = 0;
        for (std::uint32_t i = first; i < last; ++i) sum += input[i];
        totals[me + 1] = sum;
#pragma omp barrier
        sum = 0;
        for (std::uint64_t part = 0; part <= me; ++part) sum += totals[part];
        for (std::uint32_t i = first; i < last; ++i) {
            sum += input[i];
            output[i] = sum;
        }
    }
}
