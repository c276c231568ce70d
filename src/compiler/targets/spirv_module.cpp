// The calls of shaderc, and edits of SPIR-V.
#include "spirv_module.h"

#include <dlfcn.h>
#include <shaderc/shaderc.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace heddle::compiler {
namespace {

constexpr std::uint32_t op_function = 54, op_decorate = 71, op_type_void = 19, op_f_add = 129, op_f_sub = 131,
                        op_f_mul = 133, decoration_no_contraction = 42;
constexpr std::size_t header_words = 5;

// The functions of libshaderc, loaded when the first shader is compiled: programs that compile for other targets
// do not pay for it, and none need it to be there.
struct Shaderc {
    decltype(&shaderc_compiler_initialize) compiler_initialize = nullptr;
    decltype(&shaderc_compiler_release) compiler_release = nullptr;
    decltype(&shaderc_compile_options_initialize) options_initialize = nullptr;
    decltype(&shaderc_compile_options_release) options_release = nullptr;
    decltype(&shaderc_compile_options_set_target_env) set_target_env = nullptr;
    decltype(&shaderc_compile_options_set_optimization_level) set_optimization_level = nullptr;
    decltype(&shaderc_compile_options_set_suppress_warnings) suppress_warnings = nullptr;
    decltype(&shaderc_compile_into_spv) compile = nullptr;
    decltype(&shaderc_result_release) result_release = nullptr;
    decltype(&shaderc_result_get_compilation_status) status = nullptr;
    decltype(&shaderc_result_get_error_message) message = nullptr;
    decltype(&shaderc_result_get_bytes) bytes = nullptr;
    decltype(&shaderc_result_get_length) length = nullptr;

    Shaderc() {
        void* library = nullptr;
        for (const char* name : {"libshaderc.so.1", "libshaderc_shared.so.1", "libshaderc.so"})
            if (library == nullptr) library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr)
            throw std::runtime_error(std::string("target 'spirv' needs libshaderc (Debian: libshaderc1): ") + dlerror());
        const auto load = [library](auto& function, const char* name) {
            function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
            if (function == nullptr) throw std::runtime_error(std::string("libshaderc has no function ") + name);
        };
        load(compiler_initialize, "shaderc_compiler_initialize");
        load(compiler_release, "shaderc_compiler_release");
        load(options_initialize, "shaderc_compile_options_initialize");
        load(options_release, "shaderc_compile_options_release");
        load(set_target_env, "shaderc_compile_options_set_target_env");
        load(set_optimization_level, "shaderc_compile_options_set_optimization_level");
        load(suppress_warnings, "shaderc_compile_options_set_suppress_warnings");
        load(compile, "shaderc_compile_into_spv");
        load(result_release, "shaderc_result_release");
        load(status, "shaderc_result_get_compilation_status");
        load(message, "shaderc_result_get_error_message");
        load(bytes, "shaderc_result_get_bytes");
        load(length, "shaderc_result_get_length");
    }
};

const Shaderc& shaderc() {
    static const Shaderc functions;
    return functions;
}

}  // namespace

std::vector<std::uint32_t> compile_shader(const std::string& text, const std::string& name) {
    const Shaderc& api = shaderc();
    const std::unique_ptr<shaderc_compiler, decltype(api.compiler_release)> compiler(api.compiler_initialize(),
                                                                                     api.compiler_release);
    const std::unique_ptr<shaderc_compile_options, decltype(api.options_release)> options(api.options_initialize(),
                                                                                          api.options_release);
    if (!compiler || !options) throw std::runtime_error("libshaderc cannot be initialised");
    api.set_target_env(options.get(), shaderc_target_env_vulkan, shaderc_env_version_vulkan_1_2);
    api.set_optimization_level(options.get(), shaderc_optimization_level_performance);
    api.suppress_warnings(options.get());
    const std::unique_ptr<shaderc_compilation_result, decltype(api.result_release)> result(
        api.compile(compiler.get(), text.data(), text.size(), shaderc_compute_shader, name.c_str(), "main",
                    options.get()),
        api.result_release);
    if (api.status(result.get()) != shaderc_compilation_status_success)
        throw std::runtime_error("internal: the shader of kernel '" + name + "' does not compile:\n" +
                                 api.message(result.get()));
    const auto* words = reinterpret_cast<const std::uint32_t*>(api.bytes(result.get()));
    return {words, words + api.length(result.get()) / sizeof(std::uint32_t)};
}

void forbid_contraction(std::vector<std::uint32_t>& module) {
    std::vector<std::uint32_t> decorations;
    std::size_t first_type = 0;
    for (std::size_t at = header_words; at < module.size(); at += std::max<std::uint32_t>(module[at] >> 16U, 1)) {
        const std::uint32_t op = module[at] & 0xffffU;
        // Decorations stand before the first type.
        if (first_type == 0 && op >= op_type_void && op < op_function) first_type = at;
        if (op != op_f_add && op != op_f_sub && op != op_f_mul) continue;
        decorations.insert(decorations.end(), {3U << 16U | op_decorate, module[at + 2], decoration_no_contraction});
    }
    module.insert(module.begin() + static_cast<std::ptrdiff_t>(first_type), decorations.begin(), decorations.end());
}

}  // namespace heddle::compiler
