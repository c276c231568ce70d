// A kernel as a compute shader: parameters, indices, references to memory, shared arrays, functions, main().
#include <llvm/IR/CFG.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>

#include "../unsupported.h"
#include "glsl_emitter.h"
#include "single_exit.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// What every shader begins with, all but MEMORY_KINDS; extensions that a device lacks cost nothing until
// something uses them.
constexpr const char* head = R"(#version 460
#pragma use_vulkan_memory_model
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference_uvec2 : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types : require
#extension GL_EXT_shader_8bit_storage : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_atomic_int64 : require
#extension GL_EXT_shader_atomic_float : require
#extension GL_ARB_shader_clock : require
#extension GL_EXT_shader_realtime_clock : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_vote : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_KHR_shader_subgroup_arithmetic : require
layout(local_size_x_id = 3) in;
layout(constant_id = 0) const uint block_x = 1;
layout(constant_id = 1) const uint block_y = 1;
layout(constant_id = 2) const uint block_z = 1;
layout(constant_id = 4) const uint dynamic_words = 1;
const uint block_threads = block_x * block_y * block_z;
const bool is_line = block_y * block_z == 1u;
#define LANE (gl_LocalInvocationID.x & 31u)
#define BLOCK_X (gl_WorkGroupID.x + FIRST_BLOCK_X)
#define BLOCK_Y (gl_WorkGroupID.y + FIRST_BLOCK_Y)
#define BLOCK_Z (gl_WorkGroupID.z + FIRST_BLOCK_Z)
#define THREAD_X mix(gl_LocalInvocationID.x % block_x, gl_LocalInvocationID.x, is_line)
#define THREAD_Y mix((gl_LocalInvocationID.x / block_x) % block_y, 0u, is_line)
#define THREAD_Z mix(gl_LocalInvocationID.x / (block_x * block_y), 0u, is_line)
#define MEMORY_SEMANTICS gl_SemanticsAcquireRelease | gl_SemanticsMakeAvailable | gl_SemanticsMakeVisible
#define BLOCK_BARRIER controlBarrier(gl_ScopeWorkgroup, gl_ScopeWorkgroup, MEMORY_KINDS, MEMORY_SEMANTICS)
#define BLOCK_FENCE memoryBarrier(gl_ScopeWorkgroup, MEMORY_KINDS, MEMORY_SEMANTICS)
#define DEVICE_FENCE memoryBarrier(gl_ScopeDevice, MEMORY_KINDS, MEMORY_SEMANTICS)
)";

constexpr const char* wide_addresses = R"(#define ADDRESS uint64_t
#define NOWHERE 0ul
#define AT(address, bytes) ((address) + uint64_t(bytes))
#define LOW(address) uint(address)
#define HIGH(address) uint((address) >> 32)
#define ALIGNED(address) ((address) & ~3ul)
#define PARAMETER64(k) packUint2x32(uvec2(PARAMETER(k), PARAMETER((k) + 1)))
)";

constexpr const char* pair_addresses = R"(#define ADDRESS uvec2
#define NOWHERE uvec2(0u)
uvec2 at_address(uvec2 start, uint bytes) {
    uint low = start.x + bytes;
    return uvec2(low, start.y + uint(low < bytes));
}
#define AT(address, bytes) at_address(address, bytes)
#define LOW(address) (address).x
#define HIGH(address) (address).y
#define ALIGNED(address) uvec2((address).x & ~3u, (address).y)
#define PARAMETER64(k) uvec2(PARAMETER(k), PARAMETER((k) + 1))
)";

bool synchronises(const Instruction& instruction) {
    if (isa<FenceInst>(instruction)) return true;
    const auto* call = dyn_cast<CallBase>(&instruction);
    if (!call || !call->getCalledFunction()) return false;
    const StringRef name = call->getCalledFunction()->getName();
    return name.starts_with("heddle.barrier") || name.starts_with("heddle.fence") ||
           name == "heddle.warp.sync";
}

const Value* accessed_pointer(const Instruction& instruction) {
    if (instruction.hasMetadata(LLVMContext::MD_invariant_load)) return nullptr;
    if (const Value* pointer = getLoadStorePointerOperand(&instruction)) return pointer;
    if (const auto* atomic = dyn_cast<AtomicRMWInst>(&instruction)) return atomic->getPointerOperand();
    if (const auto* exchange = dyn_cast<AtomicCmpXchgInst>(&instruction))
        return exchange->getPointerOperand();
    return nullptr;
}

// Whether threads may see by way of barriers or fences what others have written to global memory: whether a
// write may come before one and an access after it.
bool orders_global_memory(const Function& kernel, const PointerSpaces& spaces) {
    struct State {
        bool has_written = false, is_ordered = false;
    };
    DenseMap<const BasicBlock*, State> ends;
    for (bool changed = true; changed;) {
        changed = false;
        for (const BasicBlock& block : kernel) {
            State state;
            for (const BasicBlock* before : predecessors(&block)) {
                const State end = ends.lookup(before);
                state.has_written |= end.has_written;
                state.is_ordered |= end.is_ordered;
            }
            for (const Instruction& instruction : block) {
                if (synchronises(instruction)) state.is_ordered |= state.has_written;
                const Value* pointer = accessed_pointer(instruction);
                if (!pointer) continue;
                const Space space = spaces.of(pointer);
                if (space == Space::shared || space == Space::private_) continue;
                if (state.is_ordered) return true;
                state.has_written |= instruction.mayWriteToMemory();
            }
            State& end = ends[&block];
            changed |= end.has_written != state.has_written || end.is_ordered != state.is_ordered;
            end = state;
        }
    }
    return false;
}

bool fences_device(const Instruction& instruction) {
    if (isa<FenceInst>(instruction)) return true;
    const auto* call = dyn_cast<CallBase>(&instruction);
    if (!call || !call->getCalledFunction()) return false;
    const StringRef name = call->getCalledFunction()->getName();
    return name == "heddle.fence.device" || name == "heddle.fence.system";
}

}  // namespace

GlslEmitter::GlslEmitter(Function& kernel, const DominatorTree& dominators, const LoopInfo& loops,
                         const GlslProfile& profile)
    : StructuredEmitter(kernel, dominators, loops, glsl_reserved_words(), "takes_part"),
      layout_(kernel.getParent()->getDataLayout()),
      profile_(profile),
      spaces_(kernel) {
    description_.symbol = kernel.getName().str();
    std::uint64_t end = 0;
    for (const llvm::Argument& argument : kernel.args()) {
        Type* type = argument.hasByValAttr() ? argument.getParamByValType() : argument.getType();
        const std::uint64_t align = argument.hasByValAttr() && argument.getParamAlign()
                                        ? argument.getParamAlign()->value()
                                        : layout_.getABITypeAlign(type).value();
        end = alignTo(end, align);
        parameter_offsets_[&argument] = end;
        end += layout_.getTypeAllocSize(type).getFixedValue();
        if (argument.hasNoAliasAttr() && is_only_read(argument)) only_read_.insert(&argument);
    }
    description_.parameter_bytes = static_cast<std::uint32_t>(end);
    for (const Instruction& instruction : instructions(kernel)) {
        fences_device_ |= fences_device(instruction);
        if (instruction.isVolatile() || instruction.isAtomic())
            if (const Value* pointer = getLoadStorePointerOperand(&instruction))
                has_volatile_shared_ |= spaces_.of(pointer) != Space::global;
    }
    orders_global_ = fences_device_ || orders_global_memory(kernel, spaces_);
}

// The parameters as variables.
void GlslEmitter::read_parameters(std::string& text) {
    for (const llvm::Argument& argument : kernel_.args()) {
        if (argument.hasByValAttr() || argument.use_empty()) continue;
        Type* type = argument.getType();
        const std::uint64_t offset = parameter_offsets_.lookup(&argument);
        const std::string word = parameter_word(offset / 4);
        const auto bytes = static_cast<unsigned>(layout_.getTypeStoreSize(type).getFixedValue());
        std::string value;
        if (bytes == 8) {
            value = "PARAMETER64(" + std::to_string(offset / 4) + ")";
            if (type->isDoubleTy()) {
                if (!profile_.doubles)
                    refuse(kernel_.getEntryBlock().front(),
                           "double precision, which this device does not have");
                need(vulkan::ModuleFeature::float64);
                value = "uint64BitsToDouble(" + value + ")";
            }
            if (profile_.wide_integers) need(vulkan::ModuleFeature::int64);
        } else if (bytes == 4) {
            value = from_memory(word, type);
        } else if (bytes < 4) {
            value = from_memory("bitfieldExtract(" + word + ", " + std::to_string(offset % 4 * 8) + ", " +
                                    std::to_string(8 * bytes) + ")",
                                type);
        } else {
            refuse(kernel_.getEntryBlock().front(), "a parameter of this type is not supported");
        }
        const std::string name = type->isPointerTy() ? std::string("ADDRESS") : type_name(type);
        text += "    " + name + " " + variable(&argument) + " = " + value + ";\n";
    }
}

std::string GlslEmitter::text() {
    for (const llvm::Argument& argument : kernel_.args()) static_cast<void>(variable(&argument));
    choose_storage();
    StatementList statements = emit_body();
    if (!profile_.warps)
        leave_loops_at_their_head(statements, [&](const std::string& wish) { return names().fresh(wish); });
    const std::string body = print(statements, 1);
    description_.follows_pointers = spaces_.follows_pointers();
    if (profile_.warps) need(vulkan::ModuleFeature::warp32);
    if (profile_.wide_integers) need(vulkan::ModuleFeature::int64);

    std::string reading;
    read_parameters(reading);
    std::string shared, local;
    declare_storage(shared, local);
    const auto mentions_array = [&](const std::string& name) {
        return functions_.text().find(name + "[") != std::string::npos &&
               shared.find(" " + name + "[") == std::string::npos;
    };
    if (mentions_array("shared_memory")) shared += "shared uint shared_memory[1];\n";
    if (mentions_array("private_memory")) shared += "uint private_memory[1];\n";
    if (functions_.is_used("cells")) {
        shared += "shared uint cells[block_threads];\n";
        description_.static_shared_bytes += 4096;
    }
    if (functions_.text().find("Word32(") != std::string::npos || description_.hidden.messages)
        static_cast<void>(reference(4, false, Access::plain));

    // Hidden parameters behind the kernel's own.
    std::uint64_t end = description_.parameter_bytes;
    std::string hidden;
    const auto place = [&](const char* name, unsigned bytes, unsigned count = 1) {
        end = alignTo(end, bytes);
        for (unsigned k = 0; k < count; ++k) {
            const std::string of = count == 1 ? std::string(name) : name + std::string(1, "XYZ"[k]);
            hidden += "#define " + of + " " + (bytes == 8 ? "PARAMETER64(" : "PARAMETER(") +
                      std::to_string(end / 4) + ")\n";
            end += bytes;
        }
    };
    if (description_.hidden.globals) place("GLOBALS", 8);
    if (description_.hidden.messages) place("MESSAGES", 8);
    if (description_.hidden.shared_bytes) place("SHARED_BYTES", 4);
    description_.hidden.grid = uses_grid_;
    if (uses_grid_) place("GRID_", 4, 3);
    description_.hidden.first_block = true;
    place("FIRST_BLOCK_", 4, 3);
    description_.parameter_bytes = static_cast<std::uint32_t>(end);
    description_.parameters_in_buffer = end > vulkan::ArchivedKernel::most_push_bytes;

    std::string text = head;
    text += std::string("#define MEMORY_KINDS gl_StorageSemanticsShared") +
            (orders_global_ ? " | gl_StorageSemanticsBuffer\n" : "\n");
    const std::uint64_t words = std::max<std::uint64_t>((end + 3) / 4, 1);
    if (description_.parameters_in_buffer) {
        text +=
            "layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer ParameterBlock { "
            "uint "
            "words[" +
            std::to_string(words) +
            "]; };\n"
            "layout(push_constant, std430) uniform Parameters { uvec2 place; } parameters;\n"
            "#define PARAMETER(k) ParameterBlock(parameters.place).words[k]\n";
    } else {
        text += "layout(push_constant, std430) uniform Parameters { uint words[" + std::to_string(words) +
                "]; } parameters;\n#define PARAMETER(k) parameters.words[k]\n";
    }
    text += profile_.wide_integers ? wide_addresses : pair_addresses;
    text += hidden;
    for (const std::string& declared : references_) text += declared;
    text += shared + "\n" + functions_.text() + "void main() {\n" + reading + local + body + "}\n";
    return text;
}

}  // namespace heddle::compiler
