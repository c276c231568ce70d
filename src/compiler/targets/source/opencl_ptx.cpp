// The table of functions with inline PTX. All of it is there from compute capability 7.0 on, where the
// threads of a warp go their own ways and each operation of a warp names those that take part.
#include "opencl_ptx.h"

#include <array>

namespace heddle::compiler {

namespace {

struct Instruction {
    std::string_view pattern, operation, type, text;
};

constexpr std::string_view shuffle = "shuffle_{K}_ulong", reduction = "reduce_{K}",
                           atomic = "atomic_{K}_{T}_{space}";

constexpr std::array<Instruction, 16> instructions{{
    {shuffle, "from", "ulong", ""},
    {shuffle, "up", "ulong", ""},
    {shuffle, "down", "ulong", ""},
    {shuffle, "across", "ulong", ""},
    {reduction, "add", "uint", "add.u32"},
    {reduction, "and", "uint", "and.b32"},
    {reduction, "or", "uint", "or.b32"},
    {reduction, "xor", "uint", "xor.b32"},
    {reduction, "min", "int", "min.s32"},
    {reduction, "max", "int", "max.s32"},
    {reduction, "umin", "uint", "min.u32"},
    {reduction, "umax", "uint", "max.u32"},
    {atomic, "add", "float", "add.f32"},
    {atomic, "add", "double", "add.f64"},
    {atomic, "increment", "uint", "inc.u32"},
    {atomic, "decrement", "uint", "dec.u32"},
}};

}  // namespace

std::optional<std::string> ptx_instruction(std::string_view pattern, std::string_view operation,
                                           std::string_view type) {
    for (const Instruction& each : instructions)
        if (each.pattern == pattern && each.operation == operation && each.type == type)
            return std::string(each.text);
    return std::nullopt;
}

const std::vector<OpenClFunction>& ptx_functions() {
    static const std::vector<OpenClFunction> functions = {
        {"lane_of_warp", {}, R"(uint lane_of_warp(void) {
    uint lane;
    asm("mov.u32 %0, %%laneid;" : "=r"(lane));
    return lane;
}
)"},
        // The last operand of a shuffle holds what a lane's number keeps of its segment, and the last lane.
        {"shuffle_from", {}, R"(uint shuffle_from(uint mask, uint value, uint lane, uint width) {
    uint theirs;
    asm volatile("shfl.sync.idx.b32 %0, %1, %2, %3, %4;"
                 : "=r"(theirs)
                 : "r"(value), "r"(lane), "r"((32 - width) << 8 | 31), "r"(mask));
    return theirs;
}
)"},
        {"shuffle_up", {}, R"(uint shuffle_up(uint mask, uint value, uint distance, uint width) {
    uint theirs;
    asm volatile("shfl.sync.up.b32 %0, %1, %2, %3, %4;"
                 : "=r"(theirs)
                 : "r"(value), "r"(distance), "r"((32 - width) << 8), "r"(mask));
    return theirs;
}
)"},
        {"shuffle_down", {}, R"(uint shuffle_down(uint mask, uint value, uint distance, uint width) {
    uint theirs;
    asm volatile("shfl.sync.down.b32 %0, %1, %2, %3, %4;"
                 : "=r"(theirs)
                 : "r"(value), "r"(distance), "r"((32 - width) << 8 | 31), "r"(mask));
    return theirs;
}
)"},
        {"shuffle_across", {}, R"(uint shuffle_across(uint mask, uint value, uint lanes, uint width) {
    uint theirs;
    asm volatile("shfl.sync.bfly.b32 %0, %1, %2, %3, %4;"
                 : "=r"(theirs)
                 : "r"(value), "r"(lanes), "r"((32 - width) << 8 | 31), "r"(mask));
    return theirs;
}
)"},
        {"ballot", {}, R"(uint ballot(uint mask, bool vote) {
    uint bits;
    asm volatile("{ .reg .pred p; setp.ne.u32 p, %1, 0; vote.sync.ballot.b32 %0, p, %2; }"
                 : "=r"(bits)
                 : "r"((uint)vote), "r"(mask));
    return bits;
}
)"},
        {"active_lanes", {}, R"(uint active_lanes(void) {
    uint lanes;
    asm volatile("activemask.b32 %0;" : "=r"(lanes));
    return lanes;
}
)"},
        {"match_any_uint", {}, R"(uint match_any_uint(uint mask, uint value) {
    uint lanes;
    asm volatile("match.any.sync.b32 %0, %1, %2;" : "=r"(lanes) : "r"(value), "r"(mask));
    return lanes;
}
)"},
        {"match_any_ulong", {}, R"(uint match_any_ulong(uint mask, ulong value) {
    uint lanes;
    asm volatile("match.any.sync.b64 %0, %1, %2;" : "=r"(lanes) : "l"(value), "r"(mask));
    return lanes;
}
)"},
        {"match_all_uint", {}, R"(uint match_all_uint(uint mask, uint value) {
    uint lanes;
    asm volatile("{ .reg .pred p; match.all.sync.b32 %0|p, %1, %2; }" : "=r"(lanes) : "r"(value), "r"(mask));
    return lanes;
}
)"},
        {"match_all_ulong", {}, R"(uint match_all_ulong(uint mask, ulong value) {
    uint lanes;
    asm volatile("{ .reg .pred p; match.all.sync.b64 %0|p, %1, %2; }" : "=r"(lanes) : "l"(value), "r"(mask));
    return lanes;
}
)"},
        {"warp_barrier", {}, R"(void warp_barrier(uint mask) {
    asm volatile("bar.warp.sync %0;" : : "r"(mask) : "memory");
}
)"},
        // Threads may come to these one by one, from wherever they are: no ".aligned".
        {"block_barrier", {}, R"(void block_barrier(void) {
    asm volatile("barrier.sync 0;" : : : "memory");
}
)"},
        {"count_of_block", {}, R"(int count_of_block(bool holds) {
    int count;
    asm volatile("{ .reg .pred p; setp.ne.u32 p, %1, 0; barrier.red.popc.u32 %0, 0, p; }"
                 : "=r"(count)
                 : "r"((uint)holds)
                 : "memory");
    return count;
}
)"},
        {"any_of_block", {"count_of_block"}, R"(bool any_of_block(bool holds) {
    return count_of_block(holds) != 0;
}
)"},
        {"all_of_block", {"count_of_block"}, R"(bool all_of_block(bool holds) {
    return count_of_block(!holds) == 0;
}
)"},
        {"fence_block", {}, R"(void fence_block(void) {
    asm volatile("membar.cta;" : : : "memory");
}
)"},
        {"fence_device", {}, R"(void fence_device(void) {
    asm volatile("membar.gl;" : : : "memory");
}
)"},
        {"fence_system", {}, R"(void fence_system(void) {
    asm volatile("membar.sys;" : : : "memory");
}
)"},
        {"pause_thread", {}, R"(void pause_thread(uint nanoseconds) {
    asm volatile("nanosleep.u32 %0;" : : "r"(nanoseconds));
}
)"},
        {"clock64", {}, R"(long clock64(void) {
    long now;
    asm volatile("mov.u64 %0, %%clock64;" : "=l"(now));
    return now;
}
)"},
        {"globaltimer", {}, R"(long globaltimer(void) {
    long now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    return now;
}
)"},
        {"reverse_bits_uint", {}, R"(uint reverse_bits_uint(uint x) {
    uint reversed;
    asm("brev.b32 %0, %1;" : "=r"(reversed) : "r"(x));
    return reversed;
}
)"},
        {"reverse_bits_ulong", {}, R"(ulong reverse_bits_ulong(ulong x) {
    ulong reversed;
    asm("brev.b64 %0, %1;" : "=l"(reversed) : "l"(x));
    return reversed;
}
)"},
        // CUDA's fast functions are these instructions.
        {"fast_sin", {}, R"(float fast_sin(float x) {
    float y;
    asm("sin.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
)"},
        {"fast_cos", {}, R"(float fast_cos(float x) {
    float y;
    asm("cos.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
)"},
        {"fast_tan", {"fast_sin", "fast_cos", "fast_divide"}, R"(float fast_tan(float x) {
    return fast_divide(fast_sin(x), fast_cos(x));
}
)"},
        {"fast_exp2", {}, R"(float fast_exp2(float x) {
    float y;
    asm("ex2.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
)"},
        {"fast_exp", {"fast_exp2"}, R"(float fast_exp(float x) {
    return fast_exp2(x * 1.4426950408889634f);
}
)"},
        {"fast_exp10", {"fast_exp2"}, R"(float fast_exp10(float x) {
    return fast_exp2(x * 3.3219280948873623f);
}
)"},
        {"fast_log2", {}, R"(float fast_log2(float x) {
    float y;
    asm("lg2.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
)"},
        {"fast_log", {"fast_log2"}, R"(float fast_log(float x) {
    return fast_log2(x) * 0.6931471805599453f;
}
)"},
        {"fast_log10", {"fast_log2"}, R"(float fast_log10(float x) {
    return fast_log2(x) * 0.3010299956639812f;
}
)"},
        {"fast_pow", {"fast_exp2", "fast_log2"}, R"(float fast_pow(float x, float y) {
    return fast_exp2(y * fast_log2(x));
}
)"},
        {"fast_divide", {}, R"(float fast_divide(float x, float y) {
    float quotient;
    asm("div.approx.f32 %0, %1, %2;" : "=f"(quotient) : "f"(x), "f"(y));
    return quotient;
}
)"},
    };
    return functions;
}

const std::vector<OpenClFunction>& ptx_patterns() {
    static const std::vector<OpenClFunction> patterns = {
        {shuffle,
         {"shuffle_{K}"},
         R"(ulong shuffle_{K}_ulong(uint mask, ulong value, uint operand, uint width) {
    uint low = shuffle_{K}(mask, (uint)value, operand, width);
    uint high = shuffle_{K}(mask, (uint)(value >> 32), operand, width);
    return (ulong)high << 32 | low;
}
)"},
        // From compute capability 8.0 on an instruction; before, the lanes of the mask one after the other.
        {reduction,
         {"shuffle_from"},
         R"({T} reduce_{K}(uint mask, {T} value) {
#if NV_COMPUTE_CAPABILITY >= 80
    {T} total;
    asm volatile("redux.sync.{I} %0, %1, %2;" : "=r"(total) : "r"(value), "r"(mask));
#else
    {T} total = shuffle_from(mask, value, popcount(~mask & (mask - 1)), 32);
    for (uint others = mask & (mask - 1); others != 0; others &= others - 1) {
        {T} a = shuffle_from(mask, value, popcount(~others & (others - 1)), 32);
        total = {O};
    }
#endif
    return total;
}
)"},
        {atomic,
         {},
         R"({T} atomic_{K}_{T}_{space}(volatile {space} {T}* place, {T} value) {
    {T} before;
    asm volatile("atom.{ptx_space}.{I} %0, [%1], %2;"
                 : "={C}"(before)
                 : "l"((ulong)place), "{C}"(value)
                 : "memory");
    return before;
}
)"},
    };
    return patterns;
}

}  // namespace heddle::compiler
