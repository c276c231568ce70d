// In: functions that may call themselves through function pointers or virtual functions, as a list of shapes
// that is a shape does; most programs never do. Out: copies of them for a few levels of depth, the deepest of
// which stops the lane instead of calling on. Direct recursion stays, for check_device_code() to report.
#include <llvm/ADT/SCCIterator.h>
#include <llvm/Analysis/CallGraph.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <map>
#include <set>

#include "lowering/stop_lane.h"
#include "lowering/transforms.h"

namespace heddle::compiler {
namespace {

/// Everything is inlined: n functions and d levels become up to n^d copies.
constexpr std::size_t most_copies = 16, most_levels = 4;

std::size_t levels_for(std::size_t functions) {
    std::size_t levels = 2;
    for (std::size_t copies = functions * functions;
         copies * functions <= most_copies && levels < most_levels; ++levels)
        copies *= functions;
    return levels;
}

std::vector<llvm::CallInst*> pointer_calls_into(llvm::Function& function,
                                                const std::set<llvm::Function*>& callees) {
    std::vector<llvm::CallInst*> calls;
    for (auto& instruction : llvm::instructions(function))
        if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction))
            if (call->getMetadata(through_pointer) && callees.count(call->getCalledFunction()) != 0)
                calls.push_back(call);
    return calls;
}

void stop_instead(llvm::CallInst& call) {
    llvm::IRBuilder<> builder(&call);
    stop_lane(builder, "recursion through pointers is deeper than Heddle supports");
    if (!call.getType()->isVoidTy()) call.replaceAllUsesWith(llvm::Constant::getNullValue(call.getType()));
    call.eraseFromParent();
}

void bound(const std::vector<llvm::Function*>& cycle) {
    const std::size_t levels = levels_for(cycle.size());
    // From the deepest level up, each level calls the one below it.
    std::map<llvm::Function*, llvm::Function*> below;
    for (std::size_t level = levels; level-- > 0;) {
        std::map<llvm::Function*, llvm::Function*> here;
        const bool is_original = level == 0;
        const std::set<llvm::Function*> members(cycle.begin(), cycle.end());
        std::vector<llvm::Function*> copies;
        for (auto* function : cycle) {
            llvm::ValueToValueMapTy values;
            llvm::Function* copy = is_original ? function : llvm::CloneFunction(function, values);
            copies.push_back(copy);
            here[function] = copy;
        }
        for (auto* copy : copies)
            for (auto* call : pointer_calls_into(*copy, members)) {
                if (below.empty())
                    stop_instead(*call);
                else
                    call->setCalledFunction(below.at(call->getCalledFunction()));
            }
        // Direct calls among the copies stay on their level.
        if (!is_original)
            for (auto* copy : copies)
                for (auto& instruction : llvm::instructions(*copy))
                    if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction))
                        if (const auto same = here.find(call->getCalledFunction()); same != here.end())
                            call->setCalledFunction(same->second);
        below = here;
    }
}

}  // namespace

void bound_recursion(llvm::Module& module, Reporter& reporter) {
    std::vector<std::vector<llvm::Function*>> cycles;
    llvm::CallGraph calls(module);
    for (auto component = llvm::scc_begin(&calls); !component.isAtEnd(); ++component) {
        if (!component.hasCycle()) continue;
        std::vector<llvm::Function*> cycle;
        for (const auto* node : *component)
            if (node->getFunction() && !node->getFunction()->isDeclaration())
                cycle.push_back(node->getFunction());
        const std::set<llvm::Function*> members(cycle.begin(), cycle.end());
        for (auto* function : cycle)
            if (!pointer_calls_into(*function, members).empty()) {
                reporter.warning(*function,
                                 "'" + llvm::demangle(function->getName().str()) +
                                     "' can call itself through a pointer; Heddle stops the launch where it "
                                     "does so more than " +
                                     std::to_string(levels_for(cycle.size()) - 1) + " times deep");
                cycles.push_back(cycle);
                break;
            }
    }
    for (const auto& cycle : cycles) bound(cycle);
}

}  // namespace heddle::compiler
