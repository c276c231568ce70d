// Lays a file system in memory, with the embedded headers and the source, over the host's.
#include "frontend/file_system.h"

#include <llvm/Support/MemoryBuffer.h>

#include "frontend/embedded_headers.h"
#include "frontend/invocation.h"

namespace heddle::compiler {

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> compiler_file_system(const std::string& file_name,
                                                                     const std::string& source,
                                                                     std::string_view precompiled) {
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
    auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
    if (const auto directory = real->getCurrentWorkingDirectory())
        memory->setCurrentWorkingDirectory(*directory);
    for (const auto& file : embedded_headers())
        memory->addFile(
            llvm::StringRef(file.path), 0,
            llvm::MemoryBuffer::getMemBuffer(llvm::StringRef(file.contents), llvm::StringRef(file.path)));
    if (!precompiled.empty())
        memory->addFile(llvm::StringRef(precompiled_header_path), 0,
                        llvm::MemoryBuffer::getMemBuffer(llvm::StringRef(precompiled), "device.pch",
                                                         /*RequiresNullTerminator=*/false));
    if (!file_name.empty())
        memory->addFile(file_name, 0, llvm::MemoryBuffer::getMemBuffer(source, file_name));
    auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(real);
    overlay->pushOverlay(memory);
    return overlay;
}

}  // namespace heddle::compiler
