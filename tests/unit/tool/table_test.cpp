// Tables and quantities as people read them.
#include "heddle/table.h"

#include <gtest/gtest.h>

#include <limits>

namespace heddle::tool {
namespace {

TEST(Table, QuantitiesTakeTheUnitThatReadsBest) {
    EXPECT_EQ(format_milliseconds(0.0123), "12.3 us");
    EXPECT_EQ(format_milliseconds(1.5), "1.50 ms");
    EXPECT_EQ(format_milliseconds(0.9999), "1.00 ms");
    EXPECT_EQ(format_milliseconds(123.4), "123 ms");
    EXPECT_EQ(format_milliseconds(2310), "2.31 s");
    EXPECT_EQ(format_milliseconds(std::numeric_limits<double>::quiet_NaN()), "-");
    EXPECT_EQ(format_bytes(512), "512 B");
    EXPECT_EQ(format_bytes(1536), "1.5 KiB");
    EXPECT_EQ(format_bytes(std::uint64_t{23} << 30), "23.0 GiB");
    EXPECT_EQ(format_bytes((1u << 20) - 1), "1.0 MiB");
}

TEST(Table, ColumnsAlign) {
    Table table({"device", "time"});
    table.add({"cpu:0", "1 ms"});
    table.add({"scalar:0", "10 ms"});
    EXPECT_EQ(table.text(false), "  device    time\n  cpu:0     1 ms\n  scalar:0  10 ms\n");
}

TEST(Table, ColourTakesNoWidthAndEmptyCellsLeaveNoTrail) {
    Table table({"a", "b", "c"});
    table.add({good("yes", true), "", "z"});
    table.add({"no", ""});
    EXPECT_EQ(table.text(false), "  a    b  c\n  \033[32myes\033[0m     z\n  no\n");
}

}  // namespace
}  // namespace heddle::tool
