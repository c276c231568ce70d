// The generators of `rand:` and `iota:` against values computed independently from the definition in the
// documentation.
#include "heddle/random.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace heddle::tool {
namespace {

TEST(Random, WordsAreSplitMix64) {
    // Seed 0 starts SplitMix64 in state 0, whose outputs are published with the generator.
    EXPECT_EQ(random_word(0, 0), 0xe220a8397b1dcdafu);
    EXPECT_EQ(random_word(0, 1), 0x6e789e6aa1b965f4u);
    EXPECT_EQ(random_word(0, 2), 0x06c45d188009454fu);
    EXPECT_EQ(random_word(1, 0), 0xbfef8030ddc2d772u);
    EXPECT_EQ(random_word(1, 3), 0xf440fe3b62c79d2cu);
    EXPECT_EQ(random_word(~std::uint64_t{0}, 0), 0xa577782bc52a9f5au);
}

TEST(Random, EachTypeTakesTheTopBits) {
    Array f32(DType::f32, {4});
    fill_random(f32, 1);
    EXPECT_EQ(f32.as<float>()[0], 12578688.0f / 16777216.0f);
    EXPECT_EQ(f32.as<float>()[3], 16007422.0f / 16777216.0f);
    Array f64(DType::f64, {2});
    fill_random(f64, 1);
    EXPECT_EQ(f64.as<double>()[1], 3354221761027669.0 / 9007199254740992.0);
    Array f16(DType::f16, {3});
    fill_random(f16, 1);
    EXPECT_EQ(element_as_double(f16, 0), 1535.0 / 2048.0);
    Array bf16(DType::bf16, {3});
    fill_random(bf16, 1);
    EXPECT_EQ(element_as_double(bf16, 2), 112.0 / 256.0);
    Array i32(DType::i32, {1});
    fill_random(i32, 1);
    EXPECT_EQ(i32.as<std::uint32_t>()[0], 0xbfef8030u);
    Array u8(DType::u8, {2});
    fill_random(u8, 1);
    EXPECT_EQ(u8.as<std::uint8_t>()[1], 0x5fu);
}

TEST(Random, FloatsStayBelowOneAndFillTheRange) {
    for (const DType type : {DType::f16, DType::bf16, DType::f32, DType::f64}) {
        Array array(type, {100000});
        fill_random(array, 5);
        const Summary summary = summarise(array);
        EXPECT_GE(summary.min, 0.0);
        EXPECT_LT(summary.max, 1.0);
        EXPECT_NEAR(summary.mean, 0.5, 0.01);
    }
}

TEST(Iota, CountsAndWraps) {
    Array u8(DType::u8, {300});
    fill_iota(u8);
    EXPECT_EQ(u8.as<std::uint8_t>()[299], 43);
    Array f32(DType::f32, {3, 2});
    fill_iota(f32);
    EXPECT_EQ(f32.as<float>()[5], 5.0f);
    Array f16(DType::f16, {2050});
    fill_iota(f16);
    EXPECT_EQ(element_as_double(f16, 2049), 2048.0);  // a tie between 2048 and 2050, to even
}

}  // namespace
}  // namespace heddle::tool
