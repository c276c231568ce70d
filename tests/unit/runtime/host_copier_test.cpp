// Copies shared by threads: all bytes arrive, and nothing beside them changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <thread>
#include <vector>

#include "runtime/host_copier.h"

namespace heddle::runtime {
namespace {

std::vector<unsigned char> pattern(std::size_t bytes, unsigned seed) {
    std::vector<unsigned char> values(bytes);
    for (std::size_t k = 0; k < bytes; ++k)
        values[k] = static_cast<unsigned char>((k + seed) * 2654435761U >> 11U);
    return values;
}

void check(HostCopier& copier, std::size_t bytes, unsigned seed) {
    const std::vector<unsigned char> from = pattern(bytes, seed);
    std::vector<unsigned char> to(bytes + 2, 0xa5);
    copier.copy(to.data() + 1, from.data(), bytes);
    EXPECT_TRUE(std::equal(from.begin(), from.end(), to.begin() + 1)) << bytes;
    EXPECT_EQ(to.front(), 0xa5);
    EXPECT_EQ(to.back(), 0xa5);
}

TEST(HostCopier, AllBytesArrive) {
    for (const unsigned helpers : {0U, 1U, 3U}) {
        HostCopier copier(helpers);
        for (const std::size_t bytes :
             {std::size_t{0}, std::size_t{1}, (std::size_t{1} << 20) - 1, std::size_t{1} << 20,
              (std::size_t{1} << 20) + 1, std::size_t{5'000'003}})
            for (unsigned round = 0; round < 5; ++round) check(copier, bytes, round);
    }
}

TEST(HostCopier, ServesSeveralThreads) {
    HostCopier copier(2);
    std::vector<std::thread> threads;
    for (unsigned k = 0; k < 4; ++k)
        threads.emplace_back([&copier, k] {
            for (unsigned round = 0; round < 10; ++round) check(copier, 2'000'001 + k, k * 100 + round);
        });
    for (std::thread& thread : threads) thread.join();
}

TEST(HostCopier, EndsWithoutHavingCopied) {
    const HostCopier copier(3);
    EXPECT_LE(HostCopier::usual_helpers(), 3U);
}

}  // namespace
}  // namespace heddle::runtime
