// Conversions between float and the 16-bit formats: every value there is, and the roundings at the edges.
#include "heddle/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace heddle::tool {
namespace {

TEST(Half, EveryValueSurvivesTheRoundTrip) {
    for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = float_from_half(half);
        if (std::isnan(value)) {
            EXPECT_TRUE(std::isnan(float_from_half(half_from_float(value))));
        } else {
            EXPECT_EQ(half_from_float(value), half) << bits;
        }
        const float wide = float_from_bfloat16(half);
        if (std::isnan(wide)) {
            EXPECT_TRUE(std::isnan(float_from_bfloat16(bfloat16_from_float(wide))));
        } else {
            EXPECT_EQ(bfloat16_from_float(wide), half) << bits;
        }
    }
}

TEST(Half, RoundsToNearestEven) {
    EXPECT_EQ(half_from_float(1.0f), 0x3c00);
    EXPECT_EQ(half_from_float(-2.0f), 0xc000);
    EXPECT_EQ(half_from_float(65504.0f), 0x7bff);
    EXPECT_EQ(half_from_float(65519.0f), 0x7bff);
    EXPECT_EQ(half_from_float(65520.0f), 0x7c00);
    EXPECT_EQ(half_from_float(1.0f + 0x1p-11f), 0x3c00);      // tie, down to even
    EXPECT_EQ(half_from_float(1.0f + 3 * 0x1p-11f), 0x3c02);  // tie, up to even
    EXPECT_EQ(half_from_float(1.0f + 0x1.002p-11f), 0x3c01);  // above the tie
    EXPECT_EQ(half_from_float(0x1p-24f), 0x0001);             // smallest subnormal
    EXPECT_EQ(half_from_float(0x1p-25f), 0x0000);             // tie with zero
    EXPECT_EQ(half_from_float(0x1.8p-25f), 0x0001);
    EXPECT_EQ(half_from_float(0x1.ff8p-15f), 0x03ff);  // largest subnormal
    EXPECT_EQ(half_from_float(0x1.ffcp-15f), 0x0400);  // tie with the smallest normal, up to even
    EXPECT_EQ(half_from_float(-0.0f), 0x8000);
    EXPECT_EQ(half_from_float(std::numeric_limits<float>::infinity()), 0x7c00);
    EXPECT_EQ(bfloat16_from_float(1.0f + 0x1p-8f), 0x3f80);      // tie, down to even
    EXPECT_EQ(bfloat16_from_float(1.0f + 3 * 0x1p-8f), 0x3f82);  // tie, up to even
    EXPECT_EQ(bfloat16_from_float(std::numeric_limits<float>::max()), 0x7f80);
}

}  // namespace
}  // namespace heddle::tool
