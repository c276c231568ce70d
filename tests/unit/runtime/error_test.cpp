// Error composes its sentence; names of codes, types and kinds.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include <heddle/heddle.hpp>

#include "runtime/half.h"

namespace heddle {
namespace {

TEST(Error, ComposesTheSentence) {
    EXPECT_STREQ(Error(ErrorCode::io, "r").what(), "r");
    EXPECT_STREQ(Error(ErrorCode::io, "r", "op").what(), "op failed: r");
    EXPECT_STREQ(Error(ErrorCode::io, "r", {}, "cpu:0").what(), "cpu:0: r");
    const Error error(ErrorCode::launch_failed, "r", "launch of 'k'", "cpu:0");
    EXPECT_STREQ(error.what(), "cpu:0: launch of 'k' failed: r");
    EXPECT_EQ(error.code(), ErrorCode::launch_failed);
    EXPECT_EQ(error.reason(), "r");
    EXPECT_EQ(error.operation(), "launch of 'k'");
    EXPECT_EQ(error.device(), "cpu:0");
}

TEST(Error, EveryCodeHasAName) {
    for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
        EXPECT_NE(name(static_cast<ErrorCode>(code)), "unknown") << code;
    }
    EXPECT_EQ(name(ErrorCode::out_of_memory), "out_of_memory");
    EXPECT_EQ(name(static_cast<ErrorCode>(999)), "unknown");
}

TEST(DType, NamesAndSizesAgree) {
    const std::pair<const char*, std::size_t> expected[] = {{"i8", 1},  {"u8", 1},   {"i16", 2}, {"u16", 2},
                                                            {"i32", 4}, {"u32", 4},  {"i64", 8}, {"u64", 8},
                                                            {"f16", 2}, {"bf16", 2}, {"f32", 4}, {"f64", 8}};
    for (const auto& [text, bytes] : expected) {
        const auto type = dtype_from_name(text);
        ASSERT_TRUE(type) << text;
        EXPECT_EQ(name(*type), text);
        EXPECT_EQ(size_of(*type), bytes);
    }
    EXPECT_FALSE(dtype_from_name("f128"));
    EXPECT_FALSE(dtype_from_name(""));
}

// Bits to value, straight from IEEE 754's definition.
double half_value(std::uint16_t bits, int fraction, int minimum) {
    const int exponent = (bits & 0x7fff) >> fraction;
    const int mantissa = bits & ((1 << fraction) - 1);
    const double magnitude = exponent == 0
                                 ? std::ldexp(mantissa, minimum - fraction)
                                 : std::ldexp((1 << fraction) + mantissa, exponent - 1 + minimum - fraction);
    return bits & 0x8000 ? -magnitude : magnitude;
}

TEST(Half, EveryValueSurvivesAndMidpointsGoToEven) {
    for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) {
        const double here = half_value(static_cast<std::uint16_t>(bits), 10, -14);
        ASSERT_EQ(runtime::f16_from_double(here), bits);
        ASSERT_EQ(runtime::f16_from_double(-here), bits | 0x8000U);
        const double next =
            bits + 1 == 0x7c00 ? 65536.0 : half_value(static_cast<std::uint16_t>(bits + 1), 10, -14);
        const double middle = (here + next) / 2;
        ASSERT_EQ(runtime::f16_from_double(middle), bits % 2 == 0 ? bits : bits + 1) << bits;
        ASSERT_EQ(runtime::f16_from_double(std::nextafter(middle, 0)), bits);
        ASSERT_EQ(runtime::f16_from_double(std::nextafter(middle, 1e9)), bits + 1);
    }
    EXPECT_EQ(runtime::f16_from_double(1e300), 0x7c00);
    EXPECT_EQ(runtime::f16_from_double(-INFINITY), 0xfc00);
    EXPECT_EQ(runtime::f16_from_double(NAN) & 0x7e00, 0x7e00);
}

TEST(Half, Bfloat16) {
    for (std::uint32_t bits = 0; bits < 0x7f80; ++bits) {
        const double here = half_value(static_cast<std::uint16_t>(bits), 7, -126);
        ASSERT_EQ(runtime::bf16_from_double(here), bits);
        // The float with these upper bits is the same number.
        const std::uint32_t wide = bits << 16;
        float as_float = 0;
        std::memcpy(&as_float, &wide, sizeof(wide));
        ASSERT_EQ(static_cast<double>(as_float), here);
    }
    EXPECT_EQ(runtime::bf16_from_double(1.00390625), 0x3f80);  // a tie between 1 and the next, to even
    EXPECT_EQ(runtime::bf16_from_double(INFINITY), 0x7f80);
    EXPECT_EQ(runtime::bf16_from_double(3.4e38), 0x7f80);
}

}  // namespace
}  // namespace heddle
