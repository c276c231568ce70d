// What kernels tell the host: failures and printed text.
#include "runtime/device_messages.h"

#include <cstring>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace heddle::runtime {
namespace {

const std::map<std::uint64_t, std::string> strings = {{0x100000010, "value %d of %s is %.2f\n"},
                                                      {0x20, "the list"},
                                                      {0x30, "x < limit"},
                                                      {0x40, "app.cu"},
                                                      {0x50, "check(int)"},
                                                      {0x60, "%5s|%*d|%%\n"}};

std::optional<std::string> read(std::uint64_t address) {
    const auto found = strings.find(address);
    return found == strings.end() ? std::nullopt : std::optional(found->second);
}

/// A record as kernels write it.
std::vector<std::byte> record(std::uint64_t format, const std::vector<std::byte>& arguments) {
    const auto bytes = static_cast<std::uint32_t>(arguments.size());
    const std::uint32_t size = 16 + (bytes + 7) / 8 * 8;
    std::vector<std::byte> made(size);
    std::memcpy(made.data(), &size, 4);
    std::memcpy(made.data() + 4, &bytes, 4);
    std::memcpy(made.data() + 8, &format, 8);
    if (!arguments.empty()) std::memcpy(made.data() + 16, arguments.data(), arguments.size());
    return made;
}

template <class T>
void put(std::vector<std::byte>& to, std::size_t at, T value) {
    to.resize(std::max(to.size(), at + sizeof value));
    std::memcpy(to.data() + at, &value, sizeof value);
}

TEST(DeviceMessages, TextIsFormattedWithStringsOfTheDevice) {
    std::vector<std::byte> arguments;
    put(arguments, 0, std::int32_t{-3});
    put(arguments, 8, std::uint64_t{0x20});
    put(arguments, 16, 2.5);
    EXPECT_EQ(printed_text(record(0x100000010, arguments), read), "value -3 of the list is 2.50\n");
    arguments.clear();
    put(arguments, 0, std::uint64_t{0x20});
    put(arguments, 8, std::int32_t{4});
    put(arguments, 12, std::int32_t{7});
    EXPECT_EQ(printed_text(record(0x60, arguments), read), "the list|   7|%\n");
}

TEST(DeviceMessages, WhatCannotBeReadIsSaid) {
    std::vector<std::byte> arguments;
    put(arguments, 0, std::int32_t{1});
    put(arguments, 8, std::uint64_t{0x999});
    put(arguments, 16, 1.0);
    EXPECT_EQ(printed_text(record(0x100000010, arguments), read), "value 1 of ? is 1.00\n");
    EXPECT_EQ(printed_text(record(0x777, {}), read), "(a format that the host cannot read)\n");
}

TEST(DeviceMessages, DamagedRecordsEndTheText) {
    std::vector<std::byte> records = record(0x60, std::vector<std::byte>(16));
    const std::size_t whole = records.size();
    std::vector<std::byte> second = record(0x60, std::vector<std::byte>(16));
    records.insert(records.end(), second.begin(), second.end());
    const std::string one = printed_text(std::span(records).first(whole), read);
    EXPECT_EQ(printed_text(std::span(records).first(records.size() - 1), read), one);
    const std::uint32_t huge = 0xfffffff0;
    std::memcpy(records.data() + whole, &huge, 4);
    EXPECT_EQ(printed_text(records, read), one);
    EXPECT_EQ(printed_text({}, read), "");
}

TEST(DeviceMessages, FailuresNameThePlace) {
    MessageHeader header;
    EXPECT_EQ(failure_text(header, read), "");
    header.failure = 1;
    header.block[0] = 2;
    header.thread[1] = 5;
    EXPECT_EQ(failure_text(header, read), "__trap() by block [2,0,0], thread [0,5,0]");
    header.failure = 2;
    header.line = 12;
    header.text[0] = 0x30;
    header.file[0] = 0x40;
    header.function[0] = 0x50;
    EXPECT_EQ(failure_text(header, read),
              "app.cu:12: check(int): block [2,0,0], thread [0,5,0]: assertion `x < limit` failed");
}

}  // namespace
}  // namespace heddle::runtime
