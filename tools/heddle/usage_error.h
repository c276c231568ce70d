// The error that means "the command was called wrongly": main() turns it into exit code 2.
#pragma once

#include <stdexcept>

namespace heddle::tool {

/// what() names the option or argument, what is wrong with it and what would be right.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace heddle::tool
