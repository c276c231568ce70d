// Identifiers for values: the names that the source gave, where LLVM has kept them; else what the value is.
#pragma once

#include <llvm/IR/Value.h>

#include <map>
#include <set>
#include <string>

namespace heddle::compiler {

class SourceNames {
  public:
    /// `reserved` words of the language are never given out as they are.
    explicit SourceNames(std::set<std::string, std::less<>> reserved) : taken_(std::move(reserved)) {}

    /// A name that nothing else has, after `wish`.
    std::string fresh(const std::string& wish);
    std::string for_value(const llvm::Value& value);
    /// The name that `value` has in the source; empty when LLVM or Clang has made it up.
    static std::string source_name(const llvm::Value& value);

  private:
    std::set<std::string, std::less<>> taken_;
    std::map<std::string, unsigned> numbers_;
};

/// `text` as an identifier of C: anything else becomes one underscore.
std::string identifier(llvm::StringRef text);

}  // namespace heddle::compiler
