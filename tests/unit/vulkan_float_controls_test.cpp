// Float controls in modules: what is added where, for devices that can do all, some or nothing.
#include "backends/vulkan/float_controls.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "backends/vulkan/free_ranges.h"

namespace heddle::vulkan {
namespace {

constexpr std::uint32_t entry = 4;

/// A module's beginning: capabilities, memory model, entry point, execution mode; then a function.
std::vector<std::uint32_t> module_of(std::uint32_t version, const std::vector<std::uint32_t>& capabilities) {
    std::vector<std::uint32_t> words = {0x07230203, version, 0, 10, 0};
    for (const std::uint32_t capability : capabilities)
        words.insert(words.end(), {2U << 16U | 17U, capability});
    words.insert(words.end(), {3U << 16U | 14U, 0, 1});                     // OpMemoryModel
    words.insert(words.end(), {5U << 16U | 15U, 5, entry, 0x6e69616d, 0});  // OpEntryPoint "main"
    words.insert(words.end(), {6U << 16U | 16U, entry, 17, 1, 1, 1});       // LocalSize
    words.insert(words.end(), {2U << 16U | 19U, 2});                        // OpTypeVoid
    words.insert(words.end(),
                 {5U << 16U | 54U, 2, entry, 0, 3, 1U << 16U | 56U});  // OpFunction, OpFunctionEnd
    return words;
}

FloatControls all() {
    FloatControls device;
    for (std::size_t k = 0; k < 3; ++k) device.preserves_denormals[k] = device.preserves_specials[k] = true;
    device.is_32_independent = device.are_all_independent = true;
    return device;
}

/// The instructions of `words` before functions, with the given opcode.
std::vector<std::vector<std::uint32_t>> instructions(const std::vector<std::uint32_t>& words,
                                                     std::uint32_t opcode) {
    std::vector<std::vector<std::uint32_t>> found;
    for (std::size_t at = 5; at < words.size(); at += words[at] >> 16U) {
        if ((words[at] & 0xffffU) == 54) break;
        if ((words[at] & 0xffffU) == opcode)
            found.emplace_back(words.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                               words.begin() + static_cast<std::ptrdiff_t>(at + (words[at] >> 16U)));
    }
    return found;
}

bool has_mode(const std::vector<std::uint32_t>& words, std::uint32_t mode, std::uint32_t width) {
    const auto modes = instructions(words, 16);
    return std::find(modes.begin(), modes.end(), std::vector<std::uint32_t>{entry, mode, width}) !=
           modes.end();
}

constexpr std::uint32_t denormals = 4459, specials = 4461;

TEST(VulkanFloatControls, AddedForWidthsInUse) {
    const auto words = with_float_controls(module_of(0x00010500, {1, 10}), all());
    const auto capabilities = instructions(words, 17);
    EXPECT_EQ(capabilities, (std::vector<std::vector<std::uint32_t>>{{1}, {10}, {4464}, {4466}}));
    for (const std::uint32_t mode : {denormals, specials}) {
        EXPECT_FALSE(has_mode(words, mode, 16));
        EXPECT_TRUE(has_mode(words, mode, 32));
        EXPECT_TRUE(has_mode(words, mode, 64));
    }
    EXPECT_TRUE(instructions(words, 10).empty()) << "1.4 and later need no extension";
    // Modes follow the entry point, capabilities come first.
    EXPECT_EQ(words[5], 2U << 16U | 17U);
    EXPECT_EQ(words.size(), module_of(0x00010500, {1, 10}).size() + 4 + 16);
}

TEST(VulkanFloatControls, OldModulesNameTheExtension) {
    const auto words = with_float_controls(module_of(0x00010300, {1}), all());
    ASSERT_EQ(instructions(words, 10).size(), 1U);
    EXPECT_EQ(instructions(words, 10)[0][0], 0x5f565053U);  // "SPV_"
    EXPECT_EQ(instructions(words, 10)[0].size(), 6U);
}

TEST(VulkanFloatControls, WidthsThatDependOnEachOtherAgree) {
    FloatControls device = all();
    device.preserves_denormals[1] = false;
    device.are_all_independent = false;
    auto words = with_float_controls(module_of(0x00010500, {1, 9, 10}), device);
    EXPECT_TRUE(has_mode(words, denormals, 16) && has_mode(words, denormals, 64));
    EXPECT_FALSE(has_mode(words, denormals, 32));
    device.is_32_independent = false;
    words = with_float_controls(module_of(0x00010500, {1, 9, 10}), device);
    for (const std::uint32_t width : {16, 32, 64}) {
        EXPECT_FALSE(has_mode(words, denormals, width));
        EXPECT_TRUE(has_mode(words, specials, width));
    }
    // 16 and 64 bits apart from each other only where all are independent.
    device = all();
    device.preserves_denormals[0] = false;
    device.are_all_independent = false;
    words = with_float_controls(module_of(0x00010500, {1, 9, 10}), device);
    EXPECT_FALSE(has_mode(words, denormals, 64));
    EXPECT_TRUE(has_mode(words, denormals, 32));
}

TEST(VulkanFloatControls, WhatCannotBeEditedIsLeftAlone) {
    const auto words = module_of(0x00010500, {1});
    EXPECT_EQ(with_float_controls(words, FloatControls{}), words);
    const auto with_own = module_of(0x00010500, {1, 4464});
    EXPECT_EQ(with_float_controls(with_own, all()), with_own);
    for (std::size_t keep = 0; keep < words.size(); ++keep) {
        const std::vector<std::uint32_t> part(words.begin(),
                                              words.begin() + static_cast<std::ptrdiff_t>(keep));
        EXPECT_GE(with_float_controls(part, all()).size(), part.size());
    }
    std::vector<std::uint32_t> endless = words;
    endless[5] = 17;  // an instruction of no length
    EXPECT_EQ(with_float_controls(endless, all()), endless);
}

TEST(VulkanFreeRanges, BestFitAndNeighboursJoin) {
    FreeRanges free(256, 4096);
    EXPECT_EQ(free.take(1024), 256U);
    EXPECT_EQ(free.take(512), 1280U);
    EXPECT_EQ(free.take(1024), 1792U);
    free.give_back(1280, 512);
    EXPECT_EQ(free.take(512), 1280U) << "the smallest range that suits";
    EXPECT_FALSE(free.take(4096).has_value());
    free.give_back(256, 1024);
    free.give_back(1792, 1024);
    EXPECT_FALSE(free.is_all_free());
    free.give_back(1280, 512);
    EXPECT_TRUE(free.is_all_free());
    EXPECT_EQ(free.take(4096), 256U);
    EXPECT_EQ(free.free_bytes(), 0U);
}

}  // namespace
}  // namespace heddle::vulkan
