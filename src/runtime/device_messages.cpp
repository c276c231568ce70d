// Decodes failures and printed text.
#include "runtime/device_messages.h"

#include <cstring>
#include <map>
#include <vector>

#include "backends/cpu/print.h"

namespace heddle::runtime {

namespace {

std::string text_at(const std::uint32_t (&words)[2], const StringReader& read) {
    return read(words[0] | std::uint64_t{words[1]} << 32).value_or("?");
}

std::string brackets(const std::uint32_t (&value)[3]) {
    return "[" + std::to_string(value[0]) + "," + std::to_string(value[1]) + "," + std::to_string(value[2]) +
           "]";
}

// One conversion of a format, and where its argument lies.
struct StringArgument {
    std::size_t offset;
};

// The places of %s arguments among packed arguments, as format_device_text() steps through them.
std::vector<StringArgument> string_arguments(const std::string& format) {
    std::vector<StringArgument> found;
    std::size_t offset = 0;
    const auto take = [&](std::size_t size) {
        offset = (offset + size - 1) / size * size;
        const std::size_t at = offset;
        offset += size;
        return at;
    };
    for (const char* at = format.c_str(); *at != '\0';) {
        if (*at++ != '%') continue;
        if (*at == '%') {
            ++at;
            continue;
        }
        int longs = 0;
        while (*at != '\0' && std::strchr("-+ #0123456789.*hlqjztL", *at) != nullptr) {
            if (*at == '*') take(4);
            if (std::strchr("lqjzt", *at) != nullptr) ++longs;
            ++at;
        }
        const char kind = *at;
        if (kind != '\0') ++at;
        if (std::strchr("diouxX", kind) != nullptr && kind != '\0')
            take(longs != 0 ? 8 : 4);
        else if (kind == 'c')
            take(4);
        else if (kind == 's')
            found.push_back({take(8)});
        else if (kind != '\0' && std::strchr("pfFeEgGaA", kind) != nullptr)
            take(8);
    }
    return found;
}

}  // namespace

std::string failure_text(const MessageHeader& header, const StringReader& read) {
    if (header.failure == 0) return {};
    const std::string where = "block " + brackets(header.block) + ", thread " + brackets(header.thread);
    if (header.failure == 1) return "__trap() by " + where;
    return text_at(header.file, read) + ":" + std::to_string(header.line) + ": " +
           text_at(header.function, read) + ": " + where + ": assertion `" + text_at(header.text, read) +
           "` failed";
}

std::string printed_text(std::span<const std::byte> records, const StringReader& read) {
    std::string text;
    std::map<std::uint64_t, std::string> formats;
    while (records.size() >= 16) {
        std::uint32_t size = 0, bytes = 0;
        std::uint64_t format = 0;
        std::memcpy(&size, records.data(), 4);
        std::memcpy(&bytes, records.data() + 4, 4);
        std::memcpy(&format, records.data() + 8, 8);
        if (size < 16 || size > records.size() || bytes > size - 16) break;
        const auto [known, is_new] = formats.try_emplace(format);
        if (is_new) known->second = read(format).value_or("(a format that the host cannot read)\n");
        std::vector<std::byte> arguments(records.begin() + 16, records.begin() + size);
        arguments.resize(arguments.size() + 64);  // a format may ask for more than was given
        // Strings are read here; the formatter gets the host's addresses.
        std::vector<std::string> strings;
        const std::vector<StringArgument> places = string_arguments(known->second);
        strings.reserve(places.size());
        for (const StringArgument& place : places) {
            if (place.offset + 8 > arguments.size()) break;
            std::uint64_t address = 0;
            std::memcpy(&address, arguments.data() + place.offset, 8);
            if (address == 0) continue;
            strings.push_back(read(address).value_or("?"));
            const char* const host = strings.back().c_str();
            std::memcpy(arguments.data() + place.offset, &host, 8);
        }
        std::int32_t count = 0;
        text += cpu::format_device_text(known->second.c_str(), arguments.data(), count);
        records = records.subspan(size);
    }
    return text;
}

}  // namespace heddle::runtime
