// Prints Kernel IR: source names as headings, source lines as remarks, no metadata numbers.
#include "lowering/print.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/AssemblyAnnotationWriter.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/FormattedStream.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <map>

namespace heddle::compiler {
namespace {

class Annotations final : public llvm::AssemblyAnnotationWriter {
  public:
    explicit Annotations(const llvm::Module& module) {
        if (const auto* kernels = module.getNamedMetadata("heddle.kernels"))
            for (const auto* node : kernels->operands()) {
                const auto* function =
                    llvm::mdconst::dyn_extract_or_null<llvm::Function>(node->getOperand(0));
                if (function)
                    names_[function] +=
                        " " + llvm::cast<llvm::MDString>(node->getOperand(1))->getString().str();
            }
        for (const auto& function : module)
            for (const auto& instruction : llvm::instructions(function))
                if (const llvm::DebugLoc& place = instruction.getDebugLoc(); place && place.getLine() != 0)
                    lines_[&instruction] = place.getLine();
    }

    void emitFunctionAnnot(const llvm::Function* function, llvm::formatted_raw_ostream& out) override {
        const auto name = names_.find(function);
        if (name != names_.end()) out << "; kernel" << name->second << "\n";
        last_line_ = 0;
    }
    void printInfoComment(const llvm::Value& value, llvm::formatted_raw_ostream& out) override {
        const auto line = lines_.find(&value);
        if (line == lines_.end() || line->second == last_line_) return;
        last_line_ = line->second;
        out.PadToColumn(80);
        out << "; line " << line->second;
    }

  private:
    std::map<const llvm::Function*, std::string> names_;
    llvm::DenseMap<const llvm::Value*, unsigned> lines_;
    unsigned last_line_ = 0;
};

void keep_only(llvm::Module& module, const std::vector<std::string>& kernels) {
    auto* list = module.getNamedMetadata("heddle.kernels");
    if (kernels.empty() || !list) return;
    std::vector<llvm::Function*> others;
    std::vector<llvm::MDNode*> kept;
    for (auto* node : list->operands()) {
        const std::string name = llvm::cast<llvm::MDString>(node->getOperand(1))->getString().str();
        if (std::find(kernels.begin(), kernels.end(), name) != kernels.end())
            kept.push_back(node);
        else if (auto* function = llvm::mdconst::dyn_extract_or_null<llvm::Function>(node->getOperand(0)))
            others.push_back(function);
    }
    list->clearOperands();
    for (auto* node : kept) list->addOperand(node);
    for (auto* function : others) function->eraseFromParent();
}

}  // namespace

std::string printed_kernel_ir(llvm::Module& module, const std::vector<std::string>& kernels) {
    keep_only(module, kernels);
    Annotations annotations(module);
    llvm::StripDebugInfo(module);
    for (auto& function : module)
        for (auto& instruction : llvm::instructions(function)) instruction.dropUnknownNonDebugMetadata();
    for (auto& metadata : llvm::make_early_inc_range(module.named_metadata()))
        module.eraseNamedMetadata(&metadata);
    std::string text;
    llvm::raw_string_ostream stream(text);
    module.print(stream, &annotations);
    return text;
}

}  // namespace heddle::compiler
