// Preparation of a kernel for the warp emitter.
#include "kernel_preparation.h"

#include "control_tree.h"
#include "shape_analysis.h"

#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/ReplaceConstant.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/Scalarizer.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/FixIrreducible.h>
#include <llvm/Transforms/Utils/LCSSA.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/LowerSwitch.h>
#include <llvm/Transforms/Vectorize/LoadStoreVectorizer.h>

#include <cstdlib>

namespace heddle::compiler {

using namespace llvm;

namespace {

bool is_used_in(const Value* value, const Function& function) {
    for (const User* user : value->users())
        if (auto* instruction = dyn_cast<Instruction>(user);
            instruction && instruction->getFunction() == &function)
            return true;
    return false;
}

// Shared variables become `heddle.shared.base()` plus an offset; dynamic ones follow the static ones.
std::uint64_t place_shared_variables(Function& kernel) {
    Module& module = *kernel.getParent();
    const DataLayout& layout = module.getDataLayout();
    std::vector<Constant*> variables;
    for (GlobalVariable& global : module.globals())
        if (global.getAddressSpace() == 3) variables.push_back(&global);
    if (variables.empty()) return 0;
    convertUsersOfConstantsToInstructions(variables, &kernel);
    std::uint64_t bytes = 0;
    std::vector<std::pair<GlobalVariable*, std::uint64_t>> placed;
    const auto is_dynamic = [&](GlobalVariable& global) {
        return global.isDeclaration() || layout.getTypeAllocSize(global.getValueType()).isZero();
    };
    for (GlobalVariable& global : module.globals()) {
        if (global.getAddressSpace() != 3 || !is_used_in(&global, kernel) || is_dynamic(global)) continue;
        const Align align =
            std::max(global.getAlign().valueOrOne(), layout.getABITypeAlign(global.getValueType()));
        bytes = alignTo(bytes, align);
        placed.emplace_back(&global, bytes);
        bytes += layout.getTypeAllocSize(global.getValueType());
    }
    for (GlobalVariable& global : module.globals())
        if (global.getAddressSpace() == 3 && is_dynamic(global))
            placed.emplace_back(&global, alignTo(bytes, 16));
    PointerType* shared = PointerType::get(module.getContext(), 3);
    FunctionCallee base = module.getOrInsertFunction("heddle.shared.base", FunctionType::get(shared, false));
    auto* declaration = cast<Function>(base.getCallee());
    declaration->setDoesNotAccessMemory();
    declaration->setWillReturn();
    declaration->setDoesNotThrow();
    IRBuilder<> b(&*kernel.getEntryBlock().getFirstInsertionPt());
    Value* start = nullptr;
    for (auto& [variable, offset] : placed) {
        if (!is_used_in(variable, kernel)) continue;
        if (!start) start = b.CreateCall(base, {}, "shared");
        Value* address = b.CreateConstGEP1_64(b.getInt8Ty(), start, offset, variable->getName());
        variable->replaceUsesWithIf(address, [&](Use& use) {
            auto* user = dyn_cast<Instruction>(use.getUser());
            return user && user->getFunction() == &kernel;
        });
    }
    return bytes;
}

bool is_only_read(const Value* pointer, unsigned depth = 0) {
    if (depth > 16) return false;
    for (const User* user : pointer->users()) {
        if (isa<LoadInst>(user)) continue;
        if (isa<GetElementPtrInst>(user) || isa<AddrSpaceCastInst>(user)) {
            if (!is_only_read(user, depth + 1)) return false;
            continue;
        }
        return false;
    }
    return true;
}

// A structure parameter that the kernel writes, or whose address it keeps, gets a private copy.
void copy_written_structures(Function& kernel) {
    const DataLayout& layout = kernel.getParent()->getDataLayout();
    for (llvm::Argument& argument : kernel.args()) {
        if (!argument.hasByValAttr() || is_only_read(&argument)) continue;
        Type* type = argument.getParamByValType();
        IRBuilder<> b(&*kernel.getEntryBlock().getFirstInsertionPt());
        AllocaInst* copy =
            b.CreateAlloca(type, layout.getAllocaAddrSpace(), nullptr, argument.getName() + ".copy");
        copy->setAlignment(std::max(argument.getParamAlign().valueOrOne(), layout.getABITypeAlign(type)));
        Value* generic = copy->getType() == argument.getType()
                             ? static_cast<Value*>(copy)
                             : b.CreateAddrSpaceCast(copy, argument.getType());
        argument.replaceAllUsesWith(generic);
        const std::uint64_t bytes = layout.getTypeAllocSize(type);
        const std::uint64_t unit = std::min<std::uint64_t>(8, copy->getAlign().value());
        for (std::uint64_t at = 0; at < bytes;) {
            std::uint64_t piece = unit;
            while (piece > bytes - at) piece /= 2;
            Type* word = b.getIntNTy(static_cast<unsigned>(piece) * 8);
            Value* value =
                b.CreateAlignedLoad(word, b.CreateConstGEP1_64(b.getInt8Ty(), &argument, at), Align(piece));
            b.CreateAlignedStore(value, b.CreateConstGEP1_64(b.getInt8Ty(), generic, at), Align(piece));
            at += piece;
        }
    }
}

// Replaces a load or store of a small vector by one for each of its elements.
void split_access(Instruction& access) {
    const DataLayout& layout = access.getModule()->getDataLayout();
    auto* type = cast<FixedVectorType>(getLoadStoreType(&access));
    Value* pointer = getLoadStorePointerOperand(&access);
    IRBuilder<> b(&access);
    Type* element = type->getElementType();
    const std::uint64_t size = layout.getTypeStoreSize(element).getFixedValue();
    auto* store = dyn_cast<StoreInst>(&access);
    SmallVector<Value*, 4> loaded;
    for (unsigned k = 0; k < type->getNumElements(); ++k) {
        Value* address = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), pointer, size * k);
        const Align align = commonAlignment(getLoadStoreAlignment(&access), size * k);
        if (store)
            b.CreateAlignedStore(b.CreateExtractElement(store->getValueOperand(), std::uint64_t{k}), address,
                                 align);
        else
            loaded.push_back(b.CreateAlignedLoad(element, address, align));
    }
    if (!store) {
        for (User* user : make_early_inc_range(access.users())) {
            auto* extract = dyn_cast<ExtractElementInst>(user);
            auto* at = extract ? dyn_cast<ConstantInt>(extract->getIndexOperand()) : nullptr;
            if (!at || at->getZExtValue() >= loaded.size()) continue;
            extract->replaceAllUsesWith(loaded[at->getZExtValue()]);
            extract->eraseFromParent();
        }
        if (!access.use_empty()) {
            Value* whole = PoisonValue::get(type);
            for (auto [k, value] : enumerate(loaded)) whole = b.CreateInsertElement(whole, value, k);
            access.replaceAllUsesWith(whole);
        }
    }
    access.eraseFromParent();
}

SmallVector<Instruction*, 16> joined_accesses(Function& kernel) {
    SmallVector<Instruction*, 16> found;
    for (Instruction& instruction : instructions(kernel))
        if (getLoadStorePointerOperand(&instruction) && isa<FixedVectorType>(getLoadStoreType(&instruction)))
            found.push_back(&instruction);
    return found;
}

// A private array's rows are interleaved element by element: its accesses stay single.
void split_private_accesses(Function& kernel) {
    for (Instruction* access : joined_accesses(kernel))
        if (isa<AllocaInst>(getUnderlyingObject(getLoadStorePointerOperand(access), 16)))
            split_access(*access);
}

// Neighbouring elements of one lane that are also those of its neighbours, as start[row] and start[row + 1]:
// each of them is a whole vector of the warp, the joined ones a gather.
void split_overlapping_loads(Function& kernel, const DominatorTree& dominators, const LoopInfo& loops) {
    const SmallVector<Instruction*, 16> joined = joined_accesses(kernel);
    if (joined.empty()) return;
    const ControlSequence tree = build_control_tree(kernel, dominators, loops);
    const ShapeAnalysis shapes(kernel, tree, loops, Row::full, 32);
    const DataLayout& layout = kernel.getParent()->getDataLayout();
    SmallVector<Instruction*, 16> overlapping;
    for (Instruction* access : joined) {
        const Shape shape = shapes.shape(getLoadStorePointerOperand(access));
        const auto bytes =
            static_cast<std::int64_t>(layout.getTypeStoreSize(getLoadStoreType(access)).getFixedValue());
        if (isa<LoadInst>(access) && !shape.is_varying() && shape.stride != 0 &&
            std::abs(shape.stride) < bytes)
            overlapping.push_back(access);
    }
    for (Instruction* access : overlapping) split_access(*access);
}

bool waits_for_lanes(const Instruction& instruction) {
    const auto* call = dyn_cast<CallBase>(&instruction);
    if (!call || !call->getCalledFunction()) return false;
    StringRef name = call->getCalledFunction()->getName();
    if (!name.consume_front("heddle.")) return false;
    return name.starts_with("barrier") || name.starts_with("shfl.") || name.starts_with("ballot") ||
           name.starts_with("match.") || name.starts_with("reduce.") || name == "warp.sync" ||
           name == "activemask";
}

// What another thread may be waiting for.
bool may_release(const Instruction& instruction) {
    if (instruction.isAtomic() && instruction.mayWriteToMemory()) return true;
    auto* store = dyn_cast<StoreInst>(&instruction);
    return store && store->isVolatile();
}

// Whether `value` comes from an atomic operation or a volatile load in `loop`.
bool depends_on_others(const Value* value, const Loop& loop, unsigned depth = 0) {
    auto* instruction = dyn_cast<Instruction>(value);
    if (!instruction || !loop.contains(instruction) || depth > 6) return false;
    if (isa<AtomicCmpXchgInst>(instruction) || isa<AtomicRMWInst>(instruction)) return true;
    if (auto* load = dyn_cast<LoadInst>(instruction)) return load->isVolatile() || load->isAtomic();
    return any_of(instruction->operands(),
                  [&](const Use& operand) { return depends_on_others(operand.get(), loop, depth + 1); });
}

// Lock loops: a lane that has won leaves the loop and releases behind it, while the other lanes of its warp
// go round until it has. The code up to the release is marked to run inside the loop, and what follows to
// wait for all.
void mark_lock_loops(Function& kernel, DominatorTree& dominators, LoopInfo& loops) {
    LLVMContext& context = kernel.getContext();
    std::vector<std::pair<BasicBlock*, Instruction*>> found;  // exit, its last release
    for (Loop* loop : loops.getLoopsInPreorder()) {
        if (any_of(loop->blocks(), [](const BasicBlock* block) { return any_of(*block, waits_for_lanes); }))
            continue;
        SmallVector<BasicBlock*, 4> exiting;
        loop->getExitingBlocks(exiting);
        for (BasicBlock* block : exiting) {
            auto* branch = dyn_cast<BranchInst>(block->getTerminator());
            if (!branch || !branch->isConditional() || !depends_on_others(branch->getCondition(), *loop))
                continue;
            BasicBlock* exit =
                loop->contains(branch->getSuccessor(0)) ? branch->getSuccessor(1) : branch->getSuccessor(0);
            if (exit->getSinglePredecessor() != block) continue;
            Instruction* release = nullptr;
            for (Instruction& instruction : *exit) {
                if (waits_for_lanes(instruction)) break;
                if (may_release(instruction)) release = &instruction;
            }
            if (release) {
                found.emplace_back(exit, release);
                continue;
            }
            // The release may stand further on, in branching code: then all that follows runs inside, if no
            // lane waits there.
            SmallVector<BasicBlock*, 16> behind;
            dominators.getDescendants(exit, behind);
            const bool waits = any_of(behind, [](BasicBlock* b) { return any_of(*b, waits_for_lanes); });
            const bool releases = any_of(behind, [](BasicBlock* b) { return any_of(*b, may_release); });
            if (releases && !waits)
                exit->getTerminator()->setMetadata(eager_exit_mark, MDNode::get(context, {}));
        }
    }
    for (auto& [exit, release] : found) {
        BasicBlock* join = SplitBlock(exit, release->getNextNode(), &dominators, &loops);
        // Values pass from the eager part to the join by phis, as they do out of a loop.
        for (Instruction& value : *exit) {
            SmallVector<Use*, 8> outside;
            for (Use& use : value.uses()) {
                auto* user = cast<Instruction>(use.getUser());
                auto* phi = dyn_cast<PHINode>(user);
                const BasicBlock* at = phi ? phi->getIncomingBlock(use) : user->getParent();
                if (at != exit) outside.push_back(&use);
            }
            if (outside.empty()) continue;
            PHINode* passed = PHINode::Create(value.getType(), 1, value.getName(), join->begin());
            passed->addIncoming(&value, exit);
            for (Use* use : outside) use->set(passed);
        }
        exit->getTerminator()->setMetadata(eager_exit_mark, MDNode::get(context, {}));
        join->getTerminator()->setMetadata(eager_join_mark, MDNode::get(context, {}));
    }
}

}  // namespace

PreparedKernel prepare_kernel(Function& kernel, TargetMachine* machine) {
    PreparedKernel prepared;
    prepared.static_shared_bytes = place_shared_variables(kernel);
    copy_written_structures(kernel);
    LoopAnalysisManager loops;
    FunctionAnalysisManager functions;
    CGSCCAnalysisManager components;
    ModuleAnalysisManager modules;
    PassBuilder builder(machine);
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    FunctionPassManager passes;
    passes.addPass(SROAPass(SROAOptions::PreserveCFG));
    ScalarizerPassOptions scalarize;
    scalarize.ScalarizeLoadStore = true;
    passes.addPass(ScalarizerPass(scalarize));
    if (machine) passes.addPass(LoadStoreVectorizerPass());
    passes.addPass(LowerSwitchPass());
    passes.addPass(FixIrreduciblePass());
    passes.addPass(LoopSimplifyPass());
    passes.addPass(LCSSAPass());
    passes.run(kernel, functions);
    if (machine) split_private_accesses(kernel);
    {
        DominatorTree dominators(kernel);
        LoopInfo found(dominators);
        mark_lock_loops(kernel, dominators, found);
    }
    if (machine) {
        DominatorTree dominators(kernel);
        LoopInfo found(dominators);
        split_overlapping_loads(kernel, dominators, found);
    }
    for (Instruction& instruction : instructions(kernel)) {
        if (auto* call = dyn_cast<CallBase>(&instruction); call && call->getCalledFunction()) {
            StringRef name = call->getCalledFunction()->getName();
            if (!name.consume_front("heddle.")) continue;
            prepared.has_barriers |= name.starts_with("barrier");
            prepared.has_warp_operations |= name.starts_with("shfl.") || name.starts_with("ballot") ||
                                            name == "activemask" || name.starts_with("match.") ||
                                            name.starts_with("reduce.") || name == "warp.sync";
            prepared.uses_rows |= name == "tid.y" || name == "tid.z";
            continue;
        }
        const bool is_volatile = (isa<LoadInst>(instruction) && cast<LoadInst>(instruction).isVolatile()) ||
                                 (isa<StoreInst>(instruction) && cast<StoreInst>(instruction).isVolatile());
        if (!is_volatile) continue;
        const Value* pointer = getLoadStorePointerOperand(&instruction);
        const Value* object = getUnderlyingObject(pointer, 16);
        prepared.has_volatile_shared |= pointer->getType()->getPointerAddressSpace() == 3 ||
                                        object->getType()->getPointerAddressSpace() == 3;
    }
    return prepared;
}

}  // namespace heddle::compiler
