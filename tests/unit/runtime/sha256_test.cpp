// SHA-256 against the examples of FIPS 180-4 and NIST's, and in pieces of every size.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/sha256.h"

namespace heddle::runtime {
namespace {

std::string hash_of(std::string_view text) {
    return sha256_hex(std::as_bytes(std::span(text)));
}

TEST(Sha256, KnownAnswers) {
    EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(
        hash_of("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmn"
                "opqrsmnopqrstnopqrstu"),
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    EXPECT_EQ(hash_of(std::string(1000000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheSameDigest) {
    std::vector<std::byte> bytes(300);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const auto all = std::span<const std::byte>(bytes).first(size);
        const Sha256Digest whole = sha256(all);
        for (const std::size_t piece : {1UL, 3UL, 63UL, 64UL, 65UL}) {
            Sha256 hash;
            for (std::size_t at = 0; at < size; at += piece)
                hash.update(all.subspan(at, std::min(piece, size - at)));
            ASSERT_EQ(hash.finish(), whole) << size << " in pieces of " << piece;
        }
    }
}

TEST(Sha256, FieldsKeepTheirBounds) {
    Sha256 a, b;
    a.field(std::string_view("ab"));
    a.field(std::string_view("c"));
    b.field(std::string_view("a"));
    b.field(std::string_view("bc"));
    EXPECT_NE(a.finish(), b.finish());
}

}  // namespace
}  // namespace heddle::runtime
