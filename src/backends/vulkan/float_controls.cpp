// Edits the words of a module: SPIR-V 1.6, sections 2.4 (order of instructions) and 3.6 (execution modes);
// SPV_KHR_float_controls.
#include "backends/vulkan/float_controls.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace heddle::vulkan {

namespace {

constexpr std::size_t header_words = 5;
constexpr std::uint32_t magic = 0x07230203, version_1_4 = 0x00010400;
constexpr std::uint32_t op_extension = 10, op_entry_point = 15, op_execution_mode = 16, op_capability = 17,
                        op_function = 54;
constexpr std::uint32_t capability_float16 = 9, capability_float64 = 10, capability_denorm_preserve = 4464,
                        capability_specials_preserve = 4466;
constexpr std::uint32_t mode_denorm_preserve = 4459, mode_specials_preserve = 4461;
constexpr std::array<std::uint32_t, 3> widths = {16, 32, 64};

constexpr std::uint32_t instruction(std::uint32_t words, std::uint32_t opcode) {
    return words << 16U | opcode;
}

/// What of a module matters here.
struct Outline {
    std::array<bool, 3> uses = {false, true, false};  // floating point of each width
    bool has_controls = false;                        // asks for such modes itself
    std::uint32_t entry_point = 0;
    std::size_t after_capabilities = header_words, after_entry_points = 0;
    bool is_well_formed = false;
};

Outline outline_of(std::span<const std::uint32_t> words) {
    Outline found;
    if (words.size() < header_words || words[0] != magic) return found;
    std::size_t at = header_words;
    while (at < words.size()) {
        const std::uint32_t length = words[at] >> 16U, opcode = words[at] & 0xffffU;
        if (length == 0 || length > words.size() - at) return found;
        if (opcode == op_function) break;
        if (opcode == op_capability && length == 2) {
            const std::uint32_t capability = words[at + 1];
            if (capability == capability_float16) found.uses[0] = true;
            if (capability == capability_float64) found.uses[2] = true;
            if (capability == capability_denorm_preserve || capability == capability_specials_preserve)
                found.has_controls = true;
            found.after_capabilities = at + length;
        }
        if (opcode == op_entry_point && length >= 3) {
            if (found.entry_point == 0) found.entry_point = words[at + 2];
            found.after_entry_points = at + length;
        }
        at += length;
    }
    found.is_well_formed = found.entry_point != 0;
    return found;
}

/// Which widths keep denormals: where they cannot be treated apart, all that are used together do or none.
std::array<bool, 3> denormals_kept(const std::array<bool, 3>& uses, const FloatControls& device) {
    std::array<bool, 3> kept{};
    for (std::size_t k = 0; k < 3; ++k) kept[k] = uses[k] && device.preserves_denormals[k];
    if (device.are_all_independent) return kept;
    const auto agree = [&](std::size_t a, std::size_t b) {
        if (uses[a] && uses[b] && kept[a] != kept[b]) kept[a] = kept[b] = false;
    };
    agree(0, 2);
    if (device.is_32_independent) return kept;
    agree(0, 1);
    agree(1, 2);
    agree(0, 1);
    return kept;
}

}  // namespace

std::vector<std::uint32_t> with_float_controls(std::span<const std::uint32_t> words,
                                               const FloatControls& device) {
    const Outline outline = outline_of(words);
    std::vector<std::uint32_t> made(words.begin(), words.end());
    if (!outline.is_well_formed || outline.has_controls) return made;
    const std::array<bool, 3> denormals = denormals_kept(outline.uses, device);
    std::vector<std::uint32_t> capabilities, modes;
    const auto ask = [&](const std::array<bool, 3>& kept, std::uint32_t capability, std::uint32_t mode) {
        bool is_asked = false;
        for (std::size_t k = 0; k < 3; ++k) {
            if (!kept[k]) continue;
            is_asked = true;
            modes.insert(modes.end(),
                         {instruction(4, op_execution_mode), outline.entry_point, mode, widths[k]});
        }
        if (is_asked) capabilities.insert(capabilities.end(), {instruction(2, op_capability), capability});
    };
    std::array<bool, 3> specials{};
    for (std::size_t k = 0; k < 3; ++k) specials[k] = outline.uses[k] && device.preserves_specials[k];
    ask(denormals, capability_denorm_preserve, mode_denorm_preserve);
    ask(specials, capability_specials_preserve, mode_specials_preserve);
    if (capabilities.empty()) return made;
    if (words[1] < version_1_4) {
        constexpr std::string_view name = "SPV_KHR_float_controls";
        std::array<std::uint32_t, name.size() / 4 + 1> text{};
        for (std::size_t k = 0; k < name.size(); ++k)
            text[k / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(name[k])) << 8 * (k % 4);
        capabilities.push_back(instruction(static_cast<std::uint32_t>(text.size() + 1), op_extension));
        capabilities.insert(capabilities.end(), text.begin(), text.end());
    }
    // The later place first: it moves nothing before it.
    const auto place = [&](std::size_t at) { return made.begin() + static_cast<std::ptrdiff_t>(at); };
    made.insert(place(outline.after_entry_points), modes.begin(), modes.end());
    made.insert(place(outline.after_capabilities), capabilities.begin(), capabilities.end());
    return made;
}

}  // namespace heddle::vulkan
