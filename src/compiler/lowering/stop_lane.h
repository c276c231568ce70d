// The end of a lane for a reason that is known only while the kernel runs.
#pragma once

#include <llvm/IR/IRBuilder.h>

namespace heddle::compiler {

/// Emits a failed assertion with `message` and the source position that `builder` stands at; the launch fails
/// with them. Control goes on after it as far as the IR is concerned.
void stop_lane(llvm::IRBuilder<>& builder, llvm::StringRef message);

/// Metadata on calls that devirtualize_calls() made direct: the source calls through a pointer.
inline constexpr const char* through_pointer = "heddle.through.pointer";

}  // namespace heddle::compiler
