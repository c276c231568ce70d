// In: kernels whose blocks are all of their grid. Out: kernels that run a part of a larger grid: hidden
// parameters behind their own tell the part's first block and the whole grid's extent, and blockIdx and
// gridDim mean the whole.
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

constexpr const char* hidden_names[] = {"first.block.x", "first.block.y", "first.block.z",
                                        "grid.x",        "grid.y",        "grid.z"};
constexpr unsigned hidden_count = std::size(hidden_names), axes = 3;
constexpr std::size_t hidden_alignment = 4;

/// The same kernel with the hidden parameters; `kernel` is gone.
llvm::Function& with_hidden_parameters(llvm::Function& kernel) {
    auto* integer = llvm::Type::getInt32Ty(kernel.getContext());
    std::vector<llvm::Type*> types(kernel.getFunctionType()->params());
    types.insert(types.end(), hidden_count, integer);
    auto* wider = llvm::Function::Create(llvm::FunctionType::get(kernel.getReturnType(), types, false),
                                         kernel.getLinkage(), kernel.getAddressSpace());
    // In its place: the module's order is the source's.
    kernel.getParent()->getFunctionList().insert(kernel.getIterator(), wider);
    wider->takeName(&kernel);
    wider->copyAttributesFrom(&kernel);
    wider->copyMetadata(&kernel, 0);
    wider->setIsNewDbgInfoFormat(kernel.IsNewDbgInfoFormat);
    kernel.clearMetadata();
    wider->splice(wider->begin(), &kernel);
    auto* argument = wider->arg_begin();
    for (auto& own : kernel.args()) {
        own.replaceAllUsesWith(argument);
        argument->takeName(&own);
        ++argument;
    }
    for (const char* name : hidden_names) {
        argument->setName(name);
        argument->addAttr(llvm::Attribute::NoUndef);
        ++argument;
    }
    kernel.replaceAllUsesWith(wider);
    kernel.eraseFromParent();
    return *wider;
}

void place_in_grid(llvm::Function& kernel) {
    const auto hidden = [&](unsigned k) {
        return kernel.getArg(static_cast<unsigned>(kernel.arg_size()) - hidden_count + k);
    };
    for (auto& instruction : llvm::make_early_inc_range(llvm::instructions(kernel))) {
        auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
        if (!call || !call->getCalledFunction()) continue;
        for (unsigned axis = 0; axis < axes; ++axis) {
            const std::string suffix(1, "xyz"[axis]);
            const llvm::StringRef name = call->getCalledFunction()->getName();
            if (name == "heddle.nctaid." + suffix) {
                call->replaceAllUsesWith(hidden(axes + axis));
                call->eraseFromParent();
                break;
            }
            if (name == "heddle.ctaid." + suffix) {
                llvm::IRBuilder<> builder(call->getNextNode());
                builder.SetCurrentDebugLocation(call->getDebugLoc());
                auto* place = llvm::cast<llvm::Instruction>(
                    builder.CreateAdd(call, hidden(axis), "block." + suffix, /*HasNUW=*/true));
                call->replaceUsesWithIf(place, [&](llvm::Use& use) { return use.getUser() != place; });
                break;
            }
        }
    }
}

}  // namespace

void take_grid_parts(llvm::Module& module, Declarations& declarations) {
    for (auto* kernel : kernels_of(module)) place_in_grid(with_hidden_parameters(*kernel));
    for (auto& info : declarations.kernels) {
        const std::size_t offset =
            (info.parameter_bytes + hidden_alignment - 1) / hidden_alignment * hidden_alignment;
        info.grid_part_offset = offset;
        info.parameter_bytes = offset + hidden_count * sizeof(std::uint32_t);
    }
}

}  // namespace heddle::compiler
