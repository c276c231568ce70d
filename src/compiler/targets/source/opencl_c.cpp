// A module's kernels as one program of OpenCL C: preparation of each kernel, the order of definitions, the
// lines for the run time.
#include "opencl_c.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InstIterator.h>

#include <algorithm>

#include "../unsupported.h"
#include "device_maths/device_maths.h"
#include "opencl_emitter.h"
#include "structured_preparation.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// The source's name of a kernel as an identifier: "scale<float>" is scale_float.
std::string function_name(const std::string& name, std::set<std::string, std::less<>>& taken) {
    std::string wish = identifier(name);
    if (wish.empty()) wish = "kernel_function";
    std::string made = wish;
    for (unsigned number = 2; !taken.insert(made).second; ++number)
        made = wish + "_" + std::to_string(number);
    return made;
}

}  // namespace

const std::vector<std::string>& opencl_variants() {
    static const std::vector<std::string> variants = {"portable", "nv"};
    return variants;
}

OpenClText emit_opencl_c(Module& ir, const TargetRequest& request) {
    const std::string variant = request.variant.empty() ? opencl_variants().front() : request.variant;
    if (std::find(opencl_variants().begin(), opencl_variants().end(), variant) == opencl_variants().end())
        throw std::runtime_error("target 'opencl' has no variant '" + variant + "'; it has portable and nv");
    const bool has_ptx = variant == "nv";
    OpenClText result;
    OpenClHelpers helpers(has_ptx);
    std::string structures, kernels;
    std::set<std::string, std::less<>> names = opencl_reserved_words(has_ptx);
    std::vector<std::pair<Function*, std::string>> wanted;
    NamedMDNode* listed = ir.getNamedMetadata("heddle.kernels");
    for (unsigned k = 0; listed && k < listed->getNumOperands(); ++k) {
        const MDNode* node = listed->getOperand(k);
        auto* kernel = mdconst::dyn_extract_or_null<Function>(node->getOperand(0));
        if (!kernel) continue;
        const std::string name = cast<MDString>(node->getOperand(1))->getString().str();
        if (request.kernels.empty() ||
            std::find(request.kernels.begin(), request.kernels.end(), name) != request.kernels.end())
            wanted.emplace_back(kernel, name);
        else
            kernel->deleteBody();  // nothing is linked for its sake
    }
    keep_own_maths(ir, has_ptx);
    link_device_maths(ir);
    for (const auto& [kernel, name] : wanted) {
        const OpenClHelpers before = helpers;
        try {
            prepare_structured(*kernel);
            const DominatorTree dominators(*kernel);
            const LoopInfo loops(dominators);
            const std::string function = function_name(name, names);
            OpenClEmitter emitter(*kernel, dominators, loops, helpers, function);
            const std::string text = emitter.text();
            const HiddenParameters& hidden = emitter.hidden();
            std::string description = "// heddle: kernel " + kernel->getName().str() + " " + function;
            if (hidden.globals) description += " globals";
            if (hidden.messages) description += " messages";
            if (hidden.shared) description += " shared";
            if (hidden.shared_bytes) description += " shared_bytes";
            if (hidden.follows_pointers) description += " pointers";
            structures += emitter.structures();
            kernels += description + "\n" + text + "\n";
        } catch (const Unsupported& reason) {
            helpers = before;
            result.unsupported.push_back({"opencl", name, reason.what()});
        }
    }
    std::string head;
    if (helpers.uses_double) head += "#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n";
    if (helpers.uses_int64_atomics)
        head +=
            "#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable\n"
            "#pragma OPENCL EXTENSION cl_khr_int64_extended_atomics : enable\n";
    if (!head.empty()) head += "\n";
    while (kernels.ends_with("\n\n")) kernels.pop_back();
    result.text = head + structures + helpers.text() + kernels;
    return result;
}

// ---- the kernel as a whole

OpenClEmitter::OpenClEmitter(Function& kernel, const DominatorTree& dominators, const LoopInfo& loops,
                             OpenClHelpers& helpers, const std::string& function_name)
    : StructuredEmitter(kernel, dominators, loops, opencl_reserved_words(helpers.has_ptx())),
      layout_(kernel.getParent()->getDataLayout()),
      helpers_(helpers),
      spaces_(kernel),
      function_name_(function_name) {}

std::string OpenClEmitter::signature() {
    std::vector<std::string> parameters;
    for (const llvm::Argument& argument : kernel_.args()) {
        const std::string name = variable(&argument);
        if (argument.hasByValAttr()) {
            llvm::Type* type = argument.getParamByValType();
            auto* structure = dyn_cast<StructType>(type);
            if (!structure) throw std::runtime_error("a parameter by value is no structure");
            parameters.push_back(field_names(*structure, argument) + " " + name);
        } else if (argument.getType()->isPointerTy()) {
            const Element element = element_of(argument);
            parameters.push_back("global " + element_name(element) + "* " + name);
        } else if (argument.getType()->isIntegerTy(1)) {
            parameters.push_back("uchar " + name);
        } else if (argument.getType()->isHalfTy()) {
            parameters.push_back("ushort " + name);
        } else if (argument.getType()->isIntegerTy() || argument.getType()->isFloatTy() ||
                   argument.getType()->isDoubleTy()) {
            if (argument.getType()->isDoubleTy()) helpers_.uses_double = true;
            parameters.push_back(type_name(type_of(argument)) + " " + name);
        } else {
            throw Unsupported(kernel_.getEntryBlock().front(), "a parameter of this type is not supported");
        }
    }
    if (hidden_.globals) parameters.push_back("global uchar* globals");
    if (hidden_.messages) parameters.push_back("global uint* messages");
    if (hidden_.shared) parameters.push_back("local ulong2* dynamic_shared");
    if (hidden_.shared_bytes) parameters.push_back("uint dynamic_shared_bytes");
    std::string text = "kernel void " + function_name_ + "(";
    const std::string indent(text.size(), ' ');
    std::size_t width = text.size();
    for (std::size_t k = 0; k < parameters.size(); ++k) {
        const std::string piece = parameters[k] + (k + 1 < parameters.size() ? "," : ")");
        if (k > 0 && width + piece.size() > 100) {
            text += "\n" + indent;
            width = indent.size();
        } else if (k > 0) {
            text += " ";
        }
        text += piece;
        width += piece.size() + 1;
    }
    if (parameters.empty()) text += ")";
    return text;
}

std::string OpenClEmitter::text() {
    choose_signs();
    for (const llvm::Argument& argument : kernel_.args()) static_cast<void>(variable(&argument));
    for (const llvm::Argument& argument : kernel_.args())
        if (argument.hasByValAttr())
            if (auto* structure = dyn_cast<StructType>(argument.getParamByValType()))
                static_cast<void>(field_names(*structure, argument));
    for (const Instruction& instruction : instructions(kernel_)) {
        if (const auto* call = dyn_cast<CallBase>(&instruction); call && call->getCalledFunction()) {
            const StringRef name = call->getCalledFunction()->getName();
            exchanges_longs_ |= (name.starts_with("heddle.shfl.") || name.starts_with("heddle.match.")) &&
                                name.ends_with(".i64");
        }
        if (instruction.getType()->isDoubleTy()) helpers_.uses_double = true;
    }
    const std::string body = print(emit_body(), 1);
    hidden_.follows_pointers = spaces_.follows_pointers();
    std::string arrays;
    declare_arrays(arrays);
    if (uses_exchange_)
        arrays += std::string("    local ") + (exchanges_longs_ ? "ulong" : "uint") + " exchange[1024];\n";
    for (const GlobalVariable& variable_ : kernel_.getParent()->globals()) {
        if (variable_.getAddressSpace() != 3 || !hidden_.shared) continue;
        const bool is_dynamic =
            variable_.isDeclaration() || layout_.getTypeAllocSize(variable_.getValueType()).isZero();
        const bool is_used = any_of(variable_.users(), [&](const User* user) {
            const auto* instruction = dyn_cast<Instruction>(user);
            return instruction && instruction->getFunction() == &kernel_;
        });
        if (!is_dynamic || !is_used) continue;
        const Element element = element_of(variable_);
        const std::string type = element_name(element);
        arrays +=
            "    local " + type + "* " + variable(&variable_) + " = (local " + type + "*)dynamic_shared;\n";
    }
    // Whether a product and a sum may become one operation with one rounding: where the source allows it
    // everywhere, the compiler may.
    bool may_contract = true;
    for (const Instruction& instruction : instructions(kernel_))
        if (instruction.getOpcode() == Instruction::FMul || instruction.getOpcode() == Instruction::FAdd ||
            instruction.getOpcode() == Instruction::FSub)
            may_contract = may_contract && instruction.hasAllowContract();
    std::string text = signature() + " {\n";
    if (!may_contract) text += "    #pragma OPENCL FP_CONTRACT OFF\n";
    return text + arrays + body + "}\n";
}

}  // namespace heddle::compiler
