// GLSL to SPIR-V by glslang's C interface: its classes have no type information, which UBSan would ask for.
#include "unit/vulkan_kernels.h"

#include <glslang/Include/glslang_c_interface.h>
#include <glslang/Public/resource_limits_c.h>

namespace heddle::vulkan::testing {

std::vector<std::uint32_t> spirv_of(const std::string& body) {
    static const bool is_ready = glslang_initialize_process() != 0;
    if (!is_ready) throw std::runtime_error("glslang does not start");
    const std::string text = kernel_prologue + body;
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
    input.messages =
        static_cast<glslang_messages_t>(GLSLANG_MSG_SPV_RULES_BIT | GLSLANG_MSG_VULKAN_RULES_BIT);
    input.resource = glslang_default_resource();
    const std::unique_ptr<glslang_shader_t, decltype(&glslang_shader_delete)> shader(
        glslang_shader_create(&input), glslang_shader_delete);
    const std::unique_ptr<glslang_program_t, decltype(&glslang_program_delete)> program(
        glslang_program_create(), glslang_program_delete);
    if (glslang_shader_preprocess(shader.get(), &input) == 0 ||
        glslang_shader_parse(shader.get(), &input) == 0)
        throw std::runtime_error(glslang_shader_get_info_log(shader.get()));
    glslang_program_add_shader(program.get(), shader.get());
    if (glslang_program_link(program.get(), input.messages) == 0)
        throw std::runtime_error(glslang_program_get_info_log(program.get()));
    glslang_program_SPIRV_generate(program.get(), input.stage);
    const std::uint32_t* const words = glslang_program_SPIRV_get_ptr(program.get());
    return {words, words + glslang_program_SPIRV_get_size(program.get())};
}

}  // namespace heddle::vulkan::testing
