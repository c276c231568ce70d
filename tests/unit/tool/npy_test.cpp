// .npy files: what the reader takes and refuses, and that the writer's bytes are NumPy's.
#include "heddle/npy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include <heddle/error.h>

namespace heddle::tool {
namespace {

/// A file of format version `version` with this header dictionary and these data bytes.
std::vector<std::byte> file_of(const std::string& dictionary, const std::string& data, char version = 1) {
    std::string header = dictionary + "\n";
    std::string file = std::string("\x93NUMPY") + version + '\0';
    for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
        file += static_cast<char>((header.size() >> (8 * i)) & 0xff);
    file += header + data;
    std::vector<std::byte> bytes(file.size());
    std::memcpy(bytes.data(), file.data(), file.size());
    return bytes;
}

std::string refusal(const std::vector<std::byte>& file) {
    try {
        decode_npy(file, "x.npy");
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::io);
        return error.what();
    }
    return "accepted";
}

TEST(Npy, WritesNumPysOwnBytes) {
    Array array(DType::i16, {2, 3});
    for (std::int16_t i = 0; i < 6; ++i) array.as<std::int16_t>()[static_cast<std::size_t>(i)] = i;
    const std::vector<std::byte> file = encode_npy(array);
    ASSERT_EQ(file.size(), 128u + 12u);
    const std::string text(reinterpret_cast<const char*>(file.data()), file.size());
    EXPECT_EQ(text.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
    EXPECT_EQ(text.substr(10, 59), "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }");
    EXPECT_EQ(text[127], '\n');
    EXPECT_EQ(text.substr(128, 4), std::string("\0\0\1\0", 4));
}

TEST(Npy, EveryTypeSurvivesTheRoundTrip) {
    for (const DType type : {DType::i8, DType::u8, DType::i16, DType::u16, DType::i32, DType::u32, DType::i64,
                             DType::u64, DType::f16, DType::f32, DType::f64}) {
        for (const Shape& shape : {Shape{5}, Shape{3, 4}, Shape{2, 3, 4}, Shape{}}) {
            Array array(type, shape);
            for (std::size_t i = 0; i < array.data.size(); ++i)
                array.data[i] = static_cast<std::byte>(i * 37);
            const Array back = decode_npy(encode_npy(array), "x.npy");
            EXPECT_EQ(back.type, type);
            EXPECT_EQ(back.shape, shape);
            EXPECT_EQ(back.data, array.data);
        }
    }
}

TEST(Npy, WritesBfloat16AsU2) {
    Array array(DType::bf16, {2});
    EXPECT_EQ(decode_npy(encode_npy(array), "x.npy").type, DType::u16);
    EXPECT_EQ(
        decode_npy(file_of("{'descr': '|V2', 'fortran_order': False, 'shape': (1,), }", "ab"), "x").type,
        DType::bf16);
}

TEST(Npy, ReadsFortranOrder) {
    const Array array = decode_npy(
        file_of("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\1\2\3\4\5\6"), "x.npy");
    const std::vector<int> values(array.as<std::uint8_t>().begin(), array.as<std::uint8_t>().end());
    EXPECT_EQ(values, (std::vector<int>{1, 3, 5, 2, 4, 6}));
    const Array cube = decode_npy(file_of("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2), }",
                                          std::string("\0\1\2\3\4\5\6\7", 8)),
                                  "x.npy");
    const std::vector<int> corners(cube.as<std::uint8_t>().begin(), cube.as<std::uint8_t>().end());
    EXPECT_EQ(corners, (std::vector<int>{0, 4, 2, 6, 1, 5, 3, 7}));
}

TEST(Npy, ReadsBigEndian) {
    const Array array = decode_npy(file_of("{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }",
                                           std::string("\0\0\1\2\xff\xff\xff\xfe", 8)),
                                   "x.npy");
    EXPECT_EQ(array.as<std::int32_t>()[0], 258);
    EXPECT_EQ(array.as<std::int32_t>()[1], -2);
}

TEST(Npy, ReadsVersion2AndForeignSpacing) {
    const Array array = decode_npy(
        file_of("{\"shape\":(3,),'fortran_order':False,'descr':'|b1'}", std::string("\1\0\1", 3), 2),
        "x.npy");
    EXPECT_EQ(array.type, DType::u8);
    EXPECT_EQ(array.shape, Shape{3});
}

TEST(Npy, RefusesWhatItCannotRead) {
    const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    EXPECT_NE(refusal({}).find("not a .npy file"), std::string::npos);
    EXPECT_NE(refusal(file_of("", "")).find("header is damaged"), std::string::npos);
    EXPECT_NE(refusal(file_of(good, "1234567")).find("cut off"), std::string::npos);
    EXPECT_NE(refusal(file_of(good, "123456789")).find("not one array alone"), std::string::npos);
    EXPECT_NE(refusal(file_of(good, "12345678", 4)).find("version 4"), std::string::npos);
    EXPECT_NE(refusal(file_of("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "12345678"))
                  .find("'<c8'"),
              std::string::npos);
    EXPECT_NE(refusal(file_of("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }", "1234"))
                  .find("structured"),
              std::string::npos);
    EXPECT_NE(
        refusal(file_of("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 4), }", ""))
            .find("header is damaged"),
        std::string::npos);
    EXPECT_NE(refusal(file_of("{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,), }", ""))
                  .find("True or False"),
              std::string::npos);
    EXPECT_NE(refusal(file_of("{'descr': '<f8', 'shape': (-1,), }", "")).find("extent expected"),
              std::string::npos);
}

/// Every prefix of a good file, and every single damaged byte of its header, is read or refused, never worse.
TEST(Npy, SurvivesDamage) {
    const std::vector<std::byte> file = encode_npy(Array(DType::f32, {4, 4}));
    for (std::size_t length = 0; length < file.size(); ++length)
        EXPECT_NE(refusal({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)}), "accepted");
    for (std::size_t at = 0; at < 128; ++at) {
        for (const unsigned char value : {0x00, 0x28, 0x39, 0x7b, 0xff}) {
            std::vector<std::byte> damaged = file;
            damaged[at] = static_cast<std::byte>(value);
            refusal(damaged);
        }
    }
}

}  // namespace
}  // namespace heddle::tool
