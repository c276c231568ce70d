// Keys, dependencies and calls of the compiler; see docs/design/cache.md for what makes a key.
#include "compilation.h"

#include <sys/stat.h>
#include <ctime>
#include <filesystem>
#include <optional>
#include <utility>

#include <heddle/error.h>
#include <heddle/version.h>

#include "cache.h"
#include "compiler_loader.h"
#include "log.h"
#include "package_format.h"
#include "trace.h"

namespace heddle::runtime {

namespace {

namespace fs = std::filesystem;

// Relative paths mean other files in another working directory.
std::string absolute_text(const fs::path& path) {
    std::error_code code;
    const fs::path result = fs::absolute(path, code);
    return code ? path.string() : result.lexically_normal().string();
}

void add(Sha256& hash, const std::vector<std::string>& list) {
    hash.field(std::uint64_t{list.size()});
    for (const std::string& text : list) hash.field(text);
}

void add(Sha256& hash, const CompilerIdentity& compiler) {
    hash.field(std::string_view(HEDDLE_VERSION));
    hash.field(compiler.path.native());
    hash.field(compiler.digest);
}

Sha256Digest front_end_key(std::string_view source, std::string_view file_name, const CompileOptions& options,
                           const CompilerIdentity& compiler) {
    Sha256 hash;
    hash.field(std::string_view("front end/1"));
    add(hash, compiler);
    hash.field(source);
    hash.field(file_name);
    hash.field(absolute_text(file_name));
    add(hash, options.defines);
    hash.field(std::uint64_t{options.include_directories.size()});
    for (const std::string& directory : options.include_directories) hash.field(absolute_text(directory));
    hash.field(options.standard);
    hash.field(std::uint64_t{options.fast_math});
    hash.field(std::uint64_t{options.check});
    hash.field(std::uint64_t{options.grid_parts});
    add(hash, options.instantiate);
    return hash.finish();
}

// Nanoseconds of the clock that file systems stamp changes with.
std::int64_t file_clock_now() {
    std::timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

bool is_changed_since(const fs::path& path, std::int64_t start) {
    struct ::stat info{};
    if (::stat(path.c_str(), &info) != 0) return true;
    return std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec >= start;
}

// The files behind a compilation that began at `start`. None when one cannot be vouched for: it may have
// changed after the compiler read it.
std::optional<std::vector<CacheDependency>> dependencies_of(const std::vector<std::string>& included,
                                                            std::int64_t start) {
    std::vector<CacheDependency> dependencies;
    for (const std::string& path : included) {
        auto dependency = CacheDependency::of(CacheDependency::Kind::content, path);
        if (!dependency || is_changed_since(path, start)) return std::nullopt;
        dependencies.push_back(std::move(*dependency));
    }
    for (const fs::path& path : compiler_files()) {
        auto dependency = CacheDependency::of(CacheDependency::Kind::identity, path);
        if (!dependency) return std::nullopt;
        dependencies.push_back(std::move(*dependency));
    }
    return dependencies;
}

std::optional<Package> read_cached(const std::optional<std::vector<std::byte>>& data) {
    if (!data) return std::nullopt;
    try {
        return Package::read(*data);
    } catch (const Error& error) {
        log().info("a cached package is not readable: {}", error.what());
        return std::nullopt;
    }
}

}  // namespace

FrontEndResult compile_front_end(std::string_view source, std::string_view file_name,
                                 const CompileOptions& options) {
    trace::Writer* const writer = trace::current();
    trace::Span span(writer, "compile",
                     writer != nullptr ? "front end: " + std::string(file_name) : std::string());
    const auto note = [&span](const char* origin) {
        if (span.is_on()) span.args().add("code from", origin);
    };
    const Cache cache = Cache::from_environment(options.use_cache);
    std::optional<CompilerIdentity> identity;
    Sha256Digest key{};
    if (cache.is_enabled()) {
        identity = compiler_identity();
        key = front_end_key(source, file_name, options, *identity);
        if (auto package = read_cached(cache.find(key))) {
            note("cache");
            return {std::move(*package), {}, true};
        }
    }
    note("compiler");
    compiler::Compiler& compiler = load_compiler();
    const std::int64_t start = file_clock_now();
    compiler::SourceResult result =
        compiler.compile_source({std::string(source), std::string(file_name), options});
    if (!result.ok) throw Error(ErrorCode::compile_failed, std::move(result.diagnostics));
    if (identity && *identity == compiler_identity()) {
        if (const auto dependencies = dependencies_of(result.dependencies, start)) {
            cache.store(key, *dependencies, write_package(result.package, Compression::store));
        }
    }
    return {std::move(result.package), std::move(result.diagnostics), false};
}

CodeResult compile_kernel(const CodeRequest& request) {
    trace::Writer* const writer = trace::current();
    trace::Span span(writer, "compile", writer != nullptr ? "compile " + request.kernel : std::string());
    const auto note = [&](const char* origin) {
        if (!span.is_on()) return;
        span.args().add("code from", origin).add("target", request.target).add("variant", request.variant);
    };
    // "native" means another thing on another machine, and cache directories travel.
    const Cache cache = Cache::from_environment(request.use_cache && request.variant != "native");
    std::optional<CompilerIdentity> identity;
    Sha256Digest key{};
    if (cache.is_enabled()) {
        identity = compiler_identity();
        Sha256 hash;
        hash.field(std::string_view("kernel/1"));
        add(hash, *identity);
        hash.field(request.ir);
        hash.field(request.target);
        hash.field(request.variant);
        hash.field(request.kernel);
        hash.field(std::uint64_t{request.check});
        key = hash.finish();
        if (auto code = cache.find(key)) {
            note("cache");
            return {std::move(*code), true};
        }
    }
    note("compiler");
    compiler::TargetResult result = load_compiler().compile_target(
        {request.ir, request.target, request.variant, {request.kernel}, request.check, false});
    const std::string operation = "compiling '" + request.kernel + "' for " + request.target;
    for (const TargetDiagnostic& diagnostic : result.unsupported) {
        if (diagnostic.kernel == request.kernel)
            throw Error(ErrorCode::unsupported, diagnostic.message, operation);
    }
    if (!result.ok) throw Error(ErrorCode::compile_failed, std::move(result.diagnostics), operation);
    if (identity && *identity == compiler_identity()) {
        if (const auto dependencies = dependencies_of({}, 0)) cache.store(key, *dependencies, result.payload);
    }
    return {std::move(result.payload), false};
}

}  // namespace heddle::runtime
