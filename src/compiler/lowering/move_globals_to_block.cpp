// In: variables in address spaces 0, 1 and 4, used by instructions alone. Out: none of them; their addresses
// are heddle.globals() plus an offset, and `globals` tells where each stands, its first value and the
// pointers inside.
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

constexpr unsigned shared_space = 3;

class Block {
  public:
    explicit Block(const llvm::DataLayout& layout, GlobalsInfo& globals)
        : layout_(layout), globals_(globals) {}

    void place(llvm::GlobalVariable& variable) {
        // Constants whose address does not matter share a place when they are equal: string literals above
        // all.
        const bool is_shareable =
            variable.isConstant() && variable.hasGlobalUnnamedAddr() && variable.hasInitializer();
        if (is_shareable) {
            const auto [equal, is_new] = constants_.emplace(variable.getInitializer(), &variable);
            if (!is_new && variable.getAlign().valueOrOne() <= equal->second->getAlign().valueOrOne()) {
                offsets_[&variable] = offsets_.at(equal->second);
                return;
            }
        }
        const std::size_t bytes = layout_.getTypeAllocSize(variable.getValueType());
        const std::size_t alignment = layout_.getPreferredAlign(&variable).value();
        globals_.alignment = std::max(globals_.alignment, alignment);
        globals_.bytes = (globals_.bytes + alignment - 1) / alignment * alignment;
        offsets_[&variable] = globals_.bytes;
        globals_.bytes += bytes;
    }

    std::size_t offset_of(const llvm::GlobalVariable& variable) const { return offsets_.at(&variable); }
    const std::map<const llvm::GlobalVariable*, std::size_t>& offsets() const { return offsets_; }

    /// Writes `value` at `at`; false when it is none that is known before the program runs.
    bool write(const llvm::Constant& value, std::size_t at) {
        if (value.isNullValue() || llvm::isa<llvm::UndefValue>(value)) return true;
        if (const auto* integer = llvm::dyn_cast<llvm::ConstantInt>(&value))
            return store(integer->getValue(), at);
        if (const auto* number = llvm::dyn_cast<llvm::ConstantFP>(&value))
            return store(number->getValueAPF().bitcastToAPInt(), at);
        if (const auto* data = llvm::dyn_cast<llvm::ConstantDataSequential>(&value)) {
            const llvm::StringRef raw = data->getRawDataValues();
            std::memcpy(target(at, raw.size()), raw.data(), raw.size());
            return true;
        }
        if (const auto* structure = llvm::dyn_cast<llvm::ConstantStruct>(&value)) {
            const auto* fields = layout_.getStructLayout(structure->getType());
            for (unsigned i = 0; i < structure->getNumOperands(); ++i)
                if (!write(*structure->getOperand(i), at + fields->getElementOffset(i).getFixedValue()))
                    return false;
            return true;
        }
        if (llvm::isa<llvm::ConstantArray, llvm::ConstantVector>(value)) {
            const std::size_t step = layout_.getTypeAllocSize(value.getOperand(0)->getType());
            for (unsigned i = 0; i < value.getNumOperands(); ++i)
                if (!write(*llvm::cast<llvm::Constant>(value.getOperand(i)), at + i * step)) return false;
            return true;
        }
        return write_address(value, at);
    }

  private:
    std::byte* target(std::size_t at, std::size_t bytes) {
        if (globals_.initial.empty()) globals_.initial.resize(globals_.bytes);
        (void)bytes;
        return globals_.initial.data() + at;
    }

    bool store(const llvm::APInt& bits, std::size_t at) {
        const std::size_t bytes = (bits.getBitWidth() + 7) / 8;
        const llvm::APInt whole = bits.zext(static_cast<unsigned>(8 * bytes));
        std::byte* to = target(at, bytes);
        for (std::size_t i = 0; i < bytes; ++i)
            to[i] = static_cast<std::byte>(whole.extractBitsAsZExtValue(8, static_cast<unsigned>(8 * i)));
        return true;
    }

    bool write_address(const llvm::Constant& value, std::size_t at) {
        const llvm::Constant* address = &value;
        if (const auto* expression = llvm::dyn_cast<llvm::ConstantExpr>(address)) {
            // A function's address is an integer id by now.
            if (expression->getOpcode() == llvm::Instruction::IntToPtr)
                return write(*llvm::cast<llvm::Constant>(expression->getOperand(0)), at);
            if (expression->getOpcode() == llvm::Instruction::PtrToInt)
                address = llvm::cast<llvm::Constant>(expression->getOperand(0));
        }
        if (!address->getType()->isPointerTy()) return false;
        llvm::APInt offset(64, 0);
        const llvm::Value* base = address;
        while (true) {
            llvm::APInt further(layout_.getIndexTypeSizeInBits(base->getType()), 0);
            base = base->stripAndAccumulateConstantOffsets(layout_, further, true);
            offset += further.sextOrTrunc(64);
            const auto* cast = llvm::dyn_cast<llvm::AddrSpaceCastOperator>(base);
            if (!cast) break;
            base = cast->getPointerOperand();
        }
        const auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(base);
        if (!variable || offsets_.count(variable) == 0) return false;
        globals_.relocations.push_back(
            {at, offset_of(*variable) + static_cast<std::size_t>(offset.getSExtValue())});
        return true;
    }

    const llvm::DataLayout& layout_;
    GlobalsInfo& globals_;
    std::map<const llvm::GlobalVariable*, std::size_t> offsets_;
    std::map<const llvm::Constant*, const llvm::GlobalVariable*> constants_;
};

llvm::FunctionCallee globals_function(llvm::Module& module) {
    auto callee =
        module.getOrInsertFunction("heddle.globals", llvm::PointerType::get(module.getContext(), 0));
    auto* function = llvm::cast<llvm::Function>(callee.getCallee());
    function->setDoesNotAccessMemory();
    function->setDoesNotThrow();
    function->setWillReturn();
    function->addRetAttr(llvm::Attribute::NonNull);
    return callee;
}

/// Replaces the uses of `variable` by instructions by its place in the block, computed once a function at its
/// entry.
void replace_uses(llvm::GlobalVariable& variable, std::size_t offset, llvm::FunctionCallee block) {
    std::map<llvm::Function*, llvm::Value*> addresses;
    while (!variable.use_empty()) {
        llvm::Use& use = *variable.use_begin();
        auto* user = llvm::cast<llvm::Instruction>(use.getUser());
        llvm::Value*& address = addresses[user->getFunction()];
        if (!address) {
            llvm::BasicBlock& entry = user->getFunction()->getEntryBlock();
            llvm::IRBuilder<> builder(&entry, entry.getFirstNonPHIOrDbgOrAlloca());
            auto* base = builder.CreateCall(block, {}, "globals");
            address =
                builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), base, offset, variable.getName());
            if (variable.getAddressSpace() != 0)
                address = builder.CreateAddrSpaceCast(address, variable.getType());
        }
        use.set(address);
    }
}

}  // namespace

void move_globals_to_block(llvm::Module& module, const Declarations& declarations, GlobalsInfo& globals,
                           Reporter& reporter) {
    std::vector<llvm::GlobalVariable*> variables;
    for (auto& variable : module.globals())
        if (variable.getAddressSpace() != shared_space) variables.push_back(&variable);

    Block block(module.getDataLayout(), globals);
    for (auto* variable : variables) {
        variable->removeDeadConstantUsers();
        block.place(*variable);
    }
    for (const auto* variable : variables) {
        if (!variable->hasInitializer()) {
            for (const auto* user : variable->users())
                if (const auto* instruction = llvm::dyn_cast<llvm::Instruction>(user)) {
                    reporter.error(*instruction,
                                   "variable '" + variable->getName().str() +
                                       "' is used in device code but not defined in this translation unit");
                    break;
                }
            continue;
        }
        if (!block.write(*variable->getInitializer(), block.offset_of(*variable)))
            for (auto* function : kernels_of(module)) {
                reporter.error(*function, "the initial value of variable '" + variable->getName().str() +
                                              "' is an address that is not known before the program runs");
                break;
            }
    }
    for (const auto& declared : declarations.variables) {
        const auto* variable = module.getNamedGlobal(declared.symbol);
        if (!variable || block.offsets().count(variable) == 0) continue;
        globals.symbols.push_back({declared.name, block.offset_of(*variable),
                                   module.getDataLayout().getTypeAllocSize(variable->getValueType()),
                                   declared.is_constant});
    }
    if (reporter.has_errors()) return;
    const llvm::FunctionCallee function = globals_function(module);
    for (auto* variable : variables) {
        // Initial values refer to each other; they are in the block's bytes now.
        variable->setInitializer(nullptr);
    }
    for (auto* variable : variables) {
        variable->removeDeadConstantUsers();
        replace_uses(*variable, block.offset_of(*variable), function);
    }
    for (auto* variable : variables) variable->eraseFromParent();
}

}  // namespace heddle::compiler
