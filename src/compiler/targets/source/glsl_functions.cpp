// Looks functions up in their tables and defines what a kernel uses.
#include "glsl_functions.h"

#include <array>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "glsl_function_tables.h"

namespace heddle::compiler {
namespace {

struct Reduction {
    std::string_view name, operation, subgroup;
};

constexpr std::array<Reduction, 8> reductions{{
    {"add", "total + other", "subgroupAdd(value)"},
    {"and", "total & other", "subgroupAnd(value)"},
    {"or", "total | other", "subgroupOr(value)"},
    {"xor", "total ^ other", "subgroupXor(value)"},
    {"umin", "min(total, other)", "subgroupMin(value)"},
    {"umax", "max(total, other)", "subgroupMax(value)"},
    {"min", "uint(min(int(total), int(other)))", "uint(subgroupMin(int(value)))"},
    {"max", "uint(max(int(total), int(other)))", "uint(subgroupMax(int(value)))"},
}};

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

const std::array<const std::vector<GlslFunction>*, 5>& tables() {
    static const std::array<const std::vector<GlslFunction>*, 5> all{&floating_functions(),
                                                                     &integer_functions(), &pair_functions(),
                                                                     &memory_functions(), &group_functions()};
    return all;
}

}  // namespace

const std::string& GlslFunctions::use(const std::string& name) {
    if (const auto known = names_.find(name); known != names_.end()) return *known;
    const auto define = [&](const GlslFunction& function, const Reduction* reduction) -> const std::string& {
        for (const std::string_view other : function.needs) use(std::string(other));
        std::string text(function.text);
        if (reduction) {
            replace_all(text, "{K}", reduction->name);
            replace_all(text, "{O}", reduction->operation);
            replace_all(text, "{S}", reduction->subgroup);
        }
        definitions_ += text + "\n";
        return *names_.insert(name).first;
    };
    if (name == "cells") return *names_.insert(name).first;  // declared with the shared arrays
    for (const auto* table : tables())
        for (const GlslFunction& function : *table) {
            if (function.name == name) return define(function, nullptr);
            if (!function.name.ends_with("{K}")) continue;
            const std::string_view stem = function.name.substr(0, function.name.size() - 3);
            for (const Reduction& reduction : reductions)
                if (name == std::string(stem) + std::string(reduction.name))
                    return define(function, &reduction);
        }
    throw std::runtime_error("internal: no function '" + name + "'");
}

std::set<std::string, std::less<>> glsl_reserved_words() {
    std::set<std::string, std::less<>> words = {
        // the language
        "attribute", "const", "uniform", "varying", "buffer", "shared", "coherent", "volatile", "restrict",
        "readonly", "writeonly", "atomic_uint", "layout", "centroid", "flat", "smooth", "noperspective",
        "patch", "sample", "invariant", "precise", "break", "continue", "do", "for", "while", "switch",
        "case", "default", "if", "else", "subroutine", "in", "out", "inout", "int", "void", "bool", "true",
        "false", "float", "double", "discard", "return", "struct", "uint", "lowp", "mediump", "highp",
        "precision", "common", "partition", "active", "asm", "class", "union", "enum", "typedef", "template",
        "this", "resource", "goto", "inline", "noinline", "public", "static", "extern", "external",
        "interface", "long", "short", "half", "fixed", "unsigned", "superp", "input", "output", "filter",
        "sizeof", "cast", "namespace", "using", "main", "nonuniformEXT", "nonprivate", "devicecoherent",
        "workgroupcoherent", "subgroupcoherent", "queuefamilycoherent", "int8_t", "uint8_t", "int16_t",
        "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t", "float16_t", "float32_t", "float64_t",
        "sampler", "texture", "image", "subpassInput", "accelerationStructureEXT", "demote",
        "terminateInvocation",
        // its functions
        "radians", "degrees", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
        "acosh", "atanh", "pow", "exp", "log", "exp2", "log2", "sqrt", "inversesqrt", "abs", "sign", "floor",
        "trunc", "round", "roundEven", "ceil", "fract", "mod", "modf", "min", "max", "clamp", "mix", "step",
        "smoothstep", "isnan", "isinf", "floatBitsToInt", "floatBitsToUint", "intBitsToFloat",
        "uintBitsToFloat", "fma", "frexp", "ldexp", "length", "distance", "dot", "cross", "normalize",
        "faceforward", "reflect", "refract", "transpose", "determinant", "inverse", "outerProduct",
        "lessThan", "equal", "any", "all", "not", "bitfieldExtract", "bitfieldInsert", "bitfieldReverse",
        "bitCount", "findLSB", "findMSB", "atomicAdd", "atomicMin", "atomicMax", "atomicAnd", "atomicOr",
        "atomicXor", "atomicExchange", "atomicCompSwap", "barrier", "memoryBarrier", "packUint2x32",
        "unpackUint2x32", "packDouble2x32", "unpackDouble2x32", "doubleBitsToUint64", "uint64BitsToDouble",
        "umulExtended", "imulExtended", "clockARB", "clockRealtimeEXT",
        // what the printed text defines
        "parameters", "Parameters", "cells", "block_x", "block_y", "block_z", "block_threads",
        "dynamic_words", "is_line", "shared_memory", "private_memory", "ADDRESS", "AT", "LOW", "HIGH",
        "ALIGNED", "NOWHERE", "LANE", "takes_part", "GLOBALS", "MESSAGES", "SHARED_BYTES", "PARAMETER",
        "BLOCK_BARRIER", "BLOCK_FENCE", "DEVICE_FENCE"};
    for (const char* kind :
         {"", "b", "i", "u", "d", "f16", "f32", "f64", "i8", "u8", "i16", "u16", "i64", "u64"})
        for (const char* lanes : {"2", "3", "4"}) words.insert(std::string(kind) + "vec" + lanes);
    for (const char* size : {"2", "3", "4"}) words.insert(std::string("mat") + size);
    for (const auto* table : tables())
        for (const GlslFunction& function : *table) {
            if (!function.name.ends_with("{K}")) {
                words.insert(std::string(function.name));
                continue;
            }
            const std::string stem(function.name.substr(0, function.name.size() - 3));
            for (const Reduction& reduction : reductions) words.insert(stem + std::string(reduction.name));
        }
    return words;
}

}  // namespace heddle::compiler
