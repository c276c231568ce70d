// What kernels may ask of the run time - assertions, traps, printf, the heap - and the device's memory.
#include "backends/cpu/services.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <heddle/error.h>

#include "backends/cpu/memory.h"
#include "backends/cpu/print.h"
#include "cpu_kernels.h"

namespace heddle::cpu {
namespace {

using namespace testing_kernels;

// -------------------------------------------------------------------------------------------------

TEST(Services, AssertionsAndTrapsFailTheLaunch) {
    Runner runner({4, 1, 1}, {32, 1, 1});
    const heddle_cpu_plain entry = [](const heddle_cpu_launch* launch, heddle_cpu_block* block,
                                      std::uint64_t first, std::uint64_t) {
        block->index[0] = static_cast<std::uint32_t>(first) + 2;
        using Fail = void (*)(const heddle_cpu_launch*, const heddle_cpu_block*, const char*, const char*,
                              std::uint32_t, const char*, std::uint32_t, std::uint32_t, std::uint32_t);
        reinterpret_cast<Fail>(find_import("heddle_assert_fail"))(launch, block, "n > 0", "a.cu", 12,
                                                                  "void f(int)", 3, 0, 0);
        using Trap = void (*)(const heddle_cpu_launch*, const heddle_cpu_block*);
        reinterpret_cast<Trap>(find_import("heddle_trap"))(launch, block);
    };
    runner.run(reinterpret_cast<void*>(entry), 0);
    EXPECT_TRUE(runner.services.stopped());
    EXPECT_EQ(runner.services.failure(),
              "a.cu:12: void f(int): block: [2,0,0], thread: [3,0,0] Assertion `n > 0` failed.");
}

template <class... T>
std::string formatted(const char* format, std::int32_t expected, const T&... values) {
    std::vector<unsigned char> packed(256);
    std::size_t at = 0;
    [[maybe_unused]] const auto put = [&](const auto& value) {
        at = (at + sizeof value - 1) / sizeof value * sizeof value;
        std::memcpy(packed.data() + at, static_cast<const void*>(&value), sizeof value);
        at += sizeof value;
    };
    (put(values), ...);
    std::int32_t count = 0;
    const std::string text = format_device_text(format, packed.data(), count);
    EXPECT_EQ(count, expected) << format;
    return text;
}

TEST(Services, PrintfFormatsAsCDoes) {
    const auto text = [](const char* pointer) { return pointer; };  // not an array
    const std::string long_text(5000, 'x');
    EXPECT_EQ(formatted("plain 100%%\n", 0), "plain 100%\n");
    EXPECT_EQ(formatted("%d|%5d|%-5d|%05d|%+d", 5, 1, 2, 3, 4, 5), "1|    2|3    |00004|+5");
    EXPECT_EQ(formatted("%u %x %#X %o", 4, 1u, 255u, 255u, 8u), "1 ff 0XFF 10");
    EXPECT_EQ(formatted("%ld %lld %zu %llx", 4, -1L, -2LL, std::size_t{3}, 1ULL << 40),
              "-1 -2 3 10000000000");
    EXPECT_EQ(formatted("%d %lld %d", 3, 1, 2LL, 3), "1 2 3");
    EXPECT_EQ(formatted("%hd %hhd", 2, 70000, 300), "4464 44");
    EXPECT_EQ(formatted("%f %.2f %8.3e %g %a", 5, 1.5, 2.345, 12345.678, 0.1, 1.0),
              "1.500000 2.35 1.235e+04 0.1 0x1p+0");
    EXPECT_EQ(formatted("%*d|%-*d|%.*f", 6, 4, 7, 3, 8, 1, 2.25), "   7|8  |2.2");
    EXPECT_EQ(formatted("%c%c%s%10s", 4, int{'a'}, int{'b'}, text("cd"), text("ef")), "abcd        ef");
    EXPECT_EQ(formatted("%s", 1, text(long_text.c_str())), std::string(5000, 'x'));
    EXPECT_EQ(formatted("%p", 1, reinterpret_cast<void*>(0x1234)), "0x1234");
    EXPECT_EQ(formatted("%k %", 0), "%k %");
}

TEST(Services, HeapHasALimitAndKnowsItsBlocks) {
    Heap heap(1000);
    void* const a = heap.allocate(600);
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % 16, 0u);
    EXPECT_EQ(heap.allocate(600), nullptr);
    EXPECT_TRUE(heap.contains(reinterpret_cast<std::uintptr_t>(a) + 599, 1));
    EXPECT_FALSE(heap.contains(reinterpret_cast<std::uintptr_t>(a) + 599, 2));
    EXPECT_TRUE(heap.free(a));
    EXPECT_FALSE(heap.free(a));
    EXPECT_TRUE(heap.free(nullptr));
    EXPECT_NE(heap.allocate(1000), nullptr);  // freed with the heap
}

TEST(Services, UnknownImportsAreNotFound) {
    EXPECT_EQ(find_import("heddle_no_such_function"), nullptr);
}

TEST(Memory, AllocationsAreAlignedZeroedAndApart) {
    const auto list = std::make_shared<AllocationList>();
    for (const std::size_t bytes :
         {std::size_t{0}, std::size_t{1}, std::size_t{4096}, (std::size_t{2} << 20) - 1, std::size_t{2} << 20,
          std::size_t{17} << 20}) {
        const auto memory = allocate_memory(list, bytes, 256, "cpu:0");
        EXPECT_EQ(memory->size_bytes(), bytes);
        EXPECT_EQ(memory->device_address() % 256, 0u);
        const auto* const data = static_cast<const unsigned char*>(memory->host_pointer());
        EXPECT_TRUE(std::all_of(data, data + bytes, [](unsigned char c) { return c == 0; }));
        EXPECT_EQ(list->bytes(), bytes);
    }
    EXPECT_EQ(list->bytes(), 0u);
}

TEST(Memory, MoreThanThereIsIsRefused) {
    const auto list = std::make_shared<AllocationList>();
    try {
        allocate_memory(list, std::size_t{1} << 50, 256, "cpu:0");
        FAIL() << "a petabyte was allocated";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::out_of_memory);
        EXPECT_NE(std::string(error.what()).find("1125899906842624 bytes were asked, "), std::string::npos)
            << error.what();
        EXPECT_NE(std::string(error.what()).find("cpu:0"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace heddle::cpu
