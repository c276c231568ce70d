// Reads the processor's identity from cpuid or /proc/cpuinfo, and the limits of the process from the
// scheduler, the control groups (versions 1 and 2) and /proc/meminfo.
#include "backends/cpu/processor.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "runtime/environment.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace heddle::cpu {

namespace {

std::optional<std::string> read_text(const std::string& path) {
    std::ifstream file(path);
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::optional<std::uint64_t> number_in(std::string_view text) {
    const std::size_t start = text.find_first_of("0123456789-");
    if (start == std::string_view::npos || text[start] == '-') return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data() + start, text.data() + text.size(), value);
    if (code != std::errc()) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> read_number(const std::string& path) {
    const auto text = read_text(path);
    return text ? number_in(*text) : std::nullopt;
}

/// The value of a line "key<separator> 123 ..." of a table such as /proc/meminfo.
std::optional<std::uint64_t> field(std::string_view table, std::string_view key) {
    for (std::size_t at = 0; at < table.size();) {
        const std::size_t end = std::min(table.find('\n', at), table.size());
        const std::string_view line = table.substr(at, end - at);
        if (line.starts_with(key) && line.size() > key.size() &&
            (line[key.size()] == ':' || line[key.size()] == ' '))
            return number_in(line.substr(key.size()));
        at = end + 1;
    }
    return std::nullopt;
}

/// Directories of this process's control group and of its ancestors, where limits may stand. `controller` is
/// the version 1 name; an empty one means version 2.
std::vector<std::string> group_directories(std::string_view controller) {
    std::vector<std::string> directories;
    const auto membership = read_text("/proc/self/cgroup");
    if (!membership) return directories;
    std::istringstream lines(*membership);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string wanted = controller.empty() ? ",," : "," + std::string(controller) + ",";
        if (names.find(wanted) == std::string::npos) continue;
        const std::string mount =
            "/sys/fs/cgroup" + (controller.empty() ? "" : "/" + std::string(controller));
        std::string path = line.substr(second + 1);
        for (;;) {
            directories.push_back(path == "/" ? mount : mount + path);
            const std::size_t slash = path.rfind('/');
            if (path == "/" || slash == std::string::npos) break;
            path = slash == 0 ? "/" : path.substr(0, slash);
        }
    }
    return directories;
}

unsigned group_thread_limit() {
    unsigned limit = 0;  // 0: none
    const auto tighten = [&limit](unsigned value) {
        if (value != 0) limit = limit == 0 ? value : std::min(limit, value);
    };
    for (const std::string& directory : group_directories(""))
        if (const auto text = read_text(directory + "/cpu.max")) tighten(parse_cpu_max(*text));
    for (const std::string& directory : group_directories("cpu")) {
        const auto quota = read_number(directory + "/cpu.cfs_quota_us");
        const auto period = read_number(directory + "/cpu.cfs_period_us");
        if (quota && period && *period != 0) tighten(static_cast<unsigned>((*quota + *period - 1) / *period));
    }
    return limit;
}

unsigned affinity_threads() {
    // The mask of a large machine does not fit the fixed-size set: grow until the kernel takes it.
    for (int cpus = 1024; cpus <= 1 << 18; cpus *= 2) {
        cpu_set_t* const set = CPU_ALLOC(cpus);
        if (set == nullptr) break;
        const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
        CPU_ZERO_S(bytes, set);
        const bool known = sched_getaffinity(0, bytes, set) == 0;
        const int count = known ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (known) return static_cast<unsigned>(std::max(count, 1));
    }
    return std::max(std::thread::hardware_concurrency(), 1u);
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
    const Leaf more = cpuid(7, 1);
    // AVX512-FP16; AVX512-BF16 or AVX-NE-CONVERT; AVX512-VNNI or AVX-VNNI.
    processor.has_fp16 = v4 && bit(extended.d, 23);
    processor.has_bf16 = (v4 && bit(more.a, 5)) || (v3 && bit(more.d, 5));
    processor.has_int8_dot = (v4 && bit(extended.c, 11)) || (v3 && bit(more.a, 4));
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
    // Linux's numbers: FPHP and ASIMDHP, ASIMDDP; of the second word BF16.
    const unsigned long has = ::getauxval(AT_HWCAP), has_more = ::getauxval(AT_HWCAP2);
    processor.has_fp16 = (has >> 9 & 1) != 0 && (has >> 10 & 1) != 0;
    processor.has_int8_dot = (has >> 20 & 1) != 0;
    processor.has_bf16 = (has_more >> 14 & 1) != 0;
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

unsigned parse_cpu_max(std::string_view text) {
    std::uint64_t quota = 0, period = 0;
    const auto first = std::from_chars(text.data(), text.data() + text.size(), quota);
    if (first.ec != std::errc()) return 0;  // "max"
    const char* const end = text.data() + text.size();
    const char* at = first.ptr;
    while (at != end && *at == ' ') ++at;
    if (std::from_chars(at, end, period).ec != std::errc() || period == 0) return 0;
    return static_cast<unsigned>(std::max<std::uint64_t>((quota + period - 1) / period, 1));
}

unsigned usable_threads() {
    if (const auto wanted = environment::threads()) return std::max(*wanted, 1u);
    const unsigned limit = group_thread_limit();
    const unsigned threads = affinity_threads();
    return limit == 0 ? threads : std::max(std::min(threads, limit), 1u);
}

MemoryState memory_state() {
    MemoryState state;
    if (const auto table = read_text("/proc/meminfo")) {
        state.total = field(*table, "MemTotal").value_or(0) * 1024;
        state.available = field(*table, "MemAvailable").value_or(0) * 1024;
    }
    if (state.total == 0) {
        const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE),
                   free = sysconf(_SC_AVPHYS_PAGES);
        if (pages > 0 && page > 0)
            state.total = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
        if (free > 0 && page > 0)
            state.available = static_cast<std::uint64_t>(free) * static_cast<std::uint64_t>(page);
    }
    const auto tighten = [&state](std::optional<std::uint64_t> limit, std::optional<std::uint64_t> used,
                                  std::optional<std::uint64_t> reclaimable) {
        // Version 1 says "no limit" with a number near 2^63.
        if (!limit || !used || *limit >= std::uint64_t{1} << 60) return;
        const std::uint64_t held = *used - std::min(*used, reclaimable.value_or(0));
        state.total = std::min(state.total, *limit);
        state.available = std::min(state.available, *limit - std::min(*limit, held));
    };
    for (const std::string& directory : group_directories("")) {
        const auto table = read_text(directory + "/memory.stat");
        tighten(read_number(directory + "/memory.max"), read_number(directory + "/memory.current"),
                table ? field(*table, "inactive_file") : std::nullopt);
    }
    for (const std::string& directory : group_directories("memory")) {
        const auto table = read_text(directory + "/memory.stat");
        tighten(read_number(directory + "/memory.limit_in_bytes"),
                read_number(directory + "/memory.usage_in_bytes"),
                table ? field(*table, "total_inactive_file") : std::nullopt);
    }
    return state;
}

std::uint64_t now_ns() noexcept {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

}  // namespace heddle::cpu
