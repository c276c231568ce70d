// Functions that printed GLSL calls: only those that a kernel uses are printed, what they need before them.
#pragma once

#include <set>
#include <string>

namespace heddle::compiler {

class GlslFunctions {
  public:
    /// The name of function `name`, which will be defined.
    const std::string& use(const std::string& name);
    /// Definitions, in an order in which each is defined before it is called.
    const std::string& text() const noexcept { return definitions_; }
    bool is_used(const std::string& name) const { return names_.count(name) != 0; }

  private:
    std::set<std::string> names_;
    std::string definitions_;
};

/// Words that no variable may be called: GLSL's own, and the functions above.
std::set<std::string, std::less<>> glsl_reserved_words();

}  // namespace heddle::compiler
