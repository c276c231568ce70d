// Wraps the warp emitter's code in functions that the run time calls: a loop over blocks and warps for
// kernels that never wait; for those that do, a loop over warps (or threads, with one lane) for each region
// between two suspensions.
#include "cpu_kernel.h"

#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

#include <map>
#include <optional>

#include "barrier_regions.h"
#include "import_table.h"
#include "kernel_preparation.h"
#include "lane_exchange.h"
#include "serial_loops.h"
#include "unit_loops.h"
#include "warp_emitter.h"
#include "wide_division.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

// Numbers of src/backends/cpu/abi.h.
constexpr std::uint32_t abi_version = 3;
constexpr std::uint32_t flag_suspends = 1, flag_scalar = 2, flag_checked = 4, flag_warp_operations = 8;
constexpr unsigned field_arguments = 32, field_frames = 40, field_regions = 48, field_values = 56,
                   field_answers = 64, field_offered = 80;
// Steps that a warp takes by itself before the run time gets to know.
constexpr std::uint32_t steps_at_most = 64;
constexpr std::uint64_t launch_bytes = 56, block_bytes = 96;
constexpr std::uint32_t operation_barrier = 1;
// Parameters of a unit's code.
constexpr unsigned parameter_unit = 5, parameter_thread_index = 6, parameters_before_arguments = 9;

// What a kernel's table entry says besides name, row and flags.
struct EmittedKernel {
    Function* entry = nullptr;
    std::uint64_t frame_bytes = 0;
    std::vector<Suspension> suspensions;
};

class CpuKernelEmitter {
  public:
    CpuKernelEmitter(Module& out, ImportTable& imports, const CpuVariant& variant, TargetMachine& machine,
                     unsigned lanes, bool check)
        : out_(out),
          imports_(imports),
          variant_(variant),
          lanes_(lanes),
          check_(check),
          context_(out.getContext()),
          passes_(&machine) {
        passes_.registerModuleAnalyses(modules_);
        passes_.registerCGSCCAnalyses(components_);
        passes_.registerFunctionAnalyses(functions_);
        passes_.registerLoopAnalyses(loops_);
        passes_.crossRegisterProxies(loops_, functions_, components_, modules_);
    }

    // Emits `kernel` for launches that `row` describes. A suspending kernel's units take part in all rounds
    // of steps when they wait `at_barriers_only`.
    EmittedKernel emit(Function& kernel, const PreparedKernel& prepared, Row row, bool suspends,
                       bool at_barriers_only) {
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
        std::optional<SerialLoops> serial;
        if (lanes_ > 1) serial.emplace(kernel, tree, dominators, loops, shapes, row);
        WarpEmitter emitter(kernel, tree, shapes, variant_, options, imports_, serial ? &*serial : nullptr);
        const std::string name = kernel.getName().str() + ".row" + std::to_string(static_cast<unsigned>(row));
        if (suspends) return emit_stepping(kernel, emitter, name, row, at_barriers_only);
        return {emit_plain(kernel, emitter, name, row), 0, {}};
    }

  private:
    Module& out_;
    ImportTable& imports_;
    const CpuVariant& variant_;
    const unsigned lanes_;
    const bool check_;
    LLVMContext& context_;
    LoopAnalysisManager loops_;
    FunctionAnalysisManager functions_;
    CGSCCAnalysisManager components_;
    ModuleAnalysisManager modules_;
    PassBuilder passes_;

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

    // The kernel's parameters out of the packed buffer.
    std::vector<Value*> load_arguments(IRBuilder<>& b, Function& kernel, Value* launch) {
        const DataLayout& layout = kernel.getParent()->getDataLayout();
        Value* buffer =
            kernel.arg_empty() ? nullptr : load_field(b, launch, field_arguments, b.getPtrTy(), "arguments");
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
                values.push_back(b.CreateICmpNE(
                    load_field(b, buffer, offset, b.getInt8Ty(), argument.getName()), b.getInt8(0)));
            } else {
                Type* flat = type->isPointerTy() ? b.getPtrTy() : type;
                values.push_back(load_field(b, buffer, offset, flat, argument.getName()));
            }
            offset += layout.getTypeAllocSize(type);
        }
        return values;
    }

    // unit(launch, block, blockIdx.xyz, unit, threadIdx.xyz, arguments...): one warp or thread.
    Function* emit_unit(Function& kernel, WarpEmitter& emitter, const std::string& name,
                        ArrayRef<Value*> arguments, bool suspends) {
        Type *pointer = PointerType::getUnqual(context_), *word = Type::getInt32Ty(context_);
        std::vector<Type*> types{pointer, pointer, word, word, word, word, word, word, word};
        constexpr unsigned fixed = parameters_before_arguments;
        for (Value* argument : arguments) types.push_back(argument->getType());
        Function* body =
            make_function(Type::getVoidTy(context_), types, name + ".unit", GlobalValue::InternalLinkage);
        body->addFnAttr(Attribute::AlwaysInline);
        for (unsigned i = 0; i < arguments.size(); ++i)
            body->getArg(fixed + i)->setName(kernel.getArg(i)->getName());
        if (!suspends) describe_parameters(*body, kernel);
        BasicBlock* entry = BasicBlock::Create(context_, "entry", body);
        BasicBlock* start = BasicBlock::Create(context_, "start", body);
        IRBuilder<> b(start);
        WarpFrame frame;
        frame.launch = body->getArg(0);
        frame.block = body->getArg(1);
        for (unsigned axis = 0; axis < 3; ++axis) {
            frame.block_index[axis] = body->getArg(2 + axis);
            frame.thread_index[axis] = body->getArg(parameter_thread_index + axis);
        }
        frame.unit = body->getArg(parameter_unit);
        for (unsigned i = 0; i < arguments.size(); ++i) frame.arguments.push_back(body->getArg(fixed + i));
        if (suspends)
            frame.suspend = [&](IRBuilder<>& at, const WarpRequest& request) -> Value* {
                // A warp of vector code waits at barriers only, also where it runs lane by lane.
                if (lanes_ > 1 && request.operation != operation_barrier) return at.getInt32(0);
                FunctionCallee marker = out_.getOrInsertFunction(
                    suspension_marker, FunctionType::get(word, {word, word, word, word}, false));
                auto* declaration = cast<Function>(marker.getCallee());
                // Two suspensions are not to become one, nor one two.
                declaration->addFnAttr(Attribute::Convergent);
                declaration->addFnAttr(Attribute::NoDuplicate);
                declaration->setDoesNotThrow();
                const std::uint32_t flags = (request.mask ? Suspension::has_mask : 0) |
                                            (request.operand ? Suspension::has_operand : 0);
                ConstantInt* none = at.getInt32(0);
                return at.CreateCall(
                    marker, {at.getInt32(request.operation), at.getInt32(flags),
                             request.mask ? request.mask : none, request.operand ? request.operand : none});
            };
        emitter.emit(b, entry, frame);
        b.CreateRetVoid();
        IRBuilder<>(entry).CreateBr(start);
        return body;
    }

    // What the parameters of a unit's code promise, or of a region of it: while a unit is suspended, others
    // change the memory behind them.
    static void describe_parameters(Function& body, const Function& kernel) {
        describe_launch(body);
        for (const llvm::Argument& argument : kernel.args())
            if (argument.hasNoAliasAttr() || argument.hasByValAttr())
                body.addParamAttr(parameters_before_arguments + argument.getArgNo(), Attribute::NoAlias);
    }

    static void describe_launch(Function& function) {
        function.addParamAttr(0, Attribute::NoAlias);
        function.addParamAttr(1, Attribute::NoAlias);
        function.addDereferenceableParamAttr(0, launch_bytes);
        function.addDereferenceableParamAttr(1, block_bytes);
        for (const unsigned index : {0u, 1u})
            function.addParamAttr(index, Attribute::getWithAlignment(function.getContext(), Align(8)));
    }

    // void kernel(launch, block, first, last)
    Function* emit_plain(Function& kernel, WarpEmitter& emitter, const std::string& name, Row row) {
        Type *pointer = PointerType::getUnqual(context_), *word = Type::getInt32Ty(context_),
             *wide = Type::getInt64Ty(context_);
        Function* function = make_function(Type::getVoidTy(context_), {pointer, pointer, wide, wide}, name,
                                           GlobalValue::ExternalLinkage);
        describe_launch(*function);
        llvm::Argument *launch = function->getArg(0), *block = function->getArg(1),
                       *first = function->getArg(2), *last = function->getArg(3);
        IRBuilder<> b(BasicBlock::Create(context_, "entry", function));
        const std::vector<Value*> arguments = load_arguments(b, kernel, launch);
        Function* body = emit_unit(kernel, emitter, name, arguments, false);
        Value *width = load_field(b, launch, 0, word, "grid.x"),
              *height = load_field(b, launch, 4, word, "grid.y");
        Value* units = load_field(b, launch, 24, word, "threads");
        if (lanes_ > 1) units = b.CreateLShr(b.CreateAdd(units, b.getInt32(31)), 5, "warps");
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
            each_unit(b, lanes_, launch, b.getInt32(0), units, row,
                      [&](Value* unit, const std::array<Value*, 3>& thread) {
                          std::vector<Value*> operands{launch, block,     at[0],     at[1],    at[2],
                                                       unit,   thread[0], thread[1], thread[2]};
                          operands.insert(operands.end(), arguments.begin(), arguments.end());
                          b.CreateCall(body, operands);
                      });
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

    // The emitter's slots become registers and what is the same is computed once, so that little lives across
    // suspensions.
    void tidy(Function& function) {
        FunctionPassManager passes;
        passes.addPass(SROAPass(SROAOptions::ModifyCFG));
        passes.addPass(EarlyCSEPass(true));
        passes.addPass(InstCombinePass());
        passes.addPass(SimplifyCFGPass());
        passes.run(function, functions_);
        functions_.clear(function, function.getName());
    }

    // u32 kernel(launch, block, region, first, last, group)
    EmittedKernel emit_stepping(Function& kernel, WarpEmitter& emitter, const std::string& name, Row row,
                                bool at_barriers_only) {
        Type *pointer = PointerType::getUnqual(context_), *word = Type::getInt32Ty(context_);
        Function* function = make_function(word, {pointer, pointer, word, word, word, word}, name,
                                           GlobalValue::ExternalLinkage);
        describe_launch(*function);
        llvm::Argument *launch = function->getArg(0), *block = function->getArg(1),
                       *region = function->getArg(2), *first = function->getArg(3),
                       *last = function->getArg(4), *group = function->getArg(5);
        IRBuilder<> b(BasicBlock::Create(context_, "entry", function));
        const std::vector<Value*> arguments = load_arguments(b, kernel, launch);
        Function* unit_code = emit_unit(kernel, emitter, name, arguments, true);
        tidy(*unit_code);
        constexpr unsigned varying[] = {parameter_unit, parameter_thread_index, parameter_thread_index + 1,
                                        parameter_thread_index + 2};
        const BarrierRegions split = split_at_suspensions(*unit_code, varying, at_barriers_only);
        std::array<Value*, 3> block_index{};
        for (unsigned axis = 0; axis < 3; ++axis)
            block_index[axis] = load_field(b, block, 4 * axis, word, "blockIdx");
        Value* frames = load_field(b, block, field_frames, pointer, "frames");
        Value* regions = load_field(b, block, field_regions, pointer, "regions");
        Steps steps{launch, block, frames, regions, first, last, row, split, {}, {}, {}, nullptr};
        const bool exchanges = lanes_ == 1 && !at_barriers_only;
        LaneExchange given;  // at the start of a step
        if (exchanges) {
            Value* warp = b.CreateAnd(first, b.getInt32(~31u));
            // heddle_cpu_exchange_index, of which the warp's part
            steps.padding = b.CreateZExt(b.CreateAdd(b.CreateShl(warp, 1), b.getInt32(32)), b.getInt64Ty());
            const auto array = [&](unsigned offset) {
                return b.CreateInBoundsGEP(
                    b.getInt64Ty(), load_field(b, block, offset, pointer, "array", false), steps.padding);
            };
            given = {array(field_values), array(field_answers), nullptr, nullptr, b.getInt32(0), group,
                     b.getInt32(0)};
            given.own = given.offers;
            steps.offered = array(field_offered);
            // --check looks at every step.
            if (!check_)
                given.left = b.CreateSelect(
                    b.CreateICmpEQ(b.CreateSub(last, warp), b.getInt32(32)),
                    b.CreateSelect(b.CreateICmpEQ(warp, first), b.getInt32(steps_at_most), b.getInt32(0)),
                    b.getInt32(0));
            steps.start = thread_index_of(b, launch, first);
        }
        BasicBlock* never = BasicBlock::Create(context_, "never", function);
        new UnreachableInst(context_, never);
        BasicBlock* entered = b.GetInsertBlock();
        SwitchInst* select = b.CreateSwitch(region, never);
        for (const RegionFunction& part : split.functions) {
            describe_parameters(*part.function, kernel);
            BasicBlock* start = BasicBlock::Create(context_, "region", function);
            for (const std::uint32_t number : part.regions) select->addCase(b.getInt32(number), start);
            if (!exchanges || part.regions.size() > 1) continue;
            const Suspension& suspension = split.suspensions[part.regions[0]];
            if (!goes_on(suspension)) continue;
            b.SetInsertPoint(start);
            given.answers = suspension.is_pick() ? steps.offered : given.second;
            steps.entered[part.regions[0]] = LaneExchange::make_phis(b, given, entered);
        }
        if (exchanges) {
            BasicBlock* left = BasicBlock::Create(context_, "left", function);
            b.SetInsertPoint(left);
            for (PHINode*& phi : steps.left)
                phi = b.CreatePHI(&phi == &steps.left[0] ? word : static_cast<Type*>(pointer), 4);
            // Whatever the last step wrote is the values that the run time looks at.
            for (unsigned i = 1; i < 3; ++i)
                b.CreateStore(steps.left[i],
                              b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), block,
                                                           i == 1 ? field_values : field_answers));
            b.CreateRet(steps.left[0]);
        }
        for (const RegionFunction& part : split.functions) {
            BasicBlock* start = nullptr;
            for (const auto& each : select->cases())
                if (each.getCaseValue()->getZExtValue() == part.regions[0]) start = each.getCaseSuccessor();
            start->moveAfter(&function->back());
            b.SetInsertPoint(start);
            LaneExchange now = given;
            if (const auto found = steps.entered.find(part.regions[0]); found != steps.entered.end()) {
                now = found->second;
            } else {
                now.answers = given.second;
                if (exchanges && part.regions.size() > 1)
                    now.answers = b.CreateSelect(is_pick(b, region, split), steps.offered, given.second);
                else if (exchanges && split.suspensions[part.regions[0]].is_pick())
                    now.answers = steps.offered;
            }
            if (!exchanges) {
                Value* none = PoisonValue::get(pointer);
                now = {none, none, none, none, b.getInt32(0), group, b.getInt32(0)};
            }
            emit_steps(
                b, part, steps, now, [&](Value* unit, const std::array<Value*, 3>& thread, Value* frame) {
                    std::vector<Value*> operands{launch,         block,          block_index[0],
                                                 block_index[1], block_index[2], unit,
                                                 thread[0],      thread[1],      thread[2]};
                    operands.insert(operands.end(), arguments.begin(), arguments.end());
                    operands.insert(operands.end(),
                                    {frame, now.group, now.offers, now.answers, now.lane_flip, now.own});
                    if (part.regions.size() > 1) operands.push_back(region);
                    return operands;
                });
        }
        return {function, split.frame_bytes, split.suspensions};
    }

    // Whether `region`, an i32, is one where a lane picks its answer.
    static Value* is_pick(IRBuilder<>& b, Value* region, const BarrierRegions& split) {
        Value* result = b.getFalse();
        for (unsigned i = 0; i < split.suspensions.size(); ++i)
            if (split.suspensions[i].is_pick())
                result = b.CreateOr(result, b.CreateICmpEQ(region, b.getInt32(i)));
        return result;
    }

    // What all regions of a kernel's step have in common.
    struct Steps {
        Value *launch, *block, *frames, *regions, *first, *last;
        Row row;
        const BarrierRegions& split;
        std::array<Value*, 3> start;                    // the first unit's threadIdx; null: not known yet
        std::map<std::uint32_t, LaneExchange> entered;  // regions that a warp may come to by itself
        std::array<PHINode*, 3> left;                   // the outcome, the values, the answers; null: returns
        Value *padding = nullptr, *offered = nullptr;   // see heddle_cpu_exchange_index
    };

    // All units of a step through one function of the split kernel, and what became of them.
    void emit_steps(
        IRBuilder<>& b, const RegionFunction& part, const Steps& steps, const LaneExchange& exchange,
        const std::function<std::vector<Value*>(Value*, const std::array<Value*, 3>&, Value*)>& operands_of) {
        Type* word = b.getInt32Ty();
        const BarrierRegions& split = steps.split;
        const auto frame_of = [&](Value* unit) {
            return b.CreateInBoundsGEP(b.getInt8Ty(), steps.frames,
                                       b.CreateMul(b.CreateZExt(unit, b.getInt64Ty()),
                                                   b.getInt64(split.frame_bytes), "", true, true));
        };
        std::vector<Value*> common;
        for (const CommonValue& value : part.common) {
            LoadInst* load = b.CreateLoad(
                value.type, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), frame_of(steps.first), value.offset));
            load->setMetadata(LLVMContext::MD_alias_scope, split.frame_scope);
            common.push_back(load);
        }
        AllocaInst *all = nullptr, *some = nullptr;  // the outcomes' bits
        const bool is_common = lanes_ == 1 && part.has_common_outcome;
        if (!part.outcome) {
            all = make_slot(b, word);
            some = make_slot(b, word);
            b.CreateStore(b.getInt32(~0u), all);
            b.CreateStore(b.getInt32(0), some);
        }
        each_unit(
            b, lanes_, steps.launch, steps.first, steps.last, steps.row,
            [&](Value* unit, const std::array<Value*, 3>& thread) {
                std::vector<Value*> operands = operands_of(unit, thread, frame_of(unit));
                operands.insert(operands.end(), common.begin(), common.end());
                Value* outcome = b.CreateCall(part.function, operands);
                if (part.outcome) return;
                if (is_common) {
                    b.CreateStore(outcome, all);
                    return;
                }
                StoreInst* record = b.CreateStore(
                    outcome, b.CreateInBoundsGEP(word, steps.regions, b.CreateZExt(unit, b.getInt64Ty())));
                record->setMetadata(LLVMContext::MD_alias_scope, split.frame_scope);
                b.CreateStore(b.CreateAnd(b.CreateLoad(word, all), outcome), all);
                b.CreateStore(b.CreateOr(b.CreateLoad(word, some), outcome), some);
            },
            steps.start[0] ? &steps.start : nullptr);
        Value* next;
        if (part.outcome) {
            next = b.getInt32(*part.outcome);
        } else {
            next = b.CreateLoad(word, all);
            if (!is_common)
                next = b.CreateSelect(b.CreateICmpEQ(next, b.CreateLoad(word, some)), next,
                                      b.getInt32(region_mixed));
        }
        if (steps.left[0])
            emit_next_step(b, part, steps, exchange, next);
        else
            b.CreateRet(next);
    }

    // Goes on with the step behind the warp operation that all lanes of a warp have arrived at, or lets the
    // run time do it.
    void emit_next_step(IRBuilder<>& b, const RegionFunction& part, const Steps& steps,
                        const LaneExchange& exchange, Value* next) {
        Function* function = b.GetInsertBlock()->getParent();
        // The arrays without the warp's part of the index
        const auto whole = [&](Value* array) {
            return b.CreateGEP(b.getInt64Ty(), array, b.CreateNeg(steps.padding));
        };
        steps.left[0]->addIncoming(next, b.GetInsertBlock());
        Value *values = whole(exchange.offers), *answers = whole(exchange.second);
        steps.left[1]->addIncoming(values, b.GetInsertBlock());
        steps.left[2]->addIncoming(answers, b.GetInsertBlock());
        std::vector<std::uint32_t> after;
        if (part.regions.size() == 1)
            for (const std::uint32_t each : part.outcomes)
                if (steps.entered.contains(each)) after.push_back(each);
        BasicBlock* stop = steps.left[0]->getParent();
        if (after.empty()) {
            b.CreateBr(stop);
            return;
        }
        BasicBlock *from = b.GetInsertBlock(), *going = BasicBlock::Create(context_, "going.on", function);
        b.CreateCondBr(b.CreateICmpEQ(exchange.left, b.getInt32(0)), stop, going);
        b.SetInsertPoint(going);
        for (PHINode* phi : steps.left) phi->addIncoming(phi->getIncomingValueForBlock(from), going);
        SwitchInst* select = b.CreateSwitch(next, stop);
        for (const std::uint32_t each : after) {
            BasicBlock* step = BasicBlock::Create(context_, "next.step", function);
            select->addCase(b.getInt32(each), step);
            b.SetInsertPoint(step);
            const LaneExchange given =
                exchange.after(b, steps.split.suspensions[each], steps.first, steps.offered);
            const LaneExchange& there = steps.entered.at(each);
            BasicBlock* target = cast<PHINode>(there.offers)->getParent();
            there.come_with(given, b.GetInsertBlock());
            b.CreateBr(target);
        }
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
    StructType* entry_type = StructType::get(pointer, pointer, word, word, word, word, pointer);
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
            refuse_wide_conversions(*kernel);
            const PreparedKernel prepared = prepare_kernel(*kernel, lanes > 1 ? &machine : nullptr);
            const bool has_warp_operations =
                lanes == 1 && (prepared.has_warp_operations || prepared.has_volatile_shared);
            const bool suspends = prepared.has_barriers || has_warp_operations;
            CpuKernelEmitter emitter(out, imports, variant, machine, lanes, check);
            const std::vector<Row> rows = forms_of(prepared, lanes, request.rows);
            Constant* text = ConstantDataArray::getString(context, kernel->getName());
            auto* symbol =
                new GlobalVariable(out, text->getType(), true, GlobalValue::PrivateLinkage, text, "kernel");
            std::vector<Constant*> forms;
            for (Row row : rows) {
                const EmittedKernel form =
                    emitter.emit(*kernel, prepared, row, suspends, !has_warp_operations);
                form.entry->setVisibility(GlobalValue::HiddenVisibility);
                made.push_back(form.entry);
                const std::uint32_t flags = (suspends ? flag_suspends : 0) | (lanes == 1 ? flag_scalar : 0) |
                                            (check ? flag_checked : 0) |
                                            (has_warp_operations ? flag_warp_operations : 0);
                Constant* suspensions = ConstantPointerNull::get(pointer);
                if (suspends) {
                    std::vector<std::uint32_t> words;
                    for (const Suspension& each : form.suspensions)
                        words.insert(words.end(), {each.operation, each.flags, each.mask, each.operand});
                    Constant* list = ConstantDataArray::get(context, words);
                    suspensions = new GlobalVariable(out, list->getType(), true, GlobalValue::PrivateLinkage,
                                                     list, "suspensions");
                }
                const auto number = [&](std::uint64_t value) { return ConstantInt::get(word, value); };
                forms.push_back(ConstantStruct::get(
                    entry_type, {symbol, form.entry, number(static_cast<std::uint32_t>(row)), number(flags),
                                 number(form.frame_bytes), number(form.suspensions.size()), suspensions}));
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
    for (const char* name : {suspension_marker, offers_marker, answers_marker, lane_flip_marker})
        if (Function* marker = out.getFunction(name); marker && marker->use_empty())
            marker->eraseFromParent();
    write_kernel_table(out, entries, entry_type);
    imports.finish();
    return result;
}

}  // namespace heddle::compiler
