// `heddle compile`: CUDA C++ source in; a package that holds every target, or one target's readable text,
// out.
#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <heddle/compiler.h>
#include <heddle/error.h>

#include "argument.h"
#include "compile_options.h"
#include "file.h"
#include "progress.h"
#include "subcommands.h"
#include "table.h"
#include "usage_error.h"

namespace heddle::tool {

namespace {

struct Options {
    std::filesystem::path file;
    std::filesystem::path output;
    std::string targets = "all";
    std::string emit;
    CompileOptions compile;
};

std::vector<std::string> split_list(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = text.find(',', begin);
        const std::string part = text.substr(begin, end == std::string::npos ? end : end - begin);
        if (part.empty())
            throw UsageError(fmt::format("--targets {}: an empty name; give e.g. simd,scalar, or all", text));
        parts.push_back(part);
        if (end == std::string::npos) return parts;
        begin = end + 1;
    }
}

std::string read_source(const std::filesystem::path& path) {
    require_readable_file(path, "source file");
    const std::vector<std::byte> bytes = read_file(path);
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("PK\x03\x04"))
        throw UsageError(
            fmt::format("'{}' is a package already; compile takes CUDA C++ source", path.string()));
    return text;
}

const char* access_name(Access access) {
    switch (access) {
        case Access::none:
            return "none";
        case Access::read:
            return "read";
        case Access::write:
            return "write";
        case Access::read_write:
            return "read_write";
    }
    return "";
}

const char* kind_name(ParameterKind kind) {
    switch (kind) {
        case ParameterKind::scalar:
            return "scalar";
        case ParameterKind::pointer:
            return "pointer";
        case ParameterKind::structure:
            return "structure";
    }
    return "";
}

nlohmann::ordered_json to_json(const KernelInfo& kernel) {
    auto arguments = nlohmann::ordered_json::array();
    for (const Parameter& parameter : kernel.parameters) {
        arguments.push_back({{"name", parameter.name},
                             {"kind", kind_name(parameter.kind)},
                             {"type", nullptr},
                             {"bytes", parameter.bytes},
                             {"offset", parameter.offset},
                             {"access", access_name(parameter.access)}});
        if (parameter.type) arguments.back()["type"] = name(*parameter.type);
    }
    return {{"name", kernel.name},
            {"symbol", kernel.symbol},
            {"arguments", arguments},
            {"static_shared_bytes", kernel.static_shared_bytes},
            {"uses_dynamic_shared", kernel.uses_dynamic_shared},
            {"uses_barriers", kernel.uses_barriers},
            {"max_threads", kernel.max_threads},
            {"grid_parts", kernel.grid_part_offset.has_value()},
            {"features", kernel.features}};
}

void describe_package(Context& context, const CompiledPackage& compiled) {
    auto& document = context.document;
    for (const KernelInfo& kernel : compiled.package.kernels) document["kernels"].push_back(to_json(kernel));
    for (const Payload& payload : compiled.package.payloads)
        document["targets"].push_back(
            {{"target", payload.target}, {"variant", payload.variant}, {"bytes", payload.data.size()}});
    for (const TargetDiagnostic& diagnostic : compiled.package.diagnostics)
        document["diagnostics"].push_back(
            {{"target", diagnostic.target}, {"kernel", diagnostic.kernel}, {"message", diagnostic.message}});
    document["warnings"] = compiled.diagnostics;
    document["compile_ms"] = compiled.statistics.milliseconds;
}

void print_package(Context& context, const CompiledPackage& compiled, const std::filesystem::path& output,
                   std::size_t bytes) {
    const Package& package = compiled.package;
    const bool colour = context.colours_output();
    context.print(fmt::format("{}  {} in {}\n\n", output.string(), format_bytes(bytes),
                              format_milliseconds(compiled.statistics.milliseconds)));
    Table kernels({"kernel", "shared", "features"});
    for (const KernelInfo& kernel : package.kernels) {
        std::string shared = kernel.static_shared_bytes > 0 ? format_bytes(kernel.static_shared_bytes) : "";
        if (kernel.uses_dynamic_shared) shared += shared.empty() ? "dynamic" : " + dynamic";
        kernels.add({signature(kernel), shared.empty() ? "-" : shared,
                     fmt::format("{}", fmt::join(kernel.features, " "))});
    }
    context.print(kernels.text(colour) + "\n");
    Table targets({"target", "variant", "size"});
    for (const Payload& payload : package.payloads)
        targets.add({payload.target, payload.variant.empty() ? "-" : payload.variant,
                     format_bytes(payload.data.size())});
    context.print(targets.text(colour));
}

void compile_to_package(Context& context, const Options& options, const std::string& source) {
    const std::filesystem::path output =
        options.output.empty() ? std::filesystem::path(options.file.filename()).replace_extension(".heddle")
                               : options.output;
    require_writable_place(output, "-o");
    const std::vector<std::string> targets = split_list(options.targets);
    CompiledPackage compiled;
    {
        Progress progress(context);
        progress.say(fmt::format("compiling {} for {}", options.file.string(), options.targets));
        compiled = compile_package(source, options.file.string(), options.compile, targets);
    }
    describe_package(context, compiled);
    context.diagnostics(compiled.diagnostics);
    if (compiled.package.kernels.empty())
        throw UsageError(
            fmt::format("'{}' has no __global__ function to compile (a template needs --instantiate "
                        "'NAME<TYPE>')",
                        options.file.string()));
    if (compiled.package.payloads.empty())
        throw Error(ErrorCode::unsupported, "no target can express any of its kernels",
                    "compiling " + options.file.string());
    const std::vector<std::byte> bytes = compiled.package.write();
    write_file(output, bytes);
    context.document["output"] = output.string();
    context.document["bytes"] = bytes.size();
    print_package(context, compiled, output, bytes.size());
    for (const TargetDiagnostic& diagnostic : compiled.package.diagnostics)
        context.note(fmt::format("{} cannot express '{}': {}", diagnostic.target, diagnostic.kernel,
                                 diagnostic.message));
}

void run_compile(Context& context, const Options& options) {
    context.start("compile");
    context.document["file"] = options.file.string();
    for (const char* list : {"kernels", "targets", "diagnostics"})
        context.document[list] = nlohmann::ordered_json::array();
    const std::string source = read_source(options.file);
    try {
        if (options.emit.empty()) {
            compile_to_package(context, options, source);
        } else {
            const std::string text = emit_text(source, options.file.string(), options.compile, options.emit);
            context.document["emit"] = {{"target", options.emit}, {"text", text}};
            context.print(text);
        }
    } catch (const Error& error) {
        // A target that does not exist is a wrong word on the command line; other failures are the source's.
        if (error.code() == ErrorCode::compile_failed)
            context.document["diagnostics"].push_back(
                {{"target", nullptr}, {"kernel", nullptr}, {"message", error.reason()}});
        throw;
    }
}

}  // namespace

void add_compile(CLI::App& app, Context& context) {
    CLI::App* command =
        app.add_subcommand("compile", "Compile CUDA C++ to a package that runs on every target");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "CUDA C++ source")->required()->type_name("");
    command
        ->add_option("-o,--output", options->output,
                     "The package to write (default: FILE's name with .heddle)")
        ->type_name("OUT.heddle");
    CLI::Option* targets = command
                               ->add_option("--targets", options->targets,
                                            "Targets, comma separated: simd, scalar, ir ... (default: all)")
                               ->type_name("LIST");
    command
        ->add_option("--emit", options->emit,
                     "Print one target as readable text instead: ir, simd, scalar ...")
        ->type_name("TARGET")
        ->excludes(targets);
    add_compile_options(*command, options->compile);
    command
        ->add_option("--instantiate", options->compile.instantiate,
                     "Also compile this template kernel, e.g. 'scale<float>'")
        ->type_name("KERNEL")
        ->allow_extra_args(false);
    command->add_flag("--json", context.json, "Print one JSON document");
    command->footer("Example:\n  heddle compile saxpy.cu -o saxpy.heddle --targets simd,scalar");
    command->callback([&context, options] { run_compile(context, *options); });
}

}  // namespace heddle::tool
