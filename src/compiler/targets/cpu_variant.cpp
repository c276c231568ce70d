// The table of CPU levels.
#include "cpu_variant.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/TargetParser/Host.h>

namespace heddle::compiler {
namespace {

CpuVariant x86(std::string name, std::string cpu, std::string features, unsigned level) {
    CpuVariant variant;
    variant.name = std::move(name);
    variant.triple = "x86_64-unknown-linux-gnu";
    variant.cpu = std::move(cpu);
    variant.features = std::move(features);
    variant.vector_bytes = level >= 4 ? 64 : level == 3 ? 32 : 16;
    variant.has_fma = variant.has_gather = variant.has_half = variant.has_masked_memory = level >= 3;
    variant.has_scatter = variant.has_permute = level >= 4;
    return variant;
}

CpuVariant aarch64() {
    CpuVariant variant;
    variant.name = "aarch64";
    variant.triple = "aarch64-unknown-linux-gnu";
    variant.cpu = "generic";
    variant.features = "+neon";
    variant.has_fma = variant.has_half = true;
    variant.is_x86 = false;
    return variant;
}

CpuVariant native() {
    if (!llvm::sys::getProcessTriple().starts_with("x86_64")) return aarch64();
    const llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
    const auto has = [&](std::initializer_list<const char*> names) {
        for (const char* name : names)
            if (!host.lookup(name)) return false;
        return true;
    };
    const bool v3 = has({"avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"});
    const bool v4 = v3 && has({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"});
    std::string features;
    for (const auto& feature : host) features += (feature.second ? ",+" : ",-") + feature.first().str();
    return x86("native", llvm::sys::getHostCPUName().str(), features.empty() ? features : features.substr(1),
               v4   ? 4
               : v3 ? 3
                    : 2);
}

}  // namespace

std::optional<CpuVariant> find_cpu_variant(std::string_view name) {
    if (name == "x86-64-v2") return x86("x86-64-v2", "x86-64-v2", "", 2);
    if (name == "x86-64-v3") return x86("x86-64-v3", "x86-64-v3", "", 3);
    if (name == "x86-64-v4") return x86("x86-64-v4", "x86-64-v4", "", 4);
    if (name == "aarch64") return aarch64();
    if (name == "native") return native();
    return std::nullopt;
}

const std::vector<std::string>& packaged_cpu_variants() {
    static const std::vector<std::string> variants{"x86-64-v2", "x86-64-v3", "x86-64-v4"};
    return variants;
}

}  // namespace heddle::compiler
