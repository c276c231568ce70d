// NVIDIA's compiler as a contender: the same kernel files compiled by nvcc -O3 where it is installed, and
// launched through the CUDA driver without anything in between.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <heddle/error.h>

#include "../file.h"
#include "case_builder.h"
#include "contender.h"
#include "shared_object.h"

namespace heddle::tool::bench {

namespace {

/// A directory that is removed with all that is in it.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string pattern = std::filesystem::temp_directory_path() / "heddle-bench-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr)
            throw Error(ErrorCode::io, fmt::format("{} cannot be created", pattern));
        path_ = pattern;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

/// What a program printed, both streams. Throws heddle::Error (compile_failed) with it when it did not exit
/// with 0, and device_unavailable when there is no such program.
std::string run_program(std::vector<std::string> words) {
    const TemporaryDirectory directory;
    const std::string log = directory.path() / "log";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_CREAT | O_WRONLY | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int started = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (started != 0) throw Error(ErrorCode::device_unavailable, words[0] + " is not installed");
    int status = 0;
    ::waitpid(child, &status, 0);
    const std::vector<std::byte> bytes = read_file(log);
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw Error(ErrorCode::compile_failed, text.empty() ? "no message" : text,
                    fmt::format("{}", fmt::join(words, " ")));
    return text;
}

/// nvcc, found on the path or where its installer puts it, and what it says it is.
struct Compiler {
    std::string program, release;
};

Compiler find_nvcc() {
    for (const char* program : {"nvcc", "/usr/local/cuda/bin/nvcc"}) {
        try {
            const std::string text = run_program({program, "--version"});
            const std::size_t at = text.find("release ");
            return {program,
                    at == std::string::npos ? "nvcc" : "nvcc " + text.substr(at, text.find('\n', at) - at)};
        } catch (const Error& error) {
            if (error.code() != ErrorCode::device_unavailable) throw;
        }
    }
    throw Error(ErrorCode::device_unavailable, "nvcc is neither on the path nor in /usr/local/cuda/bin");
}

/// The part of the CUDA driver's interface that a case needs; names and numbers as in its reference.
class Driver {
  public:
    explicit Driver(int ordinal) : library_({"libcuda.so.1"}) {
        const auto load = [&]<class Function>(Function*& function, const char* name) {
            function = as<Function>(library_.symbol(name));
        };
        load(initialise, "cuInit");
        load(get_error_name, "cuGetErrorName");
        load(get_device, "cuDeviceGet");
        load(get_attribute, "cuDeviceGetAttribute");
        load(retain_context, "cuDevicePrimaryCtxRetain");
        load(set_context, "cuCtxSetCurrent");
        load(load_module, "cuModuleLoadData");
        load(unload_module, "cuModuleUnload");
        load(count_functions, "cuModuleGetFunctionCount");
        load(list_functions, "cuModuleEnumerateFunctions");
        load(function_name, "cuFuncGetName");
        load(allocate, "cuMemAlloc_v2");
        load(free, "cuMemFree_v2");
        load(copy_in, "cuMemcpyHtoD_v2");
        load(copy_out, "cuMemcpyDtoH_v2");
        load(create_stream, "cuStreamCreate");
        load(destroy_stream, "cuStreamDestroy_v2");
        load(synchronize, "cuStreamSynchronize");
        load(launch, "cuLaunchKernel");
        check(initialise(0), "cuInit");
        int device = 0, major = 0, minor = 0;
        constexpr int compute_capability_major = 75, compute_capability_minor = 76;
        check(get_device(&device, ordinal), "cuDeviceGet");
        check(get_attribute(&major, compute_capability_major, device), "cuDeviceGetAttribute");
        check(get_attribute(&minor, compute_capability_minor, device), "cuDeviceGetAttribute");
        architecture = fmt::format("sm_{}{}", major, minor);
        // Kept to the end of the process; Heddle's own backend uses the same one.
        check(retain_context(&context_, device), "cuDevicePrimaryCtxRetain");
        make_current();
    }
    void make_current() const { check(set_context(context_), "cuCtxSetCurrent"); }
    void check(int result, const char* call) const {
        if (result == 0) return;
        const char* text = nullptr;
        get_error_name(result, &text);
        throw Error(ErrorCode::launch_failed, text == nullptr ? fmt::format("error {}", result) : text, call,
                    "nvcc");
    }

    using Handle = void*;
    using Address = std::uint64_t;
    std::string architecture;  ///< "sm_90"
    int (*initialise)(unsigned) = nullptr;
    int (*get_error_name)(int, const char**) = nullptr;
    int (*get_device)(int*, int) = nullptr;
    int (*get_attribute)(int*, int, int) = nullptr;
    int (*retain_context)(Handle*, int) = nullptr;
    int (*set_context)(Handle) = nullptr;
    int (*load_module)(Handle*, const void*) = nullptr;
    int (*unload_module)(Handle) = nullptr;
    int (*count_functions)(unsigned*, Handle) = nullptr;
    int (*list_functions)(Handle*, unsigned, Handle) = nullptr;
    int (*function_name)(const char**, Handle) = nullptr;
    int (*allocate)(Address*, std::size_t) = nullptr;
    int (*free)(Address) = nullptr;
    int (*copy_in)(Address, const void*, std::size_t) = nullptr;
    int (*copy_out)(void*, Address, std::size_t) = nullptr;
    int (*create_stream)(Handle*, unsigned) = nullptr;
    int (*destroy_stream)(Handle) = nullptr;
    int (*synchronize)(Handle) = nullptr;
    int (*launch)(Handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle,
                  void**, void**) = nullptr;

  private:
    SharedObject library_;
    Handle context_ = nullptr;
};

class PreparedWithNvcc final : public PreparedCase {
  public:
    PreparedWithNvcc(const Driver& driver, const Compiler& compiler, const Case& it)
        : driver_(driver), it_(it) {
        driver_.make_current();
        const TemporaryDirectory directory;
        const std::string source = directory.path() / (it.name + ".cu"), cubin = directory.path() / "cubin";
        write_file(source, std::as_bytes(std::span(kernel_source(it.name + ".cu"))));
        run_program({compiler.program, "-O3", "-arch=" + driver.architecture, "-cubin", "-o", cubin, source});
        driver.check(driver.load_module(&module_, read_file(cubin).data()), "cuModuleLoadData");
        driver.check(driver.create_stream(&stream_, 1), "cuStreamCreate");
        for (const BufferSpec& spec : it.buffers) {
            Driver::Address address = 0;
            driver.check(driver.allocate(&address, spec.initial.size()), "cuMemAlloc");
            addresses_.push_back(address);
            driver.check(driver.copy_in(address, spec.initial.data(), spec.initial.size()), "cuMemcpyHtoD");
        }
        for (const Step& step : it.steps) {
            Launch launch{function(step.kernel), step.grid, step.block, {}};
            for (const Value& value : step.arguments)
                launch.values.push_back(std::visit([&](const auto& v) { return bits(v); }, value));
            launches_.push_back(std::move(launch));
        }
    }
    PreparedWithNvcc(const PreparedWithNvcc&) = delete;
    PreparedWithNvcc& operator=(const PreparedWithNvcc&) = delete;
    ~PreparedWithNvcc() override {
        for (const Driver::Address address : addresses_) driver_.free(address);
        if (stream_ != nullptr) driver_.destroy_stream(stream_);
        if (module_ != nullptr) driver_.unload_module(module_);
    }

    void run(unsigned times) override {
        driver_.make_current();
        std::array<void*, 16> parameters{};
        for (unsigned i = 0; i < times; ++i) {
            for (Launch& launch : launches_) {
                for (std::size_t k = 0; k < launch.values.size(); ++k) parameters.at(k) = &launch.values[k];
                const Dim3 &grid = launch.grid, &block = launch.block;
                driver_.check(driver_.launch(launch.function, grid.x, grid.y, grid.z, block.x, block.y,
                                             block.z, 0, stream_, parameters.data(), nullptr),
                              "cuLaunchKernel");
            }
        }
        driver_.check(driver_.synchronize(stream_), "cuStreamSynchronize");
    }

    std::vector<std::byte> read(std::size_t buffer) override {
        driver_.make_current();
        std::vector<std::byte> bytes(it_.buffers[buffer].initial.size());
        driver_.check(driver_.copy_out(bytes.data(), addresses_[buffer], bytes.size()), "cuMemcpyDtoH");
        return bytes;
    }

  private:
    struct Launch {
        Driver::Handle function;
        Dim3 grid, block;
        std::vector<std::uint64_t> values;  // the parameters' bits, from the first byte on
    };

    /// The function whose C++ name, as the linker sees it, is that of a kernel `name` at namespace scope.
    Driver::Handle function(const std::string& name) const {
        unsigned count = 0;
        driver_.check(driver_.count_functions(&count, module_), "cuModuleGetFunctionCount");
        std::vector<Driver::Handle> functions(count);
        driver_.check(driver_.list_functions(functions.data(), count, module_), "cuModuleEnumerateFunctions");
        const std::string prefix = fmt::format("_Z{}{}", name.size(), name);
        for (const Driver::Handle function : functions) {
            const char* mangled = nullptr;
            driver_.check(driver_.function_name(&mangled, function), "cuFuncGetName");
            if (std::string_view(mangled).starts_with(prefix)) return function;
        }
        throw Error(ErrorCode::not_found,
                    fmt::format("no kernel '{}' in what nvcc made of {}.cu", name, it_.name));
    }

    std::uint64_t bits(const BufferIndex& index) const { return addresses_[static_cast<std::size_t>(index)]; }
    template <class T>
    std::uint64_t bits(const T& value) const {
        std::uint64_t word = 0;
        std::memcpy(&word, &value, sizeof value);
        return word;
    }

    const Driver& driver_;
    const Case& it_;
    Driver::Handle module_ = nullptr, stream_ = nullptr;
    std::vector<Driver::Address> addresses_;
    std::vector<Launch> launches_;
};

class NvccContender final : public Contender {
  public:
    explicit NvccContender(int ordinal) : compiler_(find_nvcc()), driver_(ordinal) {
        description_ = fmt::format("{}, -O3 -arch={}", compiler_.release, driver_.architecture);
    }
    const std::string& name() const noexcept override { return name_; }
    const std::string& description() const noexcept override { return description_; }
    std::unique_ptr<PreparedCase> prepare(const Case& it) override {
        return std::make_unique<PreparedWithNvcc>(driver_, compiler_, it);
    }

  private:
    std::string name_ = "nvcc", description_;
    Compiler compiler_;
    Driver driver_;
};

}  // namespace

std::unique_ptr<Contender> make_nvcc_contender(int ordinal) {
    return std::make_unique<NvccContender>(ordinal);
}

}  // namespace heddle::tool::bench
