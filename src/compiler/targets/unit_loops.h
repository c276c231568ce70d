// LLVM IR of counted loops, and of the loop that takes the units of a block (warps, or threads with one lane)
// through the code of one.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <array>
#include <cstdint>
#include <functional>

#include "shape_analysis.h"

namespace heddle::compiler {

/// A field of a structure of src/backends/cpu/abi.h; `invariant`: nobody writes it meanwhile.
llvm::Value* load_field(llvm::IRBuilder<>& b, llvm::Value* base, std::uint64_t offset, llvm::Type* type,
                        const llvm::Twine& name, bool invariant = true);

/// A counted loop from 0 to `count`; `body` gets the counter.
void count_loop(llvm::IRBuilder<>& b, llvm::Value* count, const llvm::Twine& name,
                const std::function<void(llvm::Value*)>& body);

/// A slot at the start of the function, which becomes a register.
llvm::AllocaInst* make_slot(llvm::IRBuilder<>& b, llvm::Type* type);

/// threadIdx of a thread of the block.
std::array<llvm::Value*, 3> thread_index_of(llvm::IRBuilder<>& b, llvm::Value* launch, llvm::Value* thread);

/// The units [first, last) of a block, of which there is at least one. Threads, and warps of a row that is a
/// multiple of 32 wide, go row by row, so that threadIdx takes no division; other warps find out their lanes'
/// threadIdx themselves. `start` is the first unit's threadIdx where that is known.
void each_unit(
    llvm::IRBuilder<>& b, unsigned lanes, llvm::Value* launch, llvm::Value* first, llvm::Value* last, Row row,
    const std::function<void(llvm::Value* unit, const std::array<llvm::Value*, 3>& thread_index)>& body,
    const std::array<llvm::Value*, 3>* start = nullptr);

}  // namespace heddle::compiler
