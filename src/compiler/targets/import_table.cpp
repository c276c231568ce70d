// Builds `heddle_imports`: pairs of name and address, ended by a null name.
#include "import_table.h"

namespace heddle::compiler {

using namespace llvm;

CallInst* ImportTable::call(IRBuilderBase& builder, StringRef name, FunctionType* type,
                            ArrayRef<Value*> arguments) {
    PointerType* pointer = PointerType::getUnqual(module_.getContext());
    GlobalVariable*& slot = slots_[name.str()];
    if (!slot)
        slot = new GlobalVariable(module_, pointer, false, GlobalValue::ExternalLinkage, nullptr,
                                  "import." + name);
    LoadInst* address = builder.CreateLoad(pointer, slot, name);
    // Written once, before any kernel runs.
    address->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(module_.getContext(), {}));
    return builder.CreateCall(type, address, arguments);
}

void ImportTable::finish() {
    LLVMContext& context = module_.getContext();
    PointerType* pointer = PointerType::getUnqual(context);
    StructType* entry = StructType::get(pointer, pointer);
    std::vector<Constant*> entries;
    Constant* null = ConstantPointerNull::get(pointer);
    for (auto& [name, slot] : slots_) {
        Constant* text = ConstantDataArray::getString(context, name);
        auto* global =
            new GlobalVariable(module_, text->getType(), true, GlobalValue::PrivateLinkage, text, "name");
        entries.push_back(ConstantStruct::get(entry, {global, null}));
    }
    entries.push_back(ConstantStruct::get(entry, {null, null}));
    ArrayType* type = ArrayType::get(entry, entries.size());
    auto* table = new GlobalVariable(module_, type, false, GlobalValue::ExternalLinkage,
                                     ConstantArray::get(type, entries), "heddle_imports");
    table->setVisibility(GlobalValue::ProtectedVisibility);
    Type* word = Type::getInt32Ty(context);
    unsigned index = 0;
    for (auto& [name, slot] : slots_) {
        Constant* indices[] = {ConstantInt::get(word, 0), ConstantInt::get(word, index++),
                               ConstantInt::get(word, 1)};
        slot->replaceAllUsesWith(ConstantExpr::getInBoundsGetElementPtr(type, table, indices));
        slot->eraseFromParent();
    }
    slots_.clear();
}

}  // namespace heddle::compiler
