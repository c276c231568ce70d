// Reads the processor's identity from cpuid or /proc/cpuinfo, and the memory that the process may use from
// /proc/meminfo and its control groups.
#include "backends/cpu/processor.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <sstream>

#include "backends/cpu/limits.h"
#include "runtime/control_group.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace heddle::cpu {

namespace {

std::optional<std::string> read_text(const std::string& path) {
    return runtime::SystemFiles().text(path);
}

std::string trimmed(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\0') break;
        if (c == ' ' && (result.empty() || result.back() == ' ')) continue;
        result += c;
    }
    while (!result.empty() && (result.back() == ' ' || result.back() == '\n')) result.pop_back();
    return result;
}

std::string name_from_proc() {
    const auto text = read_text("/proc/cpuinfo");
    if (!text) return {};
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        if (line.starts_with("model name") || line.starts_with("Model") || line.starts_with("Hardware"))
            return trimmed(std::string_view(line).substr(colon + 1));
    }
    return {};
}

#if defined(__x86_64__)

struct Leaf {
    unsigned a = 0, b = 0, c = 0, d = 0;
};

Leaf cpuid(unsigned leaf, unsigned sub_leaf = 0) {
    Leaf result;
    if (__get_cpuid_count(leaf, sub_leaf, &result.a, &result.b, &result.c, &result.d) == 0) return {};
    return result;
}

/// The register state that the operating system saves: bit 1 XMM, bit 2 YMM, bits 5 to 7 AVX-512.
std::uint64_t saved_state() {
    std::uint32_t low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

bool bit(unsigned value, int index) {
    return ((value >> index) & 1u) != 0;
}

void identify_levels(Processor& processor) {
    const Leaf basic = cpuid(1), extended = cpuid(7), far = cpuid(0x80000001);
    const std::uint64_t state = bit(basic.c, 27) ? saved_state() : 0;
    const bool ymm = (state & 0x6) == 0x6, zmm = (state & 0xe6) == 0xe6;
    const bool v2 = bit(basic.c, 0) && bit(basic.c, 9) && bit(basic.c, 13) && bit(basic.c, 19) &&
                    bit(basic.c, 20) && bit(basic.c, 23) && bit(far.c, 0);
    const bool v3 = v2 && ymm && bit(basic.c, 12) && bit(basic.c, 22) && bit(basic.c, 28) &&
                    bit(basic.c, 29) && bit(extended.b, 3) && bit(extended.b, 5) && bit(extended.b, 8) &&
                    bit(far.c, 5);
    const bool v4 = v3 && zmm && bit(extended.b, 16) && bit(extended.b, 17) && bit(extended.b, 28) &&
                    bit(extended.b, 30) && bit(extended.b, 31);
    if (v4) processor.variants.emplace_back("x86-64-v4");
    if (v3) processor.variants.emplace_back("x86-64-v3");
    if (v2) processor.variants.emplace_back("x86-64-v2");
    if (v2) processor.instructions.emplace_back("sse4.2");
    if (v3) processor.instructions.insert(processor.instructions.end(), {"avx2", "fma"});
    if (v4) processor.instructions.emplace_back("avx512");
}

std::string name_from_cpuid() {
    if (cpuid(0x80000000).a < 0x80000004) return {};
    std::string text;
    for (unsigned leaf = 0x80000002; leaf <= 0x80000004; ++leaf) {
        const Leaf part = cpuid(leaf);
        for (const unsigned word : {part.a, part.b, part.c, part.d})
            for (int byte = 0; byte < 4; ++byte) text += static_cast<char>((word >> (8 * byte)) & 0xff);
    }
    return trimmed(text);
}

#else

void identify_levels([[maybe_unused]] Processor& processor) {
#if defined(__aarch64__)
    processor.variants.emplace_back("aarch64");
    processor.instructions.emplace_back("neon");
#endif
}

std::string name_from_cpuid() {
    return {};
}

#endif

}  // namespace

Processor identify_processor() {
    Processor processor;
    processor.name = name_from_cpuid();
    if (processor.name.empty()) processor.name = name_from_proc();
    if (processor.name.empty()) processor.name = "CPU";
    identify_levels(processor);
    return processor;
}

unsigned usable_threads() {
    return cpu_budget(false).limits.threads;
}

MemoryState memory_state() {
    const runtime::SystemFiles files;
    MemoryState state = memory_state(files);
    if (state.total != 0) return state;
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE),
               free = sysconf(_SC_AVPHYS_PAGES);
    if (pages > 0 && page > 0)
        state.total = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
    if (free > 0 && page > 0)
        state.available = static_cast<std::uint64_t>(free) * static_cast<std::uint64_t>(page);
    return state;
}

MemoryState memory_state(const runtime::SystemFiles& files) {
    MemoryState state;
    if (const auto table = files.text("/proc/meminfo")) {
        state.total = runtime::table_number(*table, "MemTotal").value_or(0) * 1024;
        state.available = runtime::table_number(*table, "MemAvailable").value_or(0) * 1024;
    }
    const runtime::ControlGroupLimits limits = runtime::control_group_limits(files);
    if (limits.memory_bytes && state.total != 0) state.total = std::min(state.total, *limits.memory_bytes);
    if (limits.memory_available) state.available = std::min(state.available, *limits.memory_available);
    return state;
}

std::uint64_t now_ns() noexcept {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

}  // namespace heddle::cpu
