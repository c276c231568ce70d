// Wraps the warp emitter's code in functions that the run time calls: a loop over blocks and warps for
// kernels that never wait, a coroutine a warp (or a thread, with one lane) for those that do.
#include "cpu_kernel.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>

#include "import_table.h"
#include "kernel_preparation.h"
#include "warp_emitter.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// Numbers of src/backends/cpu/abi.h.
constexpr std::uint32_t abi_version = 1;
constexpr std::uint32_t flag_suspends = 1, flag_scalar = 2, flag_checked = 4;
constexpr unsigned field_arguments = 32, field_arena = 40, field_arena_end = 48;
constexpr std::uint64_t frame_alignment = 128;

class CpuKernelEmitter {
  public:
    CpuKernelEmitter(Module& out, ImportTable& imports, const CpuVariant& variant, unsigned lanes, bool check)
        : out_(out),
          imports_(imports),
          variant_(variant),
          lanes_(lanes),
          check_(check),
          context_(out.getContext()) {}

    // Emits `kernel` for launches that `row` describes and gives the function for the table.
    Function* emit(Function& kernel, const PreparedKernel& prepared, Row row, bool suspends) {
        DominatorTree dominators(kernel);
        LoopInfo loops(dominators);
        const ControlSequence tree = build_control_tree(kernel, dominators, loops);
#ifndef NDEBUG
        if (const std::string problem = verify_control_tree(tree, kernel); !problem.empty())
            throw std::runtime_error("internal: control tree of '" + kernel.getName().str() +
                                     "': " + problem);
#endif
        const ShapeAnalysis shapes(kernel, tree, loops, row, lanes_);
        WarpOptions options{lanes_, row, check_, prepared.static_shared_bytes};
        WarpEmitter emitter(kernel, tree, shapes, variant_, options, imports_);
        const std::string name = kernel.getName().str() + ".row" + std::to_string(static_cast<unsigned>(row));
        return suspends ? emit_coroutine(kernel, emitter, name, row) : emit_plain(kernel, emitter, name, row);
    }

  private:
    Module& out_;
    ImportTable& imports_;
    const CpuVariant& variant_;
    const unsigned lanes_;
    const bool check_;
    LLVMContext& context_;

    Function* make_function(Type* result, ArrayRef<Type*> types, const Twine& name,
                            GlobalValue::LinkageTypes linkage) {
        Function* function = Function::Create(FunctionType::get(result, types, false), linkage, name, out_);
        function->setDoesNotThrow();
        function->addFnAttr("target-cpu", variant_.cpu);
        if (!variant_.features.empty()) function->addFnAttr("target-features", variant_.features);
        if (variant_.is_x86) {
            const std::string bits = std::to_string(variant_.vector_bytes * 8);
            function->addFnAttr("prefer-vector-width", bits);
            function->addFnAttr("min-legal-vector-width", bits);
        }
        return function;
    }

    Value* field(IRBuilder<>& b, Value* base, std::uint64_t offset, Type* type, const Twine& name,
                 bool invariant = true) {
        LoadInst* value = b.CreateLoad(type, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), base, offset), name);
        if (invariant) value->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(context_, {}));
        return value;
    }

    // The kernel's parameters out of the packed buffer.
    std::vector<Value*> load_arguments(IRBuilder<>& b, Function& kernel, Value* launch) {
        const DataLayout& layout = kernel.getParent()->getDataLayout();
        Value* buffer =
            kernel.arg_empty() ? nullptr : field(b, launch, field_arguments, b.getPtrTy(), "arguments");
        std::vector<Value*> values;
        std::uint64_t offset = 0;
        for (llvm::Argument& argument : kernel.args()) {
            Type* type = argument.hasByValAttr() ? argument.getParamByValType() : argument.getType();
            const Align natural = layout.getABITypeAlign(type);
            const Align align =
                argument.hasByValAttr() ? std::max(argument.getParamAlign().valueOrOne(), natural) : natural;
            offset = alignTo(offset, align);
            if (argument.hasByValAttr()) {
                values.push_back(
                    b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), buffer, offset, argument.getName()));
            } else if (type->isIntegerTy(1)) {
                values.push_back(b.CreateICmpNE(field(b, buffer, offset, b.getInt8Ty(), argument.getName()),
                                                b.getInt8(0)));
            } else {
                Type* flat = type->isPointerTy() ? b.getPtrTy() : type;
                values.push_back(field(b, buffer, offset, flat, argument.getName()));
            }
            offset += layout.getTypeAllocSize(type);
        }
        return values;
    }

    // body(launch, block, blockIdx.xyz, unit, threadIdx.xyz, arguments...): one warp, inlined into the loops.
    Function* emit_body(Function& kernel, WarpEmitter& emitter, const std::string& name, Row row,
                        ArrayRef<Value*> arguments) {
        Type *pointer = PointerType::getUnqual(context_), *word = Type::getInt32Ty(context_);
        std::vector<Type*> types{pointer, pointer, word, word, word, word, word, word, word};
        constexpr unsigned fixed = 9;
        for (Value* argument : arguments) types.push_back(argument->getType());
        Function* body =
            make_function(Type::getVoidTy(context_), types, name + ".warp", GlobalValue::InternalLinkage);
        body->addFnAttr(Attribute::AlwaysInline);
        for (unsigned i = 0; i < arguments.size(); ++i) {
            llvm::Argument* source = kernel.getArg(i);
            if (source->hasNoAliasAttr() || source->hasByValAttr())
                body->addParamAttr(fixed + i, Attribute::NoAlias);
            body->getArg(fixed + i)->setName(source->getName());
        }
        BasicBlock* entry = BasicBlock::Create(context_, "entry", body);
        BasicBlock* start = BasicBlock::Create(context_, "start", body);
        IRBuilder<> b(start);
        WarpFrame frame;
        frame.launch = body->getArg(0);
        frame.block = body->getArg(1);
        for (unsigned axis = 0; axis < 3; ++axis) {
            frame.block_index[axis] = body->getArg(2 + axis);
            frame.thread_index[axis] = body->getArg(6 + axis);
        }
        frame.unit = body->getArg(5);
        for (unsigned i = 0; i < arguments.size(); ++i) frame.arguments.push_back(body->getArg(fixed + i));
        frame.has_full_warps = row == Row::full;
        emitter.emit(b, entry, frame);
        b.CreateRetVoid();
        IRBuilder<>(entry).CreateBr(start);
        return body;
    }

    // A counted loop from 0 to `count`; `body` gets the counter.
    static void count_loop(IRBuilder<>& b, Value* count, const Twine& name,
                           const std::function<void(Value*)>& body) {
        Function* function = b.GetInsertBlock()->getParent();
        LLVMContext& context = b.getContext();
        BasicBlock *before = b.GetInsertBlock(), *loop = BasicBlock::Create(context, name, function),
                   *after = BasicBlock::Create(context, name + ".done", function);
        Constant* zero = ConstantInt::get(count->getType(), 0);
        b.CreateCondBr(b.CreateICmpNE(count, zero), loop, after);
        b.SetInsertPoint(loop);
        PHINode* counter = b.CreatePHI(count->getType(), 2, name);
        counter->addIncoming(zero, before);
        body(counter);
        Value* next = b.CreateAdd(counter, ConstantInt::get(count->getType(), 1), "", true, true);
        counter->addIncoming(next, b.GetInsertBlock());
        b.CreateCondBr(b.CreateICmpNE(next, count), loop, after);
        b.SetInsertPoint(after);
    }

    // void kernel(launch, block, first, last)
    Function* emit_plain(Function& kernel, WarpEmitter& emitter, const std::string& name, Row row) {
        Type *pointer = PointerType::getUnqual(context_), *word = Type::getInt32Ty(context_),
             *wide = Type::getInt64Ty(context_);
        Function* function = make_function(Type::getVoidTy(context_), {pointer, pointer, wide, wide}, name,
                                           GlobalValue::ExternalLinkage);
        llvm::Argument *launch = function->getArg(0), *block = function->getArg(1),
                       *first = function->getArg(2), *last = function->getArg(3);
        function->addParamAttr(0, Attribute::NoAlias);
        function->addParamAttr(1, Attribute::NoAlias);
        IRBuilder<> b(BasicBlock::Create(context_, "entry", function));
        const std::vector<Value*> arguments = load_arguments(b, kernel, launch);
        Function* body = emit_body(kernel, emitter, name, row, arguments);
        Value *width = field(b, launch, 0, word, "grid.x"), *height = field(b, launch, 4, word, "grid.y");
        std::array<Value*, 3> extent{};
        for (unsigned axis = 0; axis < 3; ++axis)
            extent[axis] = field(b, launch, 12 + 4 * axis, word, "block");
        Value* threads = field(b, launch, 24, word, "threads");
        Value* warps = b.CreateLShr(b.CreateAdd(threads, b.getInt32(31)), 5, "warps");
        // blockIdx goes forward by one from block to block; only the first needs a division.
        Value *wide_width = b.CreateZExt(width, wide), *wide_height = b.CreateZExt(height, wide);
        Value* rows = b.CreateUDiv(first, wide_width);
        std::array<AllocaInst*, 3> index{};
        for (AllocaInst*& slot : index) slot = b.CreateAlloca(word);
        b.CreateStore(b.CreateTrunc(b.CreateURem(first, wide_width), word), index[0]);
        b.CreateStore(b.CreateTrunc(b.CreateURem(rows, wide_height), word), index[1]);
        b.CreateStore(b.CreateTrunc(b.CreateUDiv(rows, wide_height), word), index[2]);
        count_loop(b, b.CreateSub(last, first), "each.block", [&](Value*) {
            std::array<Value*, 3> at{};
            for (unsigned axis = 0; axis < 3; ++axis) {
                at[axis] = b.CreateLoad(word, index[axis], "blockIdx");
                b.CreateStore(at[axis], b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), block, 4 * axis));
            }
            std::vector<Value*> operands{launch,  block,   at[0],   at[1],  at[2],
                                         nullptr, nullptr, nullptr, nullptr};
            operands.insert(operands.end(), arguments.begin(), arguments.end());
            if (lanes_ > 1) {
                count_loop(b, warps, "each.warp", [&](Value* warp) {
                    operands[5] = warp;
                    operands[6] = operands[7] = operands[8] = b.getInt32(0);
                    b.CreateCall(body, operands);
                });
            } else {
                count_loop(b, extent[2], "each.z", [&](Value* z) {
                    count_loop(b, extent[1], "each.y", [&](Value* y) {
                        Value* row_start = b.CreateMul(b.CreateAdd(b.CreateMul(z, extent[1]), y), extent[0]);
                        count_loop(b, extent[0], "each.x", [&](Value* x) {
                            operands[5] = b.CreateAdd(row_start, x);
                            operands[6] = x;
                            operands[7] = y;
                            operands[8] = z;
                            b.CreateCall(body, operands);
                        });
                    });
                });
            }
            Value* x = b.CreateAdd(at[0], b.getInt32(1));
            Value* wraps_x = b.CreateICmpEQ(x, width);
            b.CreateStore(b.CreateSelect(wraps_x, b.getInt32(0), x), index[0]);
            Value* y = b.CreateAdd(at[1], b.CreateZExt(wraps_x, word));
            Value* wraps_y = b.CreateICmpEQ(y, height);
            b.CreateStore(b.CreateSelect(wraps_y, b.getInt32(0), y), index[1]);
            b.CreateStore(b.CreateAdd(at[2], b.CreateZExt(wraps_y, word)), index[2]);
        });
        b.CreateRetVoid();
        return function;
    }

    // void* kernel(launch, block, unit): a coroutine whose frame lies in the block's arena.
    Function* emit_coroutine(Function& kernel, WarpEmitter& emitter, const std::string& name, Row row) {
        Type *pointer = PointerType::getUnqual(context_), *word = Type::getInt32Ty(context_),
             *wide = Type::getInt64Ty(context_);
        Function* function =
            make_function(pointer, {pointer, pointer, word}, name, GlobalValue::ExternalLinkage);
        function->addFnAttr(Attribute::PresplitCoroutine);
        llvm::Argument *launch = function->getArg(0), *block = function->getArg(1),
                       *unit = function->getArg(2);
        BasicBlock* entry = BasicBlock::Create(context_, "entry", function);
        const auto make_block = [&](const char* label) {
            return BasicBlock::Create(context_, label, function);
        };
        BasicBlock *allocate = make_block("allocate"), *fits = make_block("fits"), *grow = make_block("grow"),
                   *begin = make_block("begin"), *cleanup = make_block("cleanup"),
                   *leave = make_block("leave");
        IRBuilder<> b(allocate);
        Constant* null = ConstantPointerNull::get(PointerType::getUnqual(context_));
        Value* id =
            b.CreateIntrinsic(Intrinsic::coro_id, {}, {b.getInt32(frame_alignment), null, null, null});
        Value* size = b.CreateIntrinsic(Intrinsic::coro_size, {wide}, {});
        const auto aligned = [&](Value* address) {
            Value* up = b.CreateAdd(address, b.getInt64(frame_alignment - 1));
            return b.CreateAnd(up, b.getInt64(~(frame_alignment - 1)));
        };
        Value* arena = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), block, field_arena);
        Value* free = aligned(b.CreateLoad(wide, arena));
        Value* end = b.CreateAdd(free, size);
        b.CreateCondBr(b.CreateICmpULE(end, field(b, block, field_arena_end, wide, "arena.end", false)), fits,
                       grow);
        b.SetInsertPoint(fits);
        b.CreateStore(end, arena);
        b.CreateBr(begin);
        b.SetInsertPoint(grow);
        auto* grow_type = FunctionType::get(pointer, {pointer, wide}, false);
        Value* grown = imports_.call(b, "heddle_arena_grow", grow_type,
                                     {block, b.CreateAdd(size, b.getInt64(frame_alignment))});
        Value* grown_at = aligned(b.CreatePtrToInt(grown, wide));
        b.CreateBr(begin);
        b.SetInsertPoint(begin);
        PHINode* address = b.CreatePHI(wide, 2, "frame");
        address->addIncoming(free, fits);
        address->addIncoming(grown_at, grow);
        Value* handle =
            b.CreateIntrinsic(Intrinsic::coro_begin, {}, {id, b.CreateIntToPtr(address, pointer)});
        const auto suspend = [&](IRBuilder<>& at, bool is_final) {
            Value* outcome = at.CreateIntrinsic(Intrinsic::coro_suspend, {},
                                                {ConstantTokenNone::get(context_), at.getInt1(is_final)});
            BasicBlock* resumed = BasicBlock::Create(context_, "resumed", function);
            SwitchInst* next = at.CreateSwitch(outcome, leave, 2);
            next->addCase(at.getInt8(0), resumed);
            next->addCase(at.getInt8(1), cleanup);
            at.SetInsertPoint(resumed);
        };
        WarpFrame frame;
        frame.launch = launch;
        frame.block = block;
        frame.unit = unit;
        for (unsigned axis = 0; axis < 3; ++axis)
            frame.block_index[axis] = field(b, block, 4 * axis, word, "blockIdx", false);
        if (lanes_ == 1) {
            Value *width = field(b, launch, 12, word, "block.x"),
                  *height = field(b, launch, 16, word, "block.y");
            Value* rows = b.CreateUDiv(unit, width);
            frame.thread_index = {b.CreateURem(unit, width), b.CreateURem(rows, height),
                                  b.CreateUDiv(rows, height)};
        }
        frame.arguments = load_arguments(b, kernel, launch);
        frame.has_full_warps = row == Row::full;
        frame.suspend = [&](IRBuilder<>& at) { suspend(at, false); };
        emitter.emit(b, entry, frame);
        suspend(b, true);
        b.CreateUnreachable();
        b.SetInsertPoint(cleanup);
        b.CreateBr(leave);
        b.SetInsertPoint(leave);
        b.CreateIntrinsic(Intrinsic::coro_end, {}, {handle, b.getFalse(), ConstantTokenNone::get(context_)});
        b.CreateRet(handle);
        IRBuilder<>(entry).CreateBr(allocate);
        return function;
    }
};

void write_kernel_table(Module& out, const std::vector<Constant*>& entries, StructType* type) {
    std::vector<Constant*> all = entries;
    all.push_back(Constant::getNullValue(type));
    ArrayType* array = ArrayType::get(type, all.size());
    auto* table = new GlobalVariable(out, array, true, GlobalValue::ExternalLinkage,
                                     ConstantArray::get(array, all), "heddle_kernels");
    table->setVisibility(GlobalValue::ProtectedVisibility);
    Type* word = Type::getInt32Ty(out.getContext());
    auto* version = new GlobalVariable(out, word, true, GlobalValue::ExternalLinkage,
                                       ConstantInt::get(word, abi_version), "heddle_abi");
    version->setVisibility(GlobalValue::ProtectedVisibility);
}

// The forms of a kernel: all that may differ, or those of them that are wanted. One that never reads what
// tells a form from `any` has `any` only.
std::vector<Row> forms_of(const PreparedKernel& prepared, unsigned lanes,
                          const std::vector<std::uint32_t>& wanted) {
    if (lanes == 1) return {Row::any};
    std::vector<Row> rows = prepared.uses_rows ? std::vector<Row>{Row::full, Row::half, Row::linear, Row::any}
                                               : std::vector<Row>{Row::full, Row::linear, Row::any};
    if (wanted.empty()) return rows;
    std::erase_if(rows, [&](Row row) {
        return std::find(wanted.begin(), wanted.end(), static_cast<std::uint32_t>(row)) == wanted.end();
    });
    if (rows.empty()) rows = {Row::any};
    return rows;
}

}  // namespace

CpuModule emit_cpu_module(Module& ir, const CpuVariant& variant, TargetMachine& machine, unsigned lanes,
                          const TargetRequest& request) {
    const bool check = request.check;
    const std::vector<std::string>& kernels = request.kernels;
    LLVMContext& context = ir.getContext();
    CpuModule result;
    result.module = std::make_unique<Module>("heddle", context);
    Module& out = *result.module;
    out.setTargetTriple(variant.triple);
    out.setDataLayout(machine.createDataLayout());
    out.setPICLevel(PICLevel::BigPIC);
    ImportTable imports(out);
    PointerType* pointer = PointerType::getUnqual(context);
    Type* word = Type::getInt32Ty(context);
    StructType* entry_type = StructType::get(pointer, pointer, word, word);
    std::vector<Constant*> entries;
    NamedMDNode* listed = ir.getNamedMetadata("heddle.kernels");
    for (MDNode* node : listed ? listed->operands()
                               : iterator_range<NamedMDNode::op_iterator>(NamedMDNode::op_iterator(),
                                                                          NamedMDNode::op_iterator())) {
        auto* kernel = mdconst::dyn_extract_or_null<Function>(node->getOperand(0));
        if (!kernel) continue;
        const std::string name = cast<MDString>(node->getOperand(1))->getString().str();
        if (!kernels.empty() && std::find(kernels.begin(), kernels.end(), name) == kernels.end()) continue;
        std::vector<Function*> made;
        try {
            const PreparedKernel prepared = prepare_kernel(*kernel);
            const bool suspends =
                prepared.has_barriers ||
                (lanes == 1 && (prepared.has_warp_operations || prepared.has_volatile_shared));
            CpuKernelEmitter emitter(out, imports, variant, lanes, check);
            const std::vector<Row> rows = forms_of(prepared, lanes, request.rows);
            Constant* text = ConstantDataArray::getString(context, kernel->getName());
            auto* symbol =
                new GlobalVariable(out, text->getType(), true, GlobalValue::PrivateLinkage, text, "kernel");
            std::vector<Constant*> forms;
            for (Row row : rows) {
                Function* function = emitter.emit(*kernel, prepared, row, suspends);
                function->setVisibility(GlobalValue::HiddenVisibility);
                made.push_back(function);
                const std::uint32_t flags = (suspends ? flag_suspends : 0) | (lanes == 1 ? flag_scalar : 0) |
                                            (check ? flag_checked : 0);
                forms.push_back(ConstantStruct::get(
                    entry_type, {symbol, function, ConstantInt::get(word, static_cast<std::uint32_t>(row)),
                                 ConstantInt::get(word, flags)}));
            }
            entries.insert(entries.end(), forms.begin(), forms.end());
        } catch (const Unsupported& reason) {
            // What was begun of this kernel stays unreferenced and is dropped.
            for (Function* function : made) function->setLinkage(GlobalValue::InternalLinkage);
            std::vector<Function*> unfinished;
            for (Function& function : out)
                if (!function.isDeclaration() &&
                    function.getName().starts_with((kernel->getName() + ".row").str()))
                    unfinished.push_back(&function);
            for (Function* function : unfinished) function->deleteBody();
            result.unsupported.push_back({lanes == 1 ? "scalar" : "simd", name, reason.what()});
        }
    }
    write_kernel_table(out, entries, entry_type);
    imports.finish();
    return result;
}

}  // namespace heddle::compiler
