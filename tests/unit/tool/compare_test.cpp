// When two results agree: tolerances, NaN and infinity, exact integers, and what a disagreement tells.
#include "heddle/compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "heddle/half.h"

namespace heddle::tool {
namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

Array floats(std::initializer_list<float> values) {
    Array array(DType::f32, {values.size()});
    std::copy(values.begin(), values.end(), array.as<float>().begin());
    return array;
}

Array integers(std::initializer_list<std::int64_t> values) {
    Array array(DType::i64, {values.size()});
    std::copy(values.begin(), values.end(), array.as<std::int64_t>().begin());
    return array;
}

TEST(Compare, FloatsWithinTolerance) {
    EXPECT_FALSE(compare(floats({1, 2}), floats({1.000009f, 2}), std::nullopt));
    EXPECT_TRUE(compare(floats({1, 1}), floats({1.00002f, 1}), std::nullopt));
    EXPECT_FALSE(compare(floats({1}), floats({1.05f}), 0.1));
    EXPECT_TRUE(compare(floats({1}), floats({std::nextafter(1.0f, 2.0f)}), 0.0));
    EXPECT_FALSE(compare(floats({0.0f}), floats({-0.0f}), 0.0));
}

TEST(Compare, CancelledElementsAreMeasuredByTheirNeighbours) {
    EXPECT_FALSE(compare(floats({1000, 1e-7f}), floats({1000, 5e-4f}), std::nullopt));
    EXPECT_TRUE(compare(floats({1e-7f}), floats({5e-4f}), std::nullopt));
}

TEST(Compare, NotANumberAndInfinity) {
    EXPECT_FALSE(compare(floats({nan, inf, -inf}), floats({-nan, inf, -inf}), std::nullopt));
    EXPECT_TRUE(compare(floats({nan}), floats({0}), 1.0));
    EXPECT_TRUE(compare(floats({0}), floats({nan}), 1.0));
    EXPECT_TRUE(compare(floats({inf}), floats({-inf}), 1.0));
    EXPECT_TRUE(compare(floats({inf}), floats({3e38f}), 1.0));
    EXPECT_TRUE(compare(floats({3e38f, inf}), floats({inf, inf}), 1.0));
}

TEST(Compare, IntegersAreExact) {
    EXPECT_FALSE(compare(integers({1, 2}), integers({1, 2}), 0.5));
    EXPECT_TRUE(compare(integers({1000000, 2}), integers({1000001, 2}), 0.5));
    // Beyond 2^53 a double could not tell these apart.
    EXPECT_TRUE(
        compare(integers({(std::int64_t{1} << 60) + 1}), integers({std::int64_t{1} << 60}), std::nullopt));
}

TEST(Compare, HalfPrecisionHasItsOwnTolerance) {
    Array a(DType::f16, {1}), b(DType::f16, {1});
    a.as<std::uint16_t>()[0] = half_from_float(1.0f);
    b.as<std::uint16_t>()[0] = half_from_float(1.0f + 0x1p-10f);
    EXPECT_FALSE(compare(a, b, std::nullopt));
    EXPECT_TRUE(compare(a, b, 1e-5));
}

TEST(Compare, TellsWhatDiffersAndWhere) {
    const auto found = compare(floats({1, 2, 3, 4}), floats({1, 2.5f, 3, 9}), std::nullopt);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->count, 2u);
    EXPECT_EQ(found->first, 1u);
    EXPECT_EQ(found->expected, "2");
    EXPECT_EQ(found->actual, "2.5");
    EXPECT_EQ(found->worst, 3u);
    EXPECT_EQ(found->worst_error, 5.0);
    EXPECT_EQ(position_text({2, 2}, 3), "[1, 1]");
    EXPECT_EQ(position_text({2, 3, 4}, 23), "[1, 2, 3]");
    EXPECT_EQ(position_text({}, 0), "[0]");
}

}  // namespace
}  // namespace heddle::tool
