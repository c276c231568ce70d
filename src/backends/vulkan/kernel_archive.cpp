// Archives of SPIR-V modules, little-endian words throughout.
#include "backends/vulkan/kernel_archive.h"

#include <cstring>
#include <stdexcept>

namespace heddle::vulkan {
namespace {

constexpr std::uint32_t archive_magic = 0x56534448;  // "HDSV"
constexpr std::uint32_t archive_version = 1;
constexpr std::uint32_t spirv_magic = 0x07230203;

enum Flag : std::uint32_t {
    flag_parameters_in_buffer = 1,
    flag_follows_pointers = 2,
    flag_globals = 4,
    flag_messages = 8,
    flag_shared_bytes = 16,
    flag_grid = 32,
    flag_first_block = 64,
};

void put(std::vector<std::byte>& bytes, std::uint32_t word) {
    for (unsigned shift = 0; shift < 32; shift += 8)
        bytes.push_back(static_cast<std::byte>(word >> shift & 0xffU));
}

class Reader {
  public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::uint32_t word() {
        const auto four = take(4);
        std::uint32_t value = 0;
        for (unsigned k = 0; k < 4; ++k) value |= std::to_integer<std::uint32_t>(four[k]) << (8 * k);
        return value;
    }
    std::span<const std::byte> take(std::size_t count) {
        if (count > bytes_.size()) throw std::runtime_error("the archive of SPIR-V modules is truncated");
        const auto taken = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return taken;
    }
    bool is_at_end() const noexcept { return bytes_.empty(); }

  private:
    std::span<const std::byte> bytes_;
};

}  // namespace

std::vector<std::byte> encode_archive(std::span<const ArchivedKernel> kernels) {
    std::vector<std::byte> bytes;
    put(bytes, archive_magic);
    put(bytes, archive_version);
    put(bytes, static_cast<std::uint32_t>(kernels.size()));
    for (const ArchivedKernel& kernel : kernels) {
        put(bytes, static_cast<std::uint32_t>(kernel.symbol.size()));
        for (const char letter : kernel.symbol) bytes.push_back(static_cast<std::byte>(letter));
        put(bytes, kernel.features);
        put(bytes,
            (kernel.parameters_in_buffer ? flag_parameters_in_buffer : 0U) |
                (kernel.follows_pointers ? flag_follows_pointers : 0U) |
                (kernel.hidden.globals ? flag_globals : 0U) | (kernel.hidden.messages ? flag_messages : 0U) |
                (kernel.hidden.shared_bytes ? flag_shared_bytes : 0U) |
                (kernel.hidden.grid ? flag_grid : 0U) | (kernel.hidden.first_block ? flag_first_block : 0U));
        put(bytes, kernel.static_shared_bytes);
        put(bytes, kernel.parameter_bytes);
        put(bytes, static_cast<std::uint32_t>(kernel.words.size()));
        for (const std::uint32_t word : kernel.words) put(bytes, word);
    }
    return bytes;
}

std::vector<ArchivedKernel> decode_archive(std::span<const std::byte> bytes) {
    Reader reader(bytes);
    if (reader.word() != archive_magic) throw std::runtime_error("this is no archive of SPIR-V modules");
    if (const std::uint32_t version = reader.word(); version != archive_version)
        throw std::runtime_error("the archive of SPIR-V modules has version " + std::to_string(version) +
                                 "; this library reads version " + std::to_string(archive_version));
    std::vector<ArchivedKernel> kernels;
    const std::uint32_t count = reader.word();
    for (std::uint32_t k = 0; k < count; ++k) {
        ArchivedKernel kernel;
        const auto symbol = reader.take(reader.word());
        kernel.symbol.assign(reinterpret_cast<const char*>(symbol.data()), symbol.size());
        kernel.features = reader.word();
        const std::uint32_t flags = reader.word();
        kernel.parameters_in_buffer = (flags & flag_parameters_in_buffer) != 0;
        kernel.follows_pointers = (flags & flag_follows_pointers) != 0;
        kernel.hidden.globals = (flags & flag_globals) != 0;
        kernel.hidden.messages = (flags & flag_messages) != 0;
        kernel.hidden.shared_bytes = (flags & flag_shared_bytes) != 0;
        kernel.hidden.grid = (flags & flag_grid) != 0;
        kernel.hidden.first_block = (flags & flag_first_block) != 0;
        kernel.static_shared_bytes = reader.word();
        kernel.parameter_bytes = reader.word();
        const std::size_t words = reader.word();
        Reader module(reader.take(4 * words));
        kernel.words.reserve(words);
        while (!module.is_at_end()) kernel.words.push_back(module.word());
        if (kernel.words.size() < 5 || kernel.words[0] != spirv_magic)
            throw std::runtime_error("the module of kernel '" + kernel.symbol + "' is no SPIR-V");
        kernels.push_back(std::move(kernel));
    }
    if (!reader.is_at_end()) throw std::runtime_error("bytes follow the archive of SPIR-V modules");
    return kernels;
}

}  // namespace heddle::vulkan
