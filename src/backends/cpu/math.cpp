// Finds the mathematical functions that generated code imports, by name and by what this processor runs.
#include "backends/cpu/math.h"

#include <algorithm>

#include "backends/cpu/math_names.h"
#include "backends/cpu/math_tables.h"

namespace heddle::cpu {

namespace {

// Which of VectorMath's columns serves a vector of that many bytes here; -1 when none.
int column_for(unsigned bytes) noexcept {
#if defined(__x86_64__)
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (bytes == 64) return __builtin_cpu_supports("avx512f") ? 3 : -1;
    if (bytes == 32) return avx2 ? 2 : -1;
    // Where code may be AVX, the 16-byte functions are too: mixing in legacy SSE code stalls some processors.
    if (bytes == 16) return avx2 ? 1 : __builtin_cpu_supports("sse4.1") ? 0 : -1;
    return -1;
#elif defined(__aarch64__)
    return bytes == 16 ? 0 : -1;
#else
    (void)bytes;
    return -1;
#endif
}

template <class Entry>
const Entry* find_entry(std::span<const Entry> table, std::string_view name) noexcept {
    const auto found =
        std::lower_bound(table.begin(), table.end(), name,
                         [](const Entry& entry, std::string_view key) { return entry.name < key; });
    return found != table.end() && found->name == name ? &*found : nullptr;
}

}  // namespace

void* find_math(std::string_view name) noexcept {
    const ParsedMathName parsed = parse_math_name(name);
    if (parsed.function == nullptr) return nullptr;
    name.remove_prefix(std::string_view("heddle.").size());
    name = name.substr(0, parsed.function->name.size() + std::string_view(".f32").size());
    if (parsed.lanes == 0) {
        const ScalarMath* entry = find_entry(scalar_math(), name);
        return entry == nullptr ? nullptr : reinterpret_cast<void*>(entry->address);
    }
    if (!(parsed.is_f64 ? parsed.function->vector_f64 : parsed.function->vector_f32)) return nullptr;
    const int column = column_for(parsed.lanes * (parsed.is_f64 ? 8 : 4));
    const VectorMath* entry = find_entry(vector_math(), name);
    if (column < 0 || entry == nullptr) return nullptr;
    return reinterpret_cast<void*>(entry->addresses[column]);
}

}  // namespace heddle::cpu
