// compile_package() and emit_text(): one source for several targets, without a device.
#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include <heddle/compiler.h>
#include <heddle/error.h>

#include "compilation.h"
#include "compiler_loader.h"

namespace heddle {

namespace {

using compiler::TargetVariant;

std::string text_of(const TargetVariant& target) {
    return target.variant.empty() ? target.target : target.target + ":" + target.variant;
}

std::vector<TargetVariant> offered_targets() {
    std::vector<TargetVariant> offered = runtime::load_compiler().targets();
    const bool has_ir =
        std::any_of(offered.begin(), offered.end(), [](const auto& t) { return t.target == "ir"; });
    if (!has_ir) offered.push_back({"ir", ""});
    return offered;
}

[[noreturn]] void refuse_target(std::string_view name, const std::vector<TargetVariant>& offered) {
    std::string reason = "there is no target '" + std::string(name) + "'; there are:";
    for (const TargetVariant& target : offered) reason += " " + text_of(target);
    throw Error(ErrorCode::unsupported, reason, "compiling");
}

// What a name stands for, in the order offered; `name` is a target or target:variant.
std::vector<TargetVariant> resolve(std::string_view name, const std::vector<TargetVariant>& offered) {
    std::vector<TargetVariant> chosen;
    for (const TargetVariant& target : offered) {
        // Another processor family's code is an extra: only its name, or "all", brings it.
        const bool is_extra = target.variant.starts_with("aarch64");
        if (text_of(target) == name || (target.target == name && !is_extra)) chosen.push_back(target);
    }
    if (chosen.empty()) {
        // "simd:native" and the like: the compiler may take a variant that it does not list.
        const std::size_t colon = name.find(':');
        const std::string_view target = name.substr(0, colon);
        const bool is_known =
            std::any_of(offered.begin(), offered.end(), [&](const auto& t) { return t.target == target; });
        if (!is_known) refuse_target(name, offered);
        if (colon != std::string_view::npos) {
            chosen.push_back({std::string(target), std::string(name.substr(colon + 1))});
        } else {
            std::copy_if(offered.begin(), offered.end(), std::back_inserter(chosen),
                         [&](const auto& t) { return t.target == target; });
        }
    }
    return chosen;
}

struct Wanted {
    TargetVariant target;
    bool is_named = false;  // asked for by name rather than by "all"
};

std::vector<Wanted> wanted_targets(std::span<const std::string> names,
                                   const std::vector<TargetVariant>& offered) {
    std::vector<Wanted> wanted;
    const auto want = [&](const TargetVariant& target, bool is_named) {
        for (Wanted& present : wanted) {
            if (present.target.target == target.target && present.target.variant == target.variant) {
                present.is_named = present.is_named || is_named;
                return;
            }
        }
        wanted.push_back({target, is_named});
    };
    for (const std::string& name : names) {
        if (name == "all") {
            for (const TargetVariant& target : offered) want(target, false);
        } else {
            // A target named without a variant is there when one of its variants is.
            for (const TargetVariant& target : resolve(name, offered))
                want(target, text_of(target) == name || name.find(':') != name.npos);
        }
    }
    return wanted;
}

// A kernel that a target named by the caller has in no variant is an error.
void check_families(const Package& package, std::span<const std::string> names,
                    const std::vector<Wanted>& wanted) {
    for (const std::string& name : names) {
        const auto variants = std::count_if(wanted.begin(), wanted.end(),
                                            [&](const Wanted& each) { return each.target.target == name; });
        std::map<std::string, std::vector<const TargetDiagnostic*>> refused;
        for (const TargetDiagnostic& diagnostic : package.diagnostics)
            if (diagnostic.target.substr(0, diagnostic.target.find(':')) == name)
                refused[diagnostic.kernel].push_back(&diagnostic);
        for (const auto& [kernel, diagnostics] : refused)
            if (std::ssize(diagnostics) == variants)
                throw Error(ErrorCode::unsupported, diagnostics.front()->message,
                            "compiling '" + kernel + "' for " + diagnostics.front()->target);
    }
}

void check_options(const CompileOptions& options) {
    if (options.check) {
        throw Error(ErrorCode::invalid_argument,
                    "checked code is made when a program is loaded, not ahead of time", "compiling");
    }
}

// Adds one target's payload and diagnostics to the package.
void add_target(Package& package, std::span<const std::byte> ir, const Wanted& wanted) {
    const std::string target = text_of(wanted.target);
    compiler::TargetResult result = runtime::load_compiler().compile_target(
        {ir, wanted.target.target, wanted.target.variant, {}, false, false});
    for (TargetDiagnostic& diagnostic : result.unsupported) {
        if (wanted.is_named) {
            throw Error(ErrorCode::unsupported, diagnostic.message,
                        "compiling '" + diagnostic.kernel + "' for " + target);
        }
        diagnostic.target = target;
        package.diagnostics.push_back(std::move(diagnostic));
    }
    if (!result.ok) {
        if (wanted.is_named || result.unsupported.empty()) {
            throw Error(ErrorCode::compile_failed, std::move(result.diagnostics), "compiling for " + target);
        }
        return;
    }
    package.payloads.push_back({wanted.target.target, wanted.target.variant, std::move(result.payload)});
}

}  // namespace

CompiledPackage compile_package(std::string_view source, std::string_view file_name,
                                const CompileOptions& options, std::span<const std::string> targets) {
    const auto start = std::chrono::steady_clock::now();
    check_options(options);
    if (targets.empty())
        throw Error(ErrorCode::invalid_argument, "the list of targets is empty", "compiling");
    std::vector<Wanted> wanted = wanted_targets(targets, offered_targets());
    if (options.allow_missing_kernels)
        for (Wanted& each : wanted) each.is_named = false;
    runtime::FrontEndResult front = runtime::compile_front_end(source, file_name, options);
    CompiledPackage result;
    result.diagnostics = std::move(front.diagnostics);
    result.package = std::move(front.package);
    std::vector<Payload> made = std::exchange(result.package.payloads, {});
    const auto ir =
        std::find_if(made.begin(), made.end(), [](const Payload& payload) { return payload.target == "ir"; });
    if (ir == made.end()) throw Error(ErrorCode::internal, "the front end gave no Kernel IR", "compiling");
    const std::vector<std::byte> bytes = ir->data;
    for (const Wanted& each : wanted) {
        if (each.target.target == "ir") {
            result.package.payloads.push_back(std::move(*ir));
        } else {
            add_target(result.package, bytes, each);
        }
    }
    if (!options.allow_missing_kernels) check_families(result.package, targets, wanted);
    result.statistics.origin = CompileStatistics::Origin::compiled;
    result.statistics.milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return result;
}

std::string emit_text(std::string_view source, std::string_view file_name, const CompileOptions& options,
                      std::string_view target) {
    check_options(options);
    const std::vector<TargetVariant> resolved = resolve(target, offered_targets());
    // Of several variants, the one that most machines run best.
    const auto usual = std::find_if(resolved.begin(), resolved.end(),
                                    [](const auto& t) { return t.variant == "x86-64-v3"; });
    const TargetVariant& chosen = usual == resolved.end() ? resolved.front() : *usual;
    const runtime::FrontEndResult front = runtime::compile_front_end(source, file_name, options);
    const Payload* ir = front.package.find("ir", "");
    if (ir == nullptr) throw Error(ErrorCode::internal, "the front end gave no Kernel IR", "compiling");
    const compiler::TargetResult result =
        runtime::load_compiler().compile_target({ir->data, chosen.target, chosen.variant, {}, false, true});
    if (!result.unsupported.empty()) {
        const TargetDiagnostic& first = result.unsupported.front();
        throw Error(ErrorCode::unsupported, first.message,
                    "compiling '" + first.kernel + "' for " + text_of(chosen));
    }
    if (!result.ok)
        throw Error(ErrorCode::compile_failed, result.diagnostics, "compiling for " + text_of(chosen));
    return {reinterpret_cast<const char*>(result.payload.data()), result.payload.size()};
}

std::vector<std::string> available_targets() {
    std::vector<std::string> names;
    for (const TargetVariant& target : offered_targets()) {
        if (std::find(names.begin(), names.end(), target.target) == names.end())
            names.push_back(target.target);
        if (!target.variant.empty()) names.push_back(text_of(target));
    }
    return names;
}

}  // namespace heddle
