// Archives of SPIR-V modules: what is written is read, and what is damaged is refused.
#include "backends/vulkan/kernel_archive.h"

#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

namespace heddle::vulkan {
namespace {

std::vector<ArchivedKernel> two_kernels() {
    ArchivedKernel first;
    first.symbol = "_Z5saxpyifPKfPf";
    first.features =
        static_cast<std::uint32_t>(ModuleFeature::int64) | static_cast<std::uint32_t>(ModuleFeature::warp32);
    first.static_shared_bytes = 4096;
    first.parameter_bytes = 40;
    first.follows_pointers = true;
    first.hidden = {true, false, true};
    first.words = {0x07230203, 0x00010500, 0, 8, 0, 0x00020011};
    ArchivedKernel second;
    second.symbol = "b";
    second.parameter_bytes = 200;
    second.parameters_in_buffer = true;
    second.hidden = {false, true, false, true, true};
    second.words = {0x07230203, 0x00010300, 7, 9, 0};
    return {first, second};
}

TEST(VulkanArchive, WhatIsWrittenIsRead) {
    const std::vector<ArchivedKernel> made = two_kernels();
    const std::vector<ArchivedKernel> read = decode_archive(encode_archive(made));
    ASSERT_EQ(read.size(), made.size());
    for (std::size_t k = 0; k < made.size(); ++k) {
        EXPECT_EQ(read[k].symbol, made[k].symbol);
        EXPECT_EQ(read[k].features, made[k].features);
        EXPECT_EQ(read[k].static_shared_bytes, made[k].static_shared_bytes);
        EXPECT_EQ(read[k].parameter_bytes, made[k].parameter_bytes);
        EXPECT_EQ(read[k].parameters_in_buffer, made[k].parameters_in_buffer);
        EXPECT_EQ(read[k].follows_pointers, made[k].follows_pointers);
        EXPECT_EQ(read[k].hidden.globals, made[k].hidden.globals);
        EXPECT_EQ(read[k].hidden.messages, made[k].hidden.messages);
        EXPECT_EQ(read[k].hidden.shared_bytes, made[k].hidden.shared_bytes);
        EXPECT_EQ(read[k].hidden.grid, made[k].hidden.grid);
        EXPECT_EQ(read[k].hidden.first_block, made[k].hidden.first_block);
        EXPECT_EQ(read[k].words, made[k].words);
    }
    EXPECT_TRUE(read[0].needs(ModuleFeature::warp32));
    EXPECT_FALSE(read[0].needs(ModuleFeature::float64));
    EXPECT_TRUE(decode_archive(encode_archive({})).empty());
}

TEST(VulkanArchive, EveryTruncationIsRefused) {
    const std::vector<std::byte> whole = encode_archive(two_kernels());
    for (std::size_t keep = 0; keep < whole.size(); ++keep)
        EXPECT_THROW(decode_archive(std::span(whole).first(keep)), std::runtime_error) << keep;
    std::vector<std::byte> longer = whole;
    longer.push_back(std::byte{0});
    EXPECT_THROW(decode_archive(longer), std::runtime_error);
}

TEST(VulkanArchive, DamageIsRefusedOrHarmless) {
    const std::vector<std::byte> whole = encode_archive(two_kernels());
    std::mt19937 random(1);
    std::size_t refused = 0;
    for (int k = 0; k < 2000; ++k) {
        std::vector<std::byte> bad = whole;
        for (unsigned flips = 1 + random() % 3; flips > 0; --flips)
            bad[random() % bad.size()] ^= static_cast<std::byte>(1U << random() % 8);
        try {
            decode_archive(bad);
        } catch (const std::runtime_error&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 0U);
    std::vector<std::byte> other_magic = whole, other_version = whole;
    other_magic[0] ^= std::byte{1};
    other_version[4] ^= std::byte{2};
    EXPECT_THROW(decode_archive(other_magic), std::runtime_error);
    EXPECT_THROW(decode_archive(other_version), std::runtime_error);
    EXPECT_THROW(decode_archive(std::span(whole).first(0)), std::runtime_error);
}

}  // namespace
}  // namespace heddle::vulkan
