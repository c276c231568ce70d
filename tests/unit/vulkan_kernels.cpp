// GLSL to SPIR-V by glslang.
#include "unit/vulkan_kernels.h"

#include <glslang/Public/ShaderLang.h>
#include <glslang/SPIRV/GlslangToSpv.h>

#include <glslang/Public/ResourceLimits.h>

namespace heddle::vulkan::testing {

std::vector<std::uint32_t> spirv_of(const std::string& body) {
    static const bool is_ready = glslang::InitializeProcess();
    if (!is_ready) throw std::runtime_error("glslang does not start");
    const std::string text = kernel_prologue + body;
    const char* const source = text.c_str();
    glslang::TShader shader(EShLangCompute);
    shader.setStrings(&source, 1);
    shader.setEnvInput(glslang::EShSourceGlsl, EShLangCompute, glslang::EShClientVulkan, 460);
    shader.setEnvClient(glslang::EShClientVulkan, glslang::EShTargetVulkan_1_2);
    shader.setEnvTarget(glslang::EShTargetSpv, glslang::EShTargetSpv_1_5);
    constexpr auto messages = static_cast<EShMessages>(EShMsgSpvRules | EShMsgVulkanRules);
    if (!shader.parse(GetDefaultResources(), 460, false, messages))
        throw std::runtime_error(shader.getInfoLog());
    glslang::TProgram program;
    program.addShader(&shader);
    if (!program.link(messages)) throw std::runtime_error(program.getInfoLog());
    std::vector<std::uint32_t> words;
    glslang::GlslangToSpv(*program.getIntermediate(EShLangCompute), words);
    return words;
}

}  // namespace heddle::vulkan::testing
