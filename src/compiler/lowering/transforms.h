// The single steps of lowering, in the order in which lower.cpp runs them. Each stands in the file of its
// name.
#pragma once

#include <vector>

#include <heddle/package.h>

#include "frontend/declarations.h"
#include "lowering/reporter.h"

namespace llvm {
class DataLayout;
class Function;
class Module;
}  // namespace llvm

namespace heddle::compiler {

/// Gives every kernel ptx_kernel convention and a node in !heddle.kernels; nothing else stays visible.
void mark_kernels(llvm::Module& module, const Declarations& declarations);
/// The kernels of a module that mark_kernels() has seen, in module order.
std::vector<llvm::Function*> kernels_of(llvm::Module& module);

/// Float-to-integer conversions and variable shifts get CUDA's meaning before an optimiser can use their
/// undefinedness.
void make_arithmetic_total(llvm::Module& module);
/// Shifts guarded by make_arithmetic_total() become plain again: Kernel IR defines them.
void drop_shift_guards(llvm::Function& function);

/// Values that the source stores into named variables take the variables' names.
void name_values(llvm::Function& function);

/// Addresses of functions become integers, calls through pointers a switch over them.
void devirtualize_calls(llvm::Module& module);

/// Functions that call themselves through a pointer do so at most a few times; deeper, the launch fails.
void bound_recursion(llvm::Module& module, Reporter& reporter);

/// Reports inline assembly, undefined functions and recursion in what kernels reach.
void check_device_code(llvm::Module& module, Reporter& reporter);

/// Pointers that a kernel is given point to global memory; structures by value that it changes are copied
/// first.
void qualify_arguments(llvm::Function& kernel);

/// Clang's and LLVM's intrinsics become Kernel IR's.
void map_intrinsics(llvm::Module& module, Reporter& reporter);

/// Kernels get hidden parameters that place their blocks in a larger grid (CompileOptions::grid_parts);
/// `declarations` says where they stand.
void take_grid_parts(llvm::Module& module, Declarations& declarations);

/// memcpy, memmove and memset become loads and stores.
void expand_memory_intrinsics(llvm::Function& function);

/// Constant expressions over globals become instructions of the functions that use them.
void expand_constant_expressions(llvm::Module& module);

/// Moves every variable outside shared memory into one block behind heddle.globals().
void move_globals_to_block(llvm::Module& module, const Declarations& declarations, GlobalsInfo& globals,
                           Reporter& reporter);

/// Integers of other widths than 1, 8, 16, 32 and 64 bits become the next wider of these.
void widen_odd_integers(llvm::Function& kernel);

/// Calls of Kernel IR's functions are named after them: %tid.x.
void name_intrinsics(llvm::Function& function);

/// Code that was inlined from Heddle's own headers stands at the user's line.
void locate_in_source(llvm::Function& function);

/// Fills in what the lowered code of `kernel` tells: access, shared memory, barriers, features.
void describe_kernel(llvm::Function& kernel, KernelInfo& info);

}  // namespace heddle::compiler
