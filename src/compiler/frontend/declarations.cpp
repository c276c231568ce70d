// Kernels and global variables as the source declares them, found from the symbols that Clang emitted.
#include "frontend/declarations.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Expr.h>
#include <clang/AST/PrettyPrinter.h>
#include <clang/AST/RecordLayout.h>
#include <clang/Basic/SourceManager.h>
#include <clang/CodeGen/ModuleBuilder.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace heddle::compiler {
namespace {

std::optional<DType> integer_type(std::uint64_t bits, bool is_signed) {
    switch (bits) {
        case 8:
            return is_signed ? DType::i8 : DType::u8;
        case 16:
            return is_signed ? DType::i16 : DType::u16;
        case 32:
            return is_signed ? DType::i32 : DType::u32;
        case 64:
            return is_signed ? DType::i64 : DType::u64;
        default:
            return std::nullopt;
    }
}

/// The element type of `type`: its own for scalars, the common one for structures and arrays of one type
/// (float4).
std::optional<DType> element_type(clang::ASTContext& context, clang::QualType type) {
    type = type.getCanonicalType().getUnqualifiedType();
    if (const auto* record = type->getAsCXXRecordDecl()) {
        const std::string name = record->getNameAsString();
        if (name == "__half" || name == "__half2") return DType::f16;
        if (name == "__nv_bfloat16" || name == "__nv_bfloat162") return DType::bf16;
        if (!record->hasDefinition() || record->isUnion() || record->getNumBases() != 0 ||
            record->field_empty())
            return std::nullopt;
        std::optional<DType> common;
        for (const auto* field : record->fields()) {
            const auto of_field = element_type(context, field->getType());
            if (!of_field || (common && *common != *of_field)) return std::nullopt;
            common = of_field;
        }
        return common;
    }
    if (const auto* array = context.getAsConstantArrayType(type))
        return element_type(context, array->getElementType());
    if (const auto* vector = type->getAs<clang::VectorType>())
        return element_type(context, vector->getElementType());
    if (const auto* number = type->getAs<clang::ComplexType>())
        return element_type(context, number->getElementType());
    if (const auto* enumeration = type->getAs<clang::EnumType>()) {
        const clang::QualType integer = enumeration->getDecl()->getIntegerType();
        return integer.isNull() ? std::nullopt : element_type(context, integer);
    }
    const auto* builtin = type->getAs<clang::BuiltinType>();
    if (!builtin) return std::nullopt;
    if (builtin->isFloatingPoint()) {
        switch (builtin->getKind()) {
            case clang::BuiltinType::Half:
            case clang::BuiltinType::Float16:
                return DType::f16;
            case clang::BuiltinType::BFloat16:
                return DType::bf16;
            case clang::BuiltinType::Float:
                return DType::f32;
            default:
                return context.getTypeSize(type) == 64 ? std::optional(DType::f64) : std::nullopt;
        }
    }
    if (builtin->isInteger()) return integer_type(context.getTypeSize(type), builtin->isSignedInteger());
    return std::nullopt;
}

Parameter parameter_of(clang::ASTContext& context, const clang::ParmVarDecl& declaration) {
    Parameter parameter;
    parameter.name = declaration.getNameAsString();
    const clang::QualType type = declaration.getType().getCanonicalType();
    parameter.bytes = static_cast<std::size_t>(context.getTypeSizeInChars(type).getQuantity());
    if (type->isPointerType() || type->isReferenceType()) {
        parameter.kind = ParameterKind::pointer;
        parameter.bytes = 8;
        const clang::QualType target = type->getPointeeType();
        if (!target->isFunctionType() && !target->isIncompleteType())
            parameter.type = element_type(context, target);
    } else if (type->isRecordType() || type->isArrayType() || type->isVectorType() ||
               type->isAnyComplexType()) {
        parameter.kind = ParameterKind::structure;
        // A half is a class in C++ and a scalar to everyone else.
        if (const auto* record = type->getAsCXXRecordDecl())
            if (record->getName() == "__half" || record->getName() == "__nv_bfloat16") {
                parameter.kind = ParameterKind::scalar;
                parameter.type = element_type(context, type);
            }
    } else {
        parameter.kind = ParameterKind::scalar;
        parameter.type = element_type(context, type);
    }
    return parameter;
}

clang::PrintingPolicy naming_policy(const clang::ASTContext& context) {
    clang::PrintingPolicy policy = context.getPrintingPolicy();
    policy.SuppressUnwrittenScope = true;
    policy.SuppressInlineNamespace = true;
    policy.SuppressTagKeyword = true;
    policy.AnonymousTagLocations = false;
    policy.SplitTemplateClosers = false;
    policy.Bool = true;
    return policy;
}

std::string qualified_name(const clang::NamedDecl& declaration, const clang::PrintingPolicy& policy) {
    std::string name;
    llvm::raw_string_ostream stream(name);
    declaration.printQualifiedName(stream, policy);
    if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration))
        if (const auto* arguments = function->getTemplateSpecializationArgs())
            clang::printTemplateArgumentList(stream, arguments->asArray(), policy);
    return name;
}

std::string parameter_list(const clang::FunctionDecl& function, const clang::PrintingPolicy& policy) {
    std::string text = "(";
    for (const auto* parameter : function.parameters()) {
        if (text.size() > 1) text += ", ";
        text += parameter->getType().getUnqualifiedType().getAsString(policy);
    }
    return text + ")";
}

std::optional<std::uint32_t> launch_bound(const clang::ASTContext& context,
                                          const clang::FunctionDecl& function) {
    const auto* attribute = function.getAttr<clang::CUDALaunchBoundsAttr>();
    if (!attribute || !attribute->getMaxThreads()) return std::nullopt;
    const auto value = attribute->getMaxThreads()->getIntegerConstantExpr(context);
    if (!value || value->isNegative() || value->isZero()) return std::nullopt;
    return static_cast<std::uint32_t>(value->getLimitedValue(1024));
}

/// The function that the first reference below `statement` means.
const clang::FunctionDecl* referenced_function(const clang::Stmt* statement) {
    if (!statement) return nullptr;
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(statement))
        if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(reference->getDecl())) return function;
    for (const auto* child : statement->children())
        if (const auto* function = referenced_function(child)) return function;
    return nullptr;
}

/// Which function each requested name turned out to mean.
std::map<const clang::FunctionDecl*, std::vector<std::string>> requested_kernels(
    clang::ASTContext& context, const std::vector<std::string>& requested) {
    std::map<const clang::FunctionDecl*, std::vector<std::string>> found;
    for (std::size_t i = 0; i < requested.size(); ++i) {
        const auto& identifier = context.Idents.get(instantiation_function(i));
        for (const auto* declaration : context.getTranslationUnitDecl()->lookup(&identifier))
            if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(declaration))
                if (const auto* kernel = referenced_function(function->getBody()))
                    found[kernel->getCanonicalDecl()].push_back(requested[i]);
    }
    return found;
}

/// Users write a name with or without spaces; it is kept with one space after each comma, and between words.
std::string normalized(const std::string& name) {
    std::string text;
    for (const char c : name) {
        if (c == ' ' || c == '\t') {
            if (!text.empty() && text.back() != ' ') text += ' ';
            continue;
        }
        const bool joins =
            c == ',' || c == '>' || c == '<' || c == ':' || c == '(' || c == ')' || c == '*' || c == '&';
        if (joins && !text.empty() && text.back() == ' ' && c != '*' && c != '&') text.pop_back();
        const bool after_opening =
            text.size() > 1 && text.back() == ' ' &&
            (text[text.size() - 2] == '<' || text[text.size() - 2] == ':' || text[text.size() - 2] == '(');
        if (after_opening) text.pop_back();
        if (!text.empty() && text.back() == ',') text += ' ';
        text += c;
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

const clang::Decl* declaration_of(clang::CodeGenerator& generator, llvm::StringRef symbol) {
    return generator.GetDeclForMangledName(symbol);
}

/// The functions that Clang marked as kernels.
std::vector<const llvm::Function*> kernels_of(const llvm::Module& module) {
    std::vector<const llvm::Function*> kernels;
    const auto* annotations = module.getNamedMetadata("nvvm.annotations");
    if (!annotations) return kernels;
    std::set<const llvm::Function*> seen;
    for (const auto* node : annotations->operands()) {
        if (node->getNumOperands() < 3) continue;
        const auto* kind = llvm::dyn_cast<llvm::MDString>(node->getOperand(1));
        const auto* function = llvm::mdconst::dyn_extract_or_null<llvm::Function>(node->getOperand(0));
        if (kind && function && kind->getString() == "kernel" && !function->isDeclaration() &&
            seen.insert(function).second)
            kernels.push_back(function);
    }
    // Metadata order follows emission; the module's order follows the source more closely.
    std::vector<const llvm::Function*> ordered;
    for (const auto& function : module)
        if (seen.count(&function) != 0) ordered.push_back(&function);
    return ordered;
}

}  // namespace

std::string instantiation_function(std::size_t index) {
    return "__heddle_instantiate_" + std::to_string(index);
}

Declarations collect_declarations(const llvm::Module& module, clang::CodeGenerator& generator,
                                  clang::ASTContext& context, const std::vector<std::string>& requested) {
    Declarations declarations;
    const clang::PrintingPolicy policy = naming_policy(context);
    const auto asked = requested_kernels(context, requested);

    struct Found {
        const clang::FunctionDecl* function;
        KernelInfo info;
    };
    std::vector<Found> found;
    std::map<std::string, int> uses;
    for (const auto* emitted : kernels_of(module)) {
        const auto* declaration = declaration_of(generator, emitted->getName());
        const auto* function = declaration ? declaration->getAsFunction() : nullptr;
        if (!function) continue;
        KernelInfo info;
        info.name = qualified_name(*function, policy);
        info.symbol = emitted->getName().str();
        info.max_threads = launch_bound(context, *function).value_or(1024);
        std::size_t end = 0;
        for (const auto* declared : function->parameters()) {
            Parameter parameter = parameter_of(context, *declared);
            const clang::QualType type = declared->getType();
            const auto alignment =
                type->isReferenceType()
                    ? std::size_t{8}
                    : static_cast<std::size_t>(context.getTypeAlignInChars(type).getQuantity());
            parameter.offset = (end + alignment - 1) / alignment * alignment;
            end = parameter.offset + parameter.bytes;
            info.parameters.push_back(std::move(parameter));
        }
        info.parameter_bytes = end;
        ++uses[info.name];
        found.push_back({function, std::move(info)});
    }
    for (auto& [function, info] : found) {
        if (uses[info.name] > 1) info.name += parameter_list(*function, policy);
        const auto names = asked.find(function->getCanonicalDecl());
        if (names == asked.end()) {
            declarations.kernels.push_back(std::move(info));
            continue;
        }
        std::set<std::string> given;
        for (const auto& name : names->second) {
            if (!given.insert(normalized(name)).second) continue;
            info.name = normalized(name);
            declarations.kernels.push_back(info);
        }
    }

    // Lambdas all print alike.
    std::map<std::string, int> given;
    for (auto& kernel : declarations.kernels)
        if (const int count = ++given[kernel.name]; count > 1) kernel.name += "#" + std::to_string(count);

    for (const auto& variable : module.globals()) {
        const auto* declaration =
            llvm::dyn_cast_or_null<clang::VarDecl>(declaration_of(generator, variable.getName()));
        if (!declaration || variable.isDeclaration()) continue;
        const bool is_constant = declaration->hasAttr<clang::CUDAConstantAttr>();
        const bool is_device =
            declaration->hasAttr<clang::CUDADeviceAttr>() || declaration->hasAttr<clang::HIPManagedAttr>();
        if ((!is_constant && !is_device) || declaration->hasAttr<clang::CUDASharedAttr>()) continue;
        if (context.getSourceManager().isInSystemHeader(declaration->getLocation())) continue;
        declarations.variables.push_back(
            {qualified_name(*declaration, policy), variable.getName().str(), is_constant});
    }
    return declarations;
}

}  // namespace heddle::compiler
