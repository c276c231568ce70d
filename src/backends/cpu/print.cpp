// Formats device printf by handing each conversion, with its argument, to the C library.
#include "backends/cpu/print.h"

#include <cstring>
#include <string_view>
#include <type_traits>

namespace heddle::cpu {

namespace {

constexpr std::size_t most_text = std::size_t{1} << 20;

/// Takes values out of the packed arguments, one after the other.
class PackedArguments {
  public:
    explicit PackedArguments(const void* memory) : memory_(static_cast<const unsigned char*>(memory)) {}
    template <class T>
    T next() {
        offset_ = (offset_ + sizeof(T) - 1) / sizeof(T) * sizeof(T);
        T value;
        std::memcpy(&value, memory_ + offset_, sizeof value);
        offset_ += sizeof value;
        return value;
    }

  private:
    const unsigned char* memory_;
    std::size_t offset_ = 0;
};

template <class T>
void print_value(std::string& text, const std::string& conversion, T value) {
    char small[128];
    // The conversion has been taken apart and put together again by the caller, so it fits T.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const int size = std::snprintf(small, sizeof small, conversion.c_str(), value);
    if (size < 0) return;
    if (static_cast<std::size_t>(size) < sizeof small) {
        text.append(small, static_cast<std::size_t>(size));
        return;
    }
    const std::size_t start = text.size();
    text.resize(start + static_cast<std::size_t>(size) + 1);
    std::snprintf(text.data() + start, static_cast<std::size_t>(size) + 1, conversion.c_str(), value);
#pragma GCC diagnostic pop
    text.pop_back();
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

std::string format_device_text(const char* format, const void* arguments, std::int32_t& count) {
    std::string text;
    PackedArguments packed(arguments);
    count = 0;
    for (const char* at = format; *at != '\0';) {
        if (*at != '%') {
            const char* const next = std::strchr(at, '%');
            const std::size_t size = next != nullptr ? static_cast<std::size_t>(next - at) : std::strlen(at);
            text.append(at, size);
            at += size;
            continue;
        }
        const char* const begin = at++;
        if (*at == '%') {
            text += '%';
            ++at;
            continue;
        }
        std::string conversion = "%";
        while (*at != '\0' && std::strchr("-+ #0", *at) != nullptr) conversion += *at++;
        const auto number = [&] {
            if (*at == '*') {
                conversion += std::to_string(packed.next<std::int32_t>());
                ++count;
                ++at;
            } else {
                while (is_digit(*at)) conversion += *at++;
            }
        };
        number();
        if (*at == '.') {
            conversion += *at++;
            number();
        }
        int longs = 0;  // 'l', "ll" and what is as wide; CUDA's long has 64 bits
        int shorts = 0;
        for (; *at != '\0' && std::strchr("hlqjztL", *at) != nullptr; ++at) {
            if (*at == 'h')
                ++shorts;
            else if (*at != 'L')
                ++longs;
        }
        const char kind = *at;
        if (kind != '\0') ++at;
        switch (kind) {
            case 'd':
            case 'i':
                ++count;
                if (longs != 0) {
                    print_value(text, conversion + "ll" + kind, packed.next<long long>());
                } else {
                    print_value(text,
                                conversion +
                                    std::string(shorts < 3 ? static_cast<std::size_t>(shorts) : 2, 'h') +
                                    kind,
                                packed.next<int>());
                }
                break;
            case 'o':
            case 'u':
            case 'x':
            case 'X':
                ++count;
                if (longs != 0) {
                    print_value(text, conversion + "ll" + kind, packed.next<unsigned long long>());
                } else {
                    print_value(text,
                                conversion +
                                    std::string(shorts < 3 ? static_cast<std::size_t>(shorts) : 2, 'h') +
                                    kind,
                                packed.next<unsigned>());
                }
                break;
            case 'c':
                ++count;
                print_value(text, conversion + kind, packed.next<int>());
                break;
            case 's': {
                ++count;
                const char* const string = packed.next<const char*>();
                print_value(text, conversion + kind, string != nullptr ? string : "(null)");
                break;
            }
            case 'p':
                ++count;
                print_value(text, conversion + kind, packed.next<const void*>());
                break;
            case 'f':
            case 'F':
            case 'e':
            case 'E':
            case 'g':
            case 'G':
            case 'a':
            case 'A':
                ++count;
                print_value(text, conversion + kind, packed.next<double>());
                break;
            default:
                text.append(begin, static_cast<std::size_t>(at - begin));
        }
    }
    return text;
}

void PrintBuffer::append(const std::string& text) {
    bool full = false;
    {
        const std::lock_guard lock(mutex_);
        text_ += text;
        full = text_.size() >= most_text;
    }
    if (full) flush();
}

void PrintBuffer::flush() noexcept {
    const std::lock_guard lock(mutex_);
    if (text_.empty()) return;
    // A closed standard output loses the text, as it does for the host's own printf.
    std::fwrite(text_.data(), 1, text_.size(), file_);
    std::fflush(file_);
    text_.clear();
}

}  // namespace heddle::cpu
