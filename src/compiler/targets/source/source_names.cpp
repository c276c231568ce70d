// Names of variables. Clang names temporaries after the kind of expression ("add", "arrayidx"); such names
// are known and replaced by what a reader would call the value.
#include "source_names.h"

#include <llvm/ADT/StringSwitch.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/Instructions.h>

#include <cctype>

namespace heddle::compiler {

using namespace llvm;

namespace {

bool is_made_up(StringRef name) {
    static const std::set<std::string, std::less<>> names = {
        "add",         "sub",      "mul",     "div",        "rem",    "shl",     "shr",         "and",
        "or",          "xor",      "not",     "neg",        "cmp",    "conv",    "idxprom",     "arrayidx",
        "arraydecay",  "incdec",   "add_ptr", "inc",        "dec",    "call",    "tobool",      "cond",
        "lnot",        "land",     "lor",     "tmp",        "agg",    "cast",    "extract",     "retval",
        "spec",        "sel",      "idx",     "bf",         "ref",    "ptr",     "indvars",     "indvar",
        "spec_select", "brmerge",  "or_cond", "storemerge", "narrow", "umin",    "umax",        "smin",
        "smax",        "exitcond", "wide",    "ld",         "vec",    "fneg",    "sext",        "zext",
        "trunc",       "sroa",     "unroll",  "xtraiter",   "niter",  "lcmp",    "atomic_temp", "idx_ext",
        "call_i",      "cleanup",  "coerce",  "val",        "shfl",   "freeze",  "fr",          "result",
        "lhs",         "rhs",      "phi",     "select",     "load",   "sub_ptr", "isdigit",     "text",
        "globals",     "math",     "ov",      "usub",       "uadd",   "uglygep", "scevgep",     "lsr",
        "invariant",   "split",    "masksel", "hi",         "lo",     "i_i",     "cmp_not",     "mul_i",
        "add_i",       "barrier",  "ballot",  "activemask", "reduce", "match",   "incdec_ptr",  "temp",
        "bool",        "frombool", "storedv", "ispos",      "isneg",  "iszero",  "nonzero"};
    return names.count(name.str()) != 0;
}

std::string without_number(std::string name) {
    while (!name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0) name.pop_back();
    while (!name.empty() && name.back() == '_') name.pop_back();
    return name;
}

const char* kind_of(const Value& value) {
    const auto* instruction = dyn_cast<Instruction>(&value);
    if (!instruction) return "value";
    switch (instruction->getOpcode()) {
        case Instruction::Add:
        case Instruction::FAdd:
            return "sum";
        case Instruction::Sub:
        case Instruction::FSub:
            return "difference";
        case Instruction::Mul:
        case Instruction::FMul:
            return "product";
        case Instruction::UDiv:
        case Instruction::SDiv:
        case Instruction::FDiv:
            return "quotient";
        case Instruction::URem:
        case Instruction::SRem:
            return "remainder";
        case Instruction::And:
        case Instruction::Or:
        case Instruction::Xor:
        case Instruction::Shl:
        case Instruction::LShr:
        case Instruction::AShr:
            return "bits";
        case Instruction::ICmp:
        case Instruction::FCmp:
            return "holds";
        case Instruction::Load:
            return "element";
        case Instruction::AtomicRMW:
        case Instruction::AtomicCmpXchg:
            return "before";
        case Instruction::GetElementPtr:
            return "place";
        case Instruction::Select:
            return "chosen";
        default:
            return instruction->getType()->isPointerTy() ? "place" : "value";
    }
}

}  // namespace

std::string identifier(StringRef text) {
    std::string name;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            name += c;
        else if (!name.empty() && name.back() != '_')
            name += '_';
    }
    while (!name.empty() && name.back() == '_') name.pop_back();
    if (!name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) != 0) name.insert(0, "n");
    return name;
}

std::string SourceNames::source_name(const Value& value) {
    std::string full = value.getName().str();
    if (isa<GlobalVariable>(value)) {
        // A variable in a function: _ZZ<function>E<length><name>.
        const std::string plain = demangle(full);
        const std::size_t at = plain.rfind("::");
        full = at == std::string::npos ? plain : plain.substr(at + 2);
        return identifier(full);
    }
    StringRef name = full;
    // Suffixes of LLVM's passes: .global, .sroa.0, .lcssa, .next, .i (inlined), numbers.
    const StringRef first = name.split('.').first;
    if (const auto* call = dyn_cast<CallInst>(&value); call && call->getCalledFunction()) {
        StringRef callee = call->getCalledFunction()->getName();
        if (callee.consume_front("heddle.") && name.starts_with(callee)) {
            return StringSwitch<std::string>(callee)
                .Case("tid.x", "thread_x")
                .Case("tid.y", "thread_y")
                .Case("tid.z", "thread_z")
                .Case("ntid.x", "width")
                .Case("ntid.y", "height")
                .Case("ntid.z", "depth")
                .Case("ctaid.x", "block_x")
                .Case("ctaid.y", "block_y")
                .Case("ctaid.z", "block_z")
                .Case("nctaid.x", "blocks_x")
                .Case("nctaid.y", "blocks_y")
                .Case("nctaid.z", "blocks_z")
                .Case("lane", "lane")
                .Default("");
        }
    }
    const std::string base = without_number(identifier(first));
    if (base.empty() || is_made_up(base) || is_made_up(without_number(identifier(name)))) return {};
    return base;
}

std::string SourceNames::fresh(const std::string& wish) {
    std::string name = wish;
    while (!taken_.insert(name).second) name = wish + std::to_string(++numbers_[wish] + 1);
    return name;
}

std::string SourceNames::for_value(const Value& value) {
    const std::string name = source_name(value);
    return fresh(name.empty() ? kind_of(value) : name);
}

}  // namespace heddle::compiler
