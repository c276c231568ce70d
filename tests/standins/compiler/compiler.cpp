// A compiler for tests of the run time: takes a toy language, one command a line, and gives packages and
// "code" at once.
//   kernel NAME        defines a kernel without parameters
//   include PATH       depends on a file and fails when it is missing
//   global NAME BYTES  defines a global
//   warning TEXT       gives a diagnostic;  error TEXT also fails
// Kernels named gpu_only are unsupported on every target; the target "broken" always fails.
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/compiler.h"

namespace {

using namespace heddle;
using namespace heddle::compiler;

std::vector<std::byte> bytes_of(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

class StandinCompiler final : public Compiler {
  public:
    const std::string& build_id() const noexcept override { return build_id_; }
    std::vector<TargetVariant> targets() const override {
        return {{"ir", ""},          {"simd", "x86-64-v2"},   {"simd", "x86-64-v3"},
                {"simd", "aarch64"}, {"scalar", "x86-64-v2"}, {"broken", ""}};
    }

    SourceResult compile_source(const SourceRequest& request) override {
        SourceResult result;
        result.ok = true;
        result.package.compiler = build_id_;
        result.package.source = request.file_name;
        std::istringstream lines(request.source);
        std::string kernels;
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string command, name;
            words >> command >> name;
            if (command == "kernel") {
                KernelInfo kernel;
                kernel.name = kernel.symbol = name;
                result.package.kernels.push_back(std::move(kernel));
                kernels += name + "\n";
            } else if (command == "include") {
                result.ok = result.ok && std::filesystem::exists(name);
                result.dependencies.push_back(name);
            } else if (command == "global") {
                GlobalsInfo& globals = result.package.globals;
                std::size_t bytes = 0;
                words >> bytes;
                globals.symbols.push_back({name, globals.bytes, bytes, false});
                globals.bytes += bytes;
            } else if (command == "warning" || command == "error") {
                result.diagnostics += request.file_name + ": " + line + "\n";
                result.ok = result.ok && command == "warning";
            }
        }
        result.package.payloads.push_back({"ir", "", bytes_of(kernels)});
        return result;
    }

    TargetResult compile_target(const TargetRequest& request) override {
        TargetResult result;
        if (request.target == "broken") {
            result.diagnostics = "this target never works";
            return result;
        }
        const std::string all(reinterpret_cast<const char*>(request.ir.data()), request.ir.size());
        std::string code = request.target + ":" + request.variant + (request.check ? " checked" : "");
        std::istringstream names(all);
        const std::set<std::string> wanted(request.kernels.begin(), request.kernels.end());
        for (std::string name; names >> name;) {
            if (!wanted.empty() && !wanted.contains(name)) continue;
            if (name == "gpu_only") {
                result.unsupported.push_back({request.target, name, "toy:1: this kernel is for GPUs"});
            } else {
                code += " " + name;
            }
        }
        result.ok = true;
        result.payload = bytes_of(code);
        return result;
    }

  private:
    std::string build_id_ = "standin";
};

}  // namespace

extern "C" __attribute__((visibility("default"))) Compiler* heddle_compiler_create() {
    return new StandinCompiler;
}
