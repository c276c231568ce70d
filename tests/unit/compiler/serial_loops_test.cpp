// Which loops are chosen to run lane by lane: those of scattered accesses; never those with arithmetic or
// neighbouring elements, nor those in which a lane may wait for another.
#include <gtest/gtest.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <string>

#include "compiler/compiler.h"
#include "compiler/targets/control_tree.h"
#include "compiler/targets/kernel_preparation.h"
#include "compiler/targets/serial_loops.h"

namespace heddle::compiler {
namespace {

// How many loops of the only kernel of `source` are chosen.
std::size_t chosen(const std::string& source, Row row = Row::full) {
    SourceRequest request;
    request.source = source;
    request.file_name = "test.cu";
    const SourceResult compiled = heddle_compiler_create()->compile_source(request);
    EXPECT_TRUE(compiled.ok) << compiled.diagnostics;
    if (!compiled.ok) return 0;
    const auto& data = compiled.package.payloads.at(0).data;
    llvm::LLVMContext context;
    auto module = llvm::cantFail(llvm::parseBitcodeFile(
        llvm::MemoryBufferRef({reinterpret_cast<const char*>(data.data()), data.size()}, "kernel-ir"),
        context));
    std::size_t count = 0;
    for (llvm::Function& kernel : *module) {
        if (kernel.isDeclaration()) continue;
        prepare_kernel(kernel, nullptr);
        const llvm::DominatorTree dominators(kernel);
        const llvm::LoopInfo loops(dominators);
        const ControlSequence tree = build_control_tree(kernel, dominators, loops);
        const ShapeAnalysis shapes(kernel, tree, loops, row, 32);
        const SerialLoops serial(kernel, tree, dominators, loops, shapes, row);
        for (const llvm::BasicBlock& block : kernel) count += serial.find(&block) != nullptr;
    }
    return count;
}

std::string kernel(const std::string& parameters, const std::string& body) {
    return "__global__ void k(" + parameters + ") { int i = blockIdx.x * blockDim.x + threadIdx.x;\n" + body +
           "}\n";
}

TEST(SerialLoops, ScatteredLoadsOfASparseRow) {
    EXPECT_EQ(
        chosen(kernel("const int* start, const int* column, const float* value, const float* x, float* y",
                      "float sum = 0;"
                      "for (int k = start[i]; k < start[i + 1]; ++k) sum += value[k] * x[column[k]];"
                      "y[i] = sum;")),
        1u);
}

TEST(SerialLoops, TheOuterLoopOfANest) {
    EXPECT_EQ(chosen(kernel("const int* a, int* y",
                            "int p = y[i], s = 0;"
                            "for (int k = a[p]; k > 0; --k) {"
                            "  for (int j = a[k + p]; j > 0; --j) s += a[a[a[j]]];"
                            "  p = a[s];"
                            "}"
                            "y[i] = s;")),
              1u);
}

TEST(SerialLoops, ArithmeticStaysVectors) {
    EXPECT_EQ(
        chosen(kernel(
            "float* y",
            "float a = y[i], b = a; int n = 0;"
            "while (a * a + b * b < 4 && n < 100) { float t = a * a - b * b; b = 2 * a * b; a = t; ++n; }"
            "y[i] = n;")),
        0u);
}

TEST(SerialLoops, NeighbouringElementsStayVectors) {
    EXPECT_EQ(chosen(kernel("const int* map, const int* x, int* y, int n",
                            "for (; i < n; i += gridDim.x * blockDim.x) y[i] += x[map[map[map[i]]]];")),
              0u);
}

TEST(SerialLoops, NeighboursWithoutAProofStayVectors) {
    const std::string source =
        kernel("const int* x, int* y, int n", "for (i = threadIdx.x; i < n; i += blockDim.x) y[i] += x[i];");
    for (const Row row : {Row::full, Row::linear, Row::half, Row::any}) EXPECT_EQ(chosen(source, row), 0u);
}

TEST(SerialLoops, OneAtomicForAllLanesStaysVectors) {
    EXPECT_EQ(chosen(kernel("const int* start, const int* a, int* list, int* count",
                            "for (int k = start[i]; k < start[i + 1]; ++k)"
                            "  if (a[a[a[k]]] > 0) list[atomicAdd(count, 1)] = k;")),
              0u);
}

TEST(SerialLoops, MathsFunctionsStayVectors) {
    EXPECT_EQ(chosen(kernel("const int* start, const int* a, const float* x, float* y",
                            "float s = 0;"
                            "for (int k = start[i]; k < start[i + 1]; ++k) s += sinf(x[a[a[a[k]]]]);"
                            "y[i] = s;")),
              0u);
}

// The lane whose turn it is leaves; the others go round until it is theirs.
TEST(SerialLoops, ALaneThatWaitsForAnother) {
    EXPECT_EQ(chosen(kernel("int* turn, const int* a, int* y",
                            "int p = i;"
                            "while (atomicAdd(turn + a[p], 0) != 31 - i) p = a[a[p]];"
                            "atomicAdd(turn + a[p], 1); y[i] = p;")),
              0u);
}

TEST(SerialLoops, ALaneThatWaitsThroughABranch) {
    EXPECT_EQ(
        chosen(kernel(
            "int* turn, const int* a, int* y",
            "int p = i; bool done = false;"
            "while (!done) {"
            "  p = a[a[p]];"
            "  if (atomicAdd(turn + a[p], 0) == 31 - i) { y[p] = i; atomicAdd(turn + a[p], 1); done = true; }"
            "}"
            "y[i] = p;")),
        0u);
}

TEST(SerialLoops, AnAtomicThatDecidesNoExit) {
    EXPECT_EQ(chosen(kernel("const int* start, const int* a, int* owner",
                            "for (int k = start[i]; k < start[i + 1]; ++k)"
                            "  atomicCAS(owner + a[a[a[k]]], 0, i);")),
              1u);
}

TEST(SerialLoops, VolatileAndWarpOperationsStayVectors) {
    EXPECT_EQ(chosen(kernel("const int* start, volatile int* a, int* y",
                            "int s = 0;"
                            "for (int k = start[i]; k < start[i + 1]; ++k) s += a[a[a[k]]];"
                            "y[i] = s;")),
              0u);
    EXPECT_EQ(chosen(kernel("const int* start, const int* a, int* y",
                            "int s = 0;"
                            "for (int k = start[i]; k < start[i + 1]; ++k) s += a[a[a[k]]] + __activemask();"
                            "y[i] = s;")),
              0u);
}

}  // namespace
}  // namespace heddle::compiler
