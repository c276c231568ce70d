// In: functions whose operands may be constant expressions over global variables. Out: the same with those
// expressions as instructions, so that a variable's uses are instructions alone.
#include <llvm/IR/Constants.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/ReplaceConstant.h>

#include "lowering/transforms.h"

namespace heddle::compiler {

void expand_constant_expressions(llvm::Module& module) {
    std::vector<llvm::Constant*> variables;
    for (auto& variable : module.globals()) variables.push_back(&variable);
    llvm::convertUsersOfConstantsToInstructions(variables);
}

}  // namespace heddle::compiler
