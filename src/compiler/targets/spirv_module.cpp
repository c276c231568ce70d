// The calls of glslang and SPIRV-Tools, and edits of SPIR-V.
#include "spirv_module.h"

#include <glslang/Include/glslang_c_interface.h>
#include <glslang/Public/resource_limits_c.h>

#include <algorithm>
#include <memory>
#include <set>
#include <spirv-tools/libspirv.hpp>
#include <spirv-tools/optimizer.hpp>
#include <stdexcept>

namespace heddle::compiler {
namespace {

constexpr std::uint32_t op_type_void = 19, op_constant = 43, op_load = 61, op_store = 62, op_function = 54,
                        op_decorate = 71, op_f_negate = 127, op_f_add = 129, op_f_sub = 131, op_f_mul = 133,
                        op_f_div = 136, decoration_no_contraction = 42;
constexpr std::uint32_t scope_workgroup = 2, access_aligned = 2, access_available = 8, access_visible = 16;
constexpr std::size_t header_words = 5;
constexpr spv_target_env environment = SPV_ENV_VULKAN_1_2;

// glslang counts who uses it; nobody gives it back, so that other code in the process may go on using it.
void initialise() {
    static const bool done = glslang_initialize_process() != 0;
    if (!done) throw std::runtime_error("glslang cannot be initialised");
}

std::vector<std::uint32_t> compiled(const std::string& text, const std::string& name) {
    initialise();
    const auto refuse = [&](const char* log) {
        throw std::runtime_error("internal: the shader of kernel '" + name + "' does not compile:\n" + log);
    };
    glslang_input_t input{};
    input.language = GLSLANG_SOURCE_GLSL;
    input.stage = GLSLANG_STAGE_COMPUTE;
    input.client = GLSLANG_CLIENT_VULKAN;
    input.client_version = GLSLANG_TARGET_VULKAN_1_2;
    input.target_language = GLSLANG_TARGET_SPV;
    input.target_language_version = GLSLANG_TARGET_SPV_1_5;
    input.code = text.c_str();
    input.default_version = 460;
    input.default_profile = GLSLANG_NO_PROFILE;
    input.messages = static_cast<glslang_messages_t>(
        GLSLANG_MSG_SPV_RULES_BIT | GLSLANG_MSG_VULKAN_RULES_BIT | GLSLANG_MSG_SUPPRESS_WARNINGS_BIT);
    input.resource = glslang_default_resource();
    const std::unique_ptr<glslang_shader_t, decltype(&glslang_shader_delete)> shader(
        glslang_shader_create(&input), glslang_shader_delete);
    const std::unique_ptr<glslang_program_t, decltype(&glslang_program_delete)> program(
        glslang_program_create(), glslang_program_delete);
    if (!shader || !program)
        throw std::runtime_error("glslang has no memory for the shader of '" + name + "'");
    if (glslang_shader_preprocess(shader.get(), &input) == 0 ||
        glslang_shader_parse(shader.get(), &input) == 0)
        refuse(glslang_shader_get_info_log(shader.get()));
    glslang_program_add_shader(program.get(), shader.get());
    if (glslang_program_link(program.get(), input.messages) == 0)
        refuse(glslang_program_get_info_log(program.get()));
    glslang_spv_options_t options{};
    options.disable_optimizer = true;
    options.strip_debug_info = true;
    glslang_program_SPIRV_generate_with_options(program.get(), input.stage, &options);
    const std::uint32_t* words = glslang_program_SPIRV_get_ptr(program.get());
    return {words, words + glslang_program_SPIRV_get_size(program.get())};
}

}  // namespace

std::vector<std::uint32_t> compile_shader(const std::string& text, const std::string& name) {
    std::vector<std::uint32_t> plain = compiled(text, name);
    forbid_contraction(plain);  // the optimiser, too, takes what is not decorated for real numbers
    spvtools::Optimizer optimizer(environment);
    std::string messages;
    optimizer.SetMessageConsumer(
        [&](spv_message_level_t level, const char*, const spv_position_t&, const char* text_) {
            if (level <= SPV_MSG_ERROR) messages += std::string(text_) + "\n";
        });
    // Functions are inlined and variables become values; the rest LLVM has done before. The passes that
    // SPIRV-Tools take for performance besides these gain nothing on drivers, which optimise too.
    optimizer.RegisterPass(spvtools::CreateWrapOpKillPass())
        .RegisterPass(spvtools::CreateDeadBranchElimPass())
        .RegisterPass(spvtools::CreateMergeReturnPass())
        .RegisterPass(spvtools::CreateInlineExhaustivePass())
        .RegisterPass(spvtools::CreateEliminateDeadFunctionsPass())
        .RegisterPass(spvtools::CreatePrivateToLocalPass())
        .RegisterPass(spvtools::CreateLocalSingleBlockLoadStoreElimPass())
        .RegisterPass(spvtools::CreateLocalSingleStoreElimPass())
        .RegisterPass(spvtools::CreateAggressiveDCEPass())
        .RegisterPass(spvtools::CreateSSARewritePass())
        .RegisterPass(spvtools::CreateAggressiveDCEPass())
        .RegisterPass(spvtools::CreateCCPPass())
        .RegisterPass(spvtools::CreateDeadBranchElimPass())
        .RegisterPass(spvtools::CreateAggressiveDCEPass())
        .RegisterPass(spvtools::CreateBlockMergePass());
    spvtools::OptimizerOptions options;
    options.set_run_validator(false);
    std::vector<std::uint32_t> optimised;
    if (!optimizer.Run(plain.data(), plain.size(), &optimised, options))
        throw std::runtime_error("internal: the module of kernel '" + name + "' is not valid:\n" + messages);
    return optimised;
}

std::string validate_module(std::span<const std::uint32_t> module) {
    spvtools::SpirvTools tools(environment);
    std::string messages;
    tools.SetMessageConsumer([&](spv_message_level_t, const char*, const spv_position_t&, const char* text) {
        messages += std::string(text) + "\n";
    });
    spvtools::ValidatorOptions options;
    options.SetScalarBlockLayout(true);
    if (tools.Validate(module.data(), module.size(), options)) return {};
    return messages.empty() ? "not valid" : messages;
}

void forbid_contraction(std::vector<std::uint32_t>& module) {
    std::vector<std::uint32_t> decorations;
    std::size_t first_type = 0;
    for (std::size_t at = header_words; at < module.size();
         at += std::max<std::uint32_t>(module[at] >> 16U, 1)) {
        const std::uint32_t op = module[at] & 0xffffU;
        // Decorations stand before the first type.
        if (first_type == 0 && op >= op_type_void && op < op_function) first_type = at;
        if (op != op_f_add && op != op_f_sub && op != op_f_mul && op != op_f_div && op != op_f_negate)
            continue;
        decorations.insert(decorations.end(),
                           {3U << 16U | op_decorate, module[at + 2], decoration_no_contraction});
    }
    module.insert(module.begin() + static_cast<std::ptrdiff_t>(first_type), decorations.begin(),
                  decorations.end());
}

void relax_shared_accesses(std::vector<std::uint32_t>& module) {
    std::vector<std::uint32_t> relaxed(module.begin(), module.begin() + header_words);
    std::set<std::uint32_t> workgroups;  // constants that name the scope
    for (std::size_t at = header_words; at < module.size();) {
        const std::uint32_t length = std::max<std::uint32_t>(module[at] >> 16U, 1), op = module[at] & 0xffffU;
        std::vector<std::uint32_t> words(module.begin() + static_cast<std::ptrdiff_t>(at),
                                         module.begin() + static_cast<std::ptrdiff_t>(at + length));
        at += length;
        if (op == op_constant && length == 4 && words[3] == scope_workgroup) workgroups.insert(words[2]);
        const std::size_t kind = op == op_load ? 4 : 3;
        if ((op == op_load || op == op_store) && length > kind) {
            const std::uint32_t ordered = op == op_load ? access_visible : access_available;
            const std::size_t scope = kind + ((words[kind] & access_aligned) != 0 ? 2 : 1);
            if ((words[kind] & ordered) != 0 && scope < length && workgroups.count(words[scope]) != 0) {
                words[kind] &= ~ordered;
                words.erase(words.begin() + static_cast<std::ptrdiff_t>(scope));
                words[0] = static_cast<std::uint32_t>(words.size()) << 16U | op;
            }
        }
        relaxed.insert(relaxed.end(), words.begin(), words.end());
    }
    module = std::move(relaxed);
}

}  // namespace heddle::compiler
