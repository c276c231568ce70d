// Plain C++ as a contender: calls the functions of a shared object built from bench/openmp or bench/scalar.
#include <cstdlib>
#include <filesystem>

#include "../../../bench/native.h"
#include "case_builder.h"
#include "contender.h"
#include "shared_object.h"

namespace heddle::tool::bench {

namespace {

class PreparedNative final : public PreparedCase {
  public:
    PreparedNative(const SharedObject& library, const Case& it)
        : case_(it), function_(library.symbol(it.native_symbol)) {
        for (const BufferSpec& spec : it.buffers) buffers_.push_back(spec.initial);
    }
    void run(unsigned times) override {
        for (unsigned i = 0; i < times; ++i) case_.native(function_, Memory(buffers_));
    }
    std::vector<std::byte> read(std::size_t buffer) override { return buffers_[buffer]; }

  private:
    const Case& case_;
    void* function_;
    std::vector<std::vector<std::byte>> buffers_;
};

/// Where the command's libraries are: beside it in a build tree and in an installed one.
std::vector<std::string> places(const std::string& file) {
    std::error_code error;
    const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    std::vector<std::string> paths;
    if (!error) {
        paths.push_back((folder / ".." / "lib" / file).lexically_normal().string());
#ifdef HEDDLE_BENCH_LIBDIR
        const std::string installed =
            (folder / ".." / HEDDLE_BENCH_LIBDIR / file).lexically_normal().string();
        if (installed != paths.front()) paths.push_back(installed);
#endif
    }
    if (paths.empty()) paths.push_back(file);
    return paths;
}

class NativeContender final : public Contender {
  public:
    NativeContender(std::string name, const std::string& library)
        : name_(std::move(name)), library_(places("libheddle-bench-" + library + ".so")) {
        description_ = as<decltype(bench_compiler)>(library_.symbol("bench_compiler"))();
    }
    const std::string& name() const noexcept override { return name_; }
    const std::string& description() const noexcept override { return description_; }
    std::unique_ptr<PreparedCase> prepare(const Case& it) override {
        return std::make_unique<PreparedNative>(library_, it);
    }

  private:
    std::string name_, description_;
    SharedObject library_;
};

}  // namespace

std::unique_ptr<Contender> make_native_contender(std::string name, const std::string& library) {
    // LLVM's OpenMP threads spin for 200 ms after a loop, which would take the processor from whoever is
    // measured next.
    ::setenv("KMP_BLOCKTIME", "1", 0);
    return std::make_unique<NativeContender>(std::move(name), library);
}

}  // namespace heddle::tool::bench
