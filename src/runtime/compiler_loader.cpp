// The order: HEDDLE_COMPILER, then beside the file that holds this code (libheddle.so), then the default
// search path.
#include "compiler_loader.h"

#include <dlfcn.h>
#include <link.h>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <heddle/error.h>

#include "code_location.h"
#include "environment.h"
#include "file_contents.h"
#include "log.h"

namespace heddle::runtime {

namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "libheddle-compiler.so";
using Create = compiler::Compiler*();

struct Loaded {
    compiler::Compiler* compiler = nullptr;  // lives as long as the process: LLVM cannot be unloaded
    CompilerIdentity identity;
};

std::mutex& mutex() {
    static std::mutex& the_mutex = *std::make_unique<std::mutex>().release();  // see loaded()
    return the_mutex;
}

// By the path that was asked for; empty for the loader's own search. Guarded by mutex().
std::map<fs::path, Loaded>& loaded() {
    // Never destroyed: threads may still compile while the process ends.
    static auto& the_loaded = *std::make_unique<std::map<fs::path, Loaded>>().release();
    return the_loaded;
}

// Where the compiler is known to stand; empty when only the dynamic loader can tell.
fs::path known_path() {
    if (const auto path = environment::compiler()) return *path;
    static const fs::path directory =
        file_that_holds(reinterpret_cast<const void*>(&load_compiler)).parent_path();
    std::error_code code;
    if (!directory.empty() && fs::exists(directory / kLibrary, code)) return directory / kLibrary;
    return {};
}

[[noreturn]] void refuse(const std::string& reason) {
    throw Error(ErrorCode::not_found,
                std::string("compiling needs ") + kLibrary + ": " + reason +
                    "; install it beside libheddle.so, or set HEDDLE_COMPILER to its path");
}

CompilerIdentity identity_of(const fs::path& path) {
    const auto digest = file_identity(path);
    if (!digest) refuse("'" + path.string() + "' cannot be read");
    return {path, *digest};
}

const Loaded& load() {
    const fs::path path = known_path();
    if (const auto found = loaded().find(path); found != loaded().end()) return found->second;
    // RTLD_LOCAL keeps this LLVM's symbols from any other LLVM in the process.
    void* library = ::dlopen(path.empty() ? kLibrary : path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* message = ::dlerror();
        refuse(message != nullptr ? message : "it cannot be loaded");
    }
    void* symbol = ::dlsym(library, "heddle_compiler_create");
    if (symbol == nullptr)
        refuse("'" + path.string() + "' is not a compiler of Heddle (no heddle_compiler_create)");
    const fs::path file = path.empty() ? file_that_holds(symbol) : path;
    Loaded made{nullptr, identity_of(file)};
    made.compiler = reinterpret_cast<Create*>(symbol)();
    if (made.compiler == nullptr) refuse("'" + file.string() + "' could not start");
    log().debug("loaded {}, build {}", file.string(), made.compiler->build_id());
    return loaded().emplace(path, made).first->second;
}

}  // namespace

compiler::Compiler& load_compiler() {
    const std::lock_guard lock(mutex());
    return *load().compiler;
}

CompilerIdentity compiler_identity() {
    const std::lock_guard lock(mutex());
    const fs::path path = known_path();
    return path.empty() || loaded().contains(path) ? load().identity : identity_of(path);
}

std::vector<fs::path> compiler_files() {
    const std::lock_guard lock(mutex());
    std::vector<fs::path> files = {load().identity.path};
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* to) {
            const std::string_view name(info->dlpi_name != nullptr ? info->dlpi_name : "");
            const std::string_view file = name.substr(name.rfind('/') + 1);
            if (file.starts_with("libLLVM") || file.starts_with("libclang-cpp")) {
                static_cast<std::vector<fs::path>*>(to)->emplace_back(name);
            }
            return 0;
        },
        &files);
    return files;
}

}  // namespace heddle::runtime
