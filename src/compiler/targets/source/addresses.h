// Addresses as sums: what a chain of address computations adds to the variable that it starts from.
#pragma once

#include <llvm/ADT/STLFunctionalExtras.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Value.h>

#include <cstdint>
#include <vector>

namespace heddle::compiler {

/// A variable plus multiples of indices plus a number of bytes.
struct Address {
    const llvm::Value* base = nullptr;
    struct Term {
        const llvm::Value* index;
        std::int64_t bytes;
    };
    std::vector<Term> terms;  ///< the largest multiples first, each index once
    std::int64_t bytes = 0;
};

/// `pointer` without casts, which change no address.
const llvm::Value& without_casts(const llvm::Value& pointer);

/// The address of `pointer`; it starts at the first computation that `has_variable`.
Address address_of(const llvm::Value& pointer, const llvm::DataLayout& layout,
                   llvm::function_ref<bool(const llvm::Value&)> has_variable);

/// Whether the kernel only reads what it reaches through `pointer`.
bool is_only_read(const llvm::Value& pointer);

}  // namespace heddle::compiler
