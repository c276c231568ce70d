// The table of functions that printed OpenCL C calls.
#include "opencl_helpers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "opencl_ptx.h"

namespace heddle::compiler {
namespace {

using Helper = OpenClFunction;

// Warp operations go through `cells`, one of local memory a thread, and are called by all threads of the
// block; `active` says who takes part. Lanes beyond the block's end have no cell.
const std::vector<Helper>& table() {
    static const std::vector<Helper> helpers = {
        {"thread_of_block", {}, R"(uint thread_of_block(void) {
    return get_local_id(0) + get_local_size(0) * (get_local_id(1) + get_local_size(1) * get_local_id(2));
}
)"},
        {"lane_of_warp", {"thread_of_block"}, R"(uint lane_of_warp(void) {
    return thread_of_block() & 31;
}
)"},
        {"threads_of_block", {}, R"(uint threads_of_block(void) {
    return get_local_size(0) * get_local_size(1) * get_local_size(2);
}
)"},
        {"any_of_block", {"thread_of_block"}, R"(bool any_of_block(local uint* cells, bool holds) {
    if (thread_of_block() == 0) cells[0] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (holds) cells[0] = 1;
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    bool any = cells[0] != 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    return any;
}
)"},
        {"count_of_block", {"thread_of_block"}, R"(int count_of_block(local uint* cells, bool holds) {
    if (thread_of_block() == 0) cells[0] = 0;
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    if (holds) atomic_inc(&cells[0]);
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    int count = cells[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return count;
}
)"},
        {"shuffle_uint",
         {"thread_of_block", "threads_of_block"},
         R"(uint shuffle_uint(local uint* cells, uint value, uint lane) {
    uint thread = thread_of_block();
    uint from = (thread & ~31u) + lane;
    cells[thread] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    uint theirs = from < threads_of_block() ? cells[from] : value;
    barrier(CLK_LOCAL_MEM_FENCE);
    return theirs;
}
)"},
        {"shuffle_ulong",
         {"thread_of_block", "threads_of_block"},
         R"(ulong shuffle_ulong(local ulong* cells, ulong value, uint lane) {
    uint thread = thread_of_block();
    uint from = (thread & ~31u) + lane;
    cells[thread] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    ulong theirs = from < threads_of_block() ? cells[from] : value;
    barrier(CLK_LOCAL_MEM_FENCE);
    return theirs;
}
)"},
        {"lane_at", {"lane_of_warp"}, R"(uint lane_at(int lane, int width) {
    return (lane_of_warp() & ~(width - 1)) | (lane & (width - 1));
}
)"},
        {"lane_above", {"lane_of_warp"}, R"(uint lane_above(int distance, int width) {
    uint lane = lane_of_warp();
    uint from = lane + (distance & 31);
    return from <= (lane | (width - 1)) ? from : lane;
}
)"},
        {"lane_below", {"lane_of_warp"}, R"(uint lane_below(int distance, int width) {
    int lane = lane_of_warp();
    int from = lane - (distance & 31);
    return from >= (lane & ~(width - 1)) ? from : lane;
}
)"},
        {"lane_across", {"lane_of_warp"}, R"(uint lane_across(int mask, int width) {
    uint lane = lane_of_warp();
    uint from = lane ^ (mask & 31);
    return from <= (lane | (width - 1)) ? from : lane;
}
)"},
        {"ballot", {"thread_of_block", "threads_of_block"}, R"(uint ballot(local uint* cells, bool vote) {
    uint thread = thread_of_block();
    uint first = thread & ~31u;
    uint lanes = min(threads_of_block() - first, 32u);
    cells[thread] = vote;
    barrier(CLK_LOCAL_MEM_FENCE);
    uint bits = 0;
    for (uint lane = 0; lane < lanes; lane++) bits |= cells[first + lane] << lane;
    barrier(CLK_LOCAL_MEM_FENCE);
    return bits;
}
)"},
        {"match_uint", {"ballot"}, R"(uint match_uint(local uint* cells, bool active, uint mask, uint value) {
    uint present = ballot(cells, active) & mask;
    uint thread = thread_of_block();
    cells[thread] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    uint equal = 0;
    for (uint lane = 0; lane < 32; lane++)
        if ((present >> lane & 1) != 0 && cells[(thread & ~31u) + lane] == value) equal |= 1u << lane;
    barrier(CLK_LOCAL_MEM_FENCE);
    return equal;
}
)"},
        {"match_ulong",
         {"ballot"},
         R"(uint match_ulong(local ulong* cells, bool active, uint mask, ulong value) {
    uint present = ballot((local uint*)cells, active) & mask;
    uint thread = thread_of_block();
    cells[thread] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    uint equal = 0;
    for (uint lane = 0; lane < 32; lane++)
        if ((present >> lane & 1) != 0 && cells[(thread & ~31u) + lane] == value) equal |= 1u << lane;
    barrier(CLK_LOCAL_MEM_FENCE);
    return equal;
}
)"},
        {"reverse_bits_uint", {}, R"(uint reverse_bits_uint(uint x) {
    x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
    x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
    x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
    return as_uint(as_uchar4(x).wzyx);
}
)"},
        {"reverse_bits_ulong", {"reverse_bits_uint"}, R"(ulong reverse_bits_ulong(ulong x) {
    return (ulong)reverse_bits_uint((uint)x) << 32 | reverse_bits_uint((uint)(x >> 32));
}
)"},
        // What memory is accessed as that is accessed as other types too.
        {"aliased_short", {}, "typedef short aliased_short __attribute__((may_alias));\n"},
        {"aliased_ushort", {}, "typedef ushort aliased_ushort __attribute__((may_alias));\n"},
        {"aliased_int", {}, "typedef int aliased_int __attribute__((may_alias));\n"},
        {"aliased_uint", {}, "typedef uint aliased_uint __attribute__((may_alias));\n"},
        {"aliased_long", {}, "typedef long aliased_long __attribute__((may_alias));\n"},
        {"aliased_ulong", {}, "typedef ulong aliased_ulong __attribute__((may_alias));\n"},
        {"aliased_float", {}, "typedef float aliased_float __attribute__((may_alias));\n"},
        {"aliased_double", {}, "typedef double aliased_double __attribute__((may_alias));\n"},
        {"round_to_half", {"aliased_ushort"}, R"(float round_to_half(float x) {
    aliased_ushort bits;
    vstore_half_rte(x, 0, (half*)&bits);
    return vload_half(0, (half*)&bits);
}
)"},
        {"round_double_to_half", {"aliased_ushort"}, R"(float round_double_to_half(double x) {
    aliased_ushort bits;
    vstore_half_rte(x, 0, (half*)&bits);
    return vload_half(0, (half*)&bits);
}
)"},
        {"bits_of_half", {"aliased_ushort"}, R"(ushort bits_of_half(float x) {
    aliased_ushort bits;
    vstore_half_rte(x, 0, (half*)&bits);
    return bits;
}
)"},
        {"half_of_bits", {"aliased_ushort"}, R"(float half_of_bits(ushort value) {
    aliased_ushort bits = value;
    return vload_half(0, (half*)&bits);
}
)"},
        {"fail",
         {},
         R"(void fail(global uint* messages, uint kind, uint line, ulong message, ulong file, ulong function) {
    if (atomic_cmpxchg(&messages[0], 0, kind) != 0) return;
    messages[1] = line;
    messages[2] = (uint)message;
    messages[3] = (uint)(message >> 32);
    messages[4] = (uint)file;
    messages[5] = (uint)(file >> 32);
    messages[6] = (uint)function;
    messages[7] = (uint)(function >> 32);
    for (uint i = 0; i < 3; i++) {
        messages[8 + i] = get_group_id(i);
        messages[11 + i] = get_local_id(i);
    }
}
)"},
        {"print", {}, R"(void print(global uint* messages, ulong format, const void* arguments, uint bytes) {
    uint size = 16 + (bytes + 7) / 8 * 8;
    uint at = atomic_add(&messages[14], size);
    if (at + size > messages[15] || at + size < at) return;
    global uint* record = messages + 16 + at / 4;
    record[0] = size;
    record[1] = bytes;
    record[2] = (uint)format;
    record[3] = (uint)(format >> 32);
    for (uint i = 0; i < bytes; i++) ((global uchar*)(record + 4))[i] = ((const uchar*)arguments)[i];
}
)"},
        {"clock64", {}, R"(long clock64(void) {
#ifdef __NV_CL_C_VERSION
    long now;
    asm volatile("mov.u64 %0, %%clock64;" : "=l"(now));
    return now;
#elif defined(__has_builtin) && __has_builtin(__builtin_readcyclecounter)
    return __builtin_readcyclecounter();
#else
    return 0;
#endif
}
)"},
        {"globaltimer", {"clock64"}, R"(long globaltimer(void) {
#ifdef __NV_CL_C_VERSION
    long now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    return now;
#else
    return clock64();
#endif
}
)"},
        {"minimum_float", {}, R"(float minimum_float(float a, float b) {
    return isnan(a) || isnan(b) ? NAN : a == b ? as_float(as_uint(a) | as_uint(b)) : a < b ? a : b;
}
)"},
        {"maximum_float", {}, R"(float maximum_float(float a, float b) {
    return isnan(a) || isnan(b) ? NAN : a == b ? as_float(as_uint(a) & as_uint(b)) : a > b ? a : b;
}
)"},
        {"minimum_double", {}, R"(double minimum_double(double a, double b) {
    return isnan(a) || isnan(b) ? (double)NAN : a == b ? as_double(as_ulong(a) | as_ulong(b)) : a < b ? a : b;
}
)"},
        {"maximum_double", {}, R"(double maximum_double(double a, double b) {
    return isnan(a) || isnan(b) ? (double)NAN : a == b ? as_double(as_ulong(a) & as_ulong(b)) : a > b ? a : b;
}
)"},
    };
    return helpers;
}

// Functions in the place of several: {T} a type, {U} the unsigned integer type of its width, {F} "atomic" or
// "atom" by that width, {space} a memory.
const std::vector<Helper>& patterns() {
    static const std::vector<Helper> helpers = {
        {"reduce_{K}",
         {"ballot"},
         R"({T} reduce_{K}(local uint* cells, bool active, uint mask, {T} value) {
    uint present = ballot(cells, active) & mask;
    uint thread = thread_of_block();
    cells[thread] = as_uint(value);
    barrier(CLK_LOCAL_MEM_FENCE);
    {T} total = value;
    bool is_first = true;
    for (uint lane = 0; lane < 32; lane++) {
        if ((present >> lane & 1) == 0) continue;
        {T} a = as_{T}(cells[(thread & ~31u) + lane]);
        total = is_first ? a : {O};
        is_first = false;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    return total;
}
)"},
        {"atomic_{K}_{T}_{space}",
         {},
         R"({T} atomic_{K}_{T}_{space}(volatile {space} {T}* place, {T} value) {
    {U} before = *(volatile {space} {U}*)place;
    while (true) {
        {T} a = as_{T}(before);
        {U} found = {F}_cmpxchg((volatile {space} {U}*)place, before, as_{U}({O}));
        if (found == before) return a;
        before = found;
    }
}
)"},
        {"atomic_{K}_small_{T}_{space}",
         {},
         R"({T} atomic_{K}_small_{T}_{space}(volatile {space} {T}* place, {T} value) {
    volatile {space} uint* word = (volatile {space} uint*)((ulong)place & ~3ul);
    uint shift = ((uint)(ulong)place & 3) * 8;
    uint field = ({M}) << shift;
    uint before = *word;
    while (true) {
        {T} a = ({T})(before >> shift);
        uint found = atomic_cmpxchg(word, before, (before & ~field) | ((uint)({T})({O}) << shift & field));
        if (found == before) return a;
        before = found;
    }
}
)"},
        {"compare_exchange_{T}_{space}",
         {},
         R"({T} compare_exchange_{T}_{space}(volatile {space} {T}* place, {T} expected, {T} value) {
    volatile {space} uint* word = (volatile {space} uint*)((ulong)place & ~3ul);
    uint shift = ((uint)(ulong)place & 3) * 8;
    uint field = ({M}) << shift;
    uint before = *word;
    while (true) {
        {T} a = ({T})(before >> shift);
        if (a != expected) return a;
        uint found = atomic_cmpxchg(word, before, (before & ~field) | ((uint)value << shift & field));
        if (found == before) return a;
        before = found;
    }
}
)"},
        {"to_{T}_{S}",
         {},
         R"({T} to_{T}_{S}({S} x) {
    return isnan(x) ? 0 : convert_{T}_sat(x);
}
)"},
        {"funnel_left_{T}",
         {},
         R"({T} funnel_left_{T}({T} high, {T} low, {T} count) {
    {T} width = sizeof({T}) * 8;
    count %= width;
    return count == 0 ? high : ({T})(high << count | low >> (width - count));
}
)"},
        {"funnel_right_{T}",
         {},
         R"({T} funnel_right_{T}({T} high, {T} low, {T} count) {
    {T} width = sizeof({T}) * 8;
    count %= width;
    return count == 0 ? low : ({T})(high << (width - count) | low >> count);
}
)"},
        {"load_{T}",
         {},
         R"({T} load_{T}(ulong place) {
    if (place >> 62 == 1) return *(local {A}*)(place ^ 1ul << 62);
    if (place >> 62 == 2) return *({A}*)(place ^ 2ul << 62);
    return *(global {A}*)place;
}
)"},
        {"store_{T}",
         {},
         R"(void store_{T}(ulong place, {T} value) {
    if (place >> 62 == 1)
        *(local {A}*)(place ^ 1ul << 62) = value;
    else if (place >> 62 == 2)
        *({A}*)(place ^ 2ul << 62) = value;
    else
        *(global {A}*)place = value;
}
)"},
    };
    return helpers;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

// What an operation makes of `a`, which is there, and `value`.
std::string_view operation_of(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> operations{{
        {"add", "a + value"},
        {"sub", "a - value"},
        {"and", "a & value"},
        {"or", "a | value"},
        {"xor", "a ^ value"},
        {"nand", "~(a & value)"},
        {"exchange", "value"},
        {"min", "min(a, value)"},
        {"max", "max(a, value)"},
        {"umin", "min(a, value)"},
        {"umax", "max(a, value)"},
        {"fmin", "fmin(a, value)"},
        {"fmax", "fmax(a, value)"},
        {"increment", "a >= value ? 0 : a + 1"},
        {"decrement", "a == 0 || a > value ? value : a - 1"},
        {"add_half", "0"},
    }};
    for (const auto& [known, text] : operations)
        if (known == name) return text;
    throw std::runtime_error("internal: no operation '" + std::string(name) + "'");
}

}  // namespace

void OpenClHelpers::need(const std::string& name, const std::string& definition) {
    if (names_.insert(name).second) definitions_ += definition + "\n";
}

const std::string& OpenClHelpers::use(const std::string& name) {
    const auto is_meant = [&](const Helper& helper) { return helper.name == name; };
    const std::vector<Helper>& first = has_ptx_ ? ptx_functions() : table();
    auto found = std::find_if(first.begin(), first.end(), is_meant);
    if (found == first.end()) {
        found = std::find_if(table().begin(), table().end(), is_meant);
        if (found == table().end()) throw std::runtime_error("internal: no helper '" + name + "'");
    }
    for (const std::string_view other : found->needs) use(std::string(other));
    need(name, std::string(found->text));
    return *names_.find(name);
}

const std::string& OpenClHelpers::use(const std::string& pattern, const std::string& operation,
                                      const std::string& type, const std::string& space) {
    const auto is_meant = [&](const Helper& helper) { return helper.name == pattern; };
    const std::optional<std::string> instruction =
        has_ptx_ ? ptx_instruction(pattern, operation, type) : std::nullopt;
    const std::vector<Helper>& all = instruction ? ptx_patterns() : patterns();
    const auto helper = std::find_if(all.begin(), all.end(), is_meant);
    if (helper == all.end()) throw std::runtime_error("internal: no helper '" + pattern + "'");
    const bool is_wide = type == "long" || type == "ulong" || type == "double";
    const bool is_accessed = pattern.starts_with("load_") || pattern.starts_with("store_");
    const bool is_byte = type == "char" || type == "uchar" || type == "bool";
    const std::string aliased = is_accessed && !is_byte ? use("aliased_" + type) : type;
    const auto fill = [&](std::string text) {
        replace_all(text, "{K}", operation);
        replace_all(text, "{A}", aliased);
        replace_all(text, "{T}", type);
        replace_all(text, "{U}", is_wide ? "ulong" : "uint");
        replace_all(text, "{F}", is_wide ? "atom" : "atomic");
        replace_all(text, "{M}", type == "ushort" || type == "short" ? "0xffffu" : "0xffu");
        if (instruction) {
            replace_all(text, "{I}", *instruction);
            replace_all(text, "{C}", type == "float" ? "f" : type == "double" ? "d" : "r");
            replace_all(text, "{ptx_space}", space == "local" ? "shared" : "global");
        }
        if (text.find("{O}") != std::string::npos) {
            std::string made(operation_of(operation));
            if (pattern.starts_with("reduce")) replace_all(made, "value", "total");
            replace_all(text, "{O}", made);
        }
        replace_all(text, "{space}", space);
        replace_all(text, "{S}", space);
        return text;
    };
    const std::string name = fill(pattern);
    for (const std::string_view other : helper->needs) use(fill(std::string(other)));
    need(name, fill(std::string(helper->text)));
    if (is_wide && pattern.starts_with("atomic") && !instruction) uses_int64_atomics = true;
    if (type == "double") uses_double = true;
    return *names_.find(name);
}

std::string OpenClHelpers::text() const {
    return definitions_;
}

std::set<std::string, std::less<>> opencl_reserved_words(bool has_ptx) {
    std::set<std::string, std::less<>> words = {
        "global", "local", "constant", "private", "kernel", "read_only", "write_only", "read_write",
        "uniform", "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else",
        "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict",
        "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned",
        "void", "volatile", "while", "bool", "half", "quad", "complex", "imaginary", "uchar", "ushort",
        "uint", "ulong", "size_t", "ptrdiff_t", "intptr_t", "uintptr_t", "event_t", "sampler_t", "true",
        "false", "image2d_t", "image3d_t", "pipe", "generic", "vec_step", "as_int", "as_uint", "as_float",
        "as_long", "as_ulong", "as_double",
        // functions that printed code calls
        "abs", "min", "max", "fma", "mad", "sqrt", "fabs", "floor", "ceil", "trunc", "rint", "round",
        "copysign", "fmin", "fmax", "popcount", "clz", "rotate", "mul_hi", "add_sat", "sub_sat", "barrier",
        "mem_fence", "isnan", "isinf", "isfinite", "isnormal", "isunordered", "islessgreater", "signbit",
        "fmod", "remainder", "nextafter", "fdim", "logb", "ldexp", "ilogb", "sin", "cos", "tan", "exp", "log",
        "pow", "select", "vload4", "vstore4", "printf", "print", "fail", "NAN", "INFINITY", "NULL", "globals",
        "messages", "dynamic_shared", "dynamic_shared_bytes", "exchange", "M_PI", "shuffle", "shuffle2",
        "step", "smoothstep", "mix", "clamp", "length", "distance", "dot", "cross", "normalize", "any", "all",
        "sign", "degrees", "radians", "erf", "erfc", "tgamma", "lgamma", "cbrt", "hypot", "acos", "asin",
        "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "expm1", "log1p", "modf", "frexp", "fract",
        "sincos", "sinpi", "cospi", "tanpi", "rsqrt", "rootn", "pown", "powr", "remquo", "maxmag", "minmag",
        "nan", "hadd", "rhadd", "mad24", "mul24", "mad_hi", "mad_sat", "upsample", "abs_diff", "ctz",
        "prefetch", "isequal", "isless", "isgreater", "bitselect", "vload2", "vload8", "vstore2", "vstore8",
        "vload_half", "vstore_half", "get_global_id", "get_local_id", "get_group_id", "work_group_all",
        "work_group_any", "main", "log2", "log10", "exp2", "exp10", "atan2"};
    for (const Helper& helper : table()) words.insert(std::string(helper.name));
    if (has_ptx) {
        words.insert("asm");
        for (const Helper& function : ptx_functions()) words.insert(std::string(function.name));
    }
    for (const char* operation : {"add", "min", "max", "umin", "umax", "and", "or", "xor"})
        words.insert(std::string("reduce_") + operation);
    for (const char* type :
         {"char", "uchar", "short", "ushort", "int", "uint", "long", "ulong", "half", "float", "double"})
        for (const char* lanes : {"2", "3", "4", "8", "16"}) words.insert(std::string(type) + lanes);
    return words;
}

}  // namespace heddle::compiler
