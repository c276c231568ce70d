// Breadth-first search in plain C++, level by level: threads collect what they reach first in a list of their
// own.
#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "native.h"

void bench_bfs(std::uint32_t vertices, const std::uint32_t* edge_start, const std::uint32_t* edge,
               std::uint32_t* distance, std::uint32_t* frontier, std::uint32_t* next) {
    constexpr std::uint32_t unreached = 0xffffffffu;
    std::fill(distance, distance + vertices, unreached);
    distance[0] = 0;
    frontier[0] = 0;
    std::uint32_t count = 1;
    for (std::uint32_t level = 0; count > 0; ++level) {
        std::uint32_t next_count = 0;
#pragma omp parallel
        {
            std::vector<std::uint32_t> mine;
#pragma omp for nowait
            for (std::uint32_t i = 0; i < count; ++i) {
                const std::uint32_t from = frontier[i];
                for (std::uint32_t k = edge_start[from]; k < edge_start[from + 1]; ++k) {
                    std::atomic_ref<std::uint32_t> to(distance[edge[k]]);
                    std::uint32_t expected = unreached;
                    if (to.load(std::memory_order_relaxed) == unreached &&
                        to.compare_exchange_strong(expected, level + 1, std::memory_order_relaxed))
                        mine.push_back(edge[k]);
                }
            }
            std::uint32_t place = 0;
#pragma omp atomic capture
            {
                place = next_count;
                next_count += static_cast<std::uint32_t>(mine.size());
            }
            std::copy(mine.begin(), mine.end(), next + place);
        }
        count = next_count;
        std::swap(frontier, next);
    }
}
