// The files that Clang sees: the host's, the embedded headers, and the source text under its name.
#pragma once

#include <llvm/ADT/IntrusiveRefCntPtr.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <string>
#include <string_view>

namespace heddle::compiler {

/// `source` stands at `file_name`, whatever is there on disk; both must outlive the file system, and so must
/// `precompiled`, which stands at precompiled_header_path unless it is empty.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> compiler_file_system(const std::string& file_name,
                                                                     const std::string& source,
                                                                     std::string_view precompiled);

}  // namespace heddle::compiler
