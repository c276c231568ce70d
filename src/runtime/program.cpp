// Program: a package loaded on one device; kernels are compiled one by one, when first asked for, unless the
// package holds code for the device.
#include <heddle/program.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <heddle/error.h>
#include <heddle/package.h>

#include "compilation.h"
#include "file_contents.h"
#include "hal.h"
#include "log.h"
#include "package_format.h"

namespace heddle {

namespace detail {

/// One kernel on its way from the package to the device.
struct KernelSlot {
    std::mutex mutex;  // held while the kernel is compiled, so that others may compile theirs
    std::shared_ptr<hal::Kernel> kernel;
};

struct ProgramState {
    explicit ProgramState(Device the_device) : device(std::move(the_device)) {}

    Device device;
    Package package;  // its payloads are emptied once loaded, but for the Kernel IR that kernels are compiled
                      // from
    CompileOptions options;
    std::string diagnostics;
    const Payload* ir = nullptr;  // compile kernels from this; null when the package holds the device's code
    hal::CodeTarget code_target;
    std::shared_ptr<hal::Program> program;
    std::unique_ptr<KernelSlot[]> slots;  // one for each of package.kernels
    std::mutex backend_mutex;             // hal::Program::kernel() is never called from two threads at once
    std::mutex statistics_mutex;
    CompileStatistics statistics;
};

}  // namespace detail

namespace {

using detail::KernelSlot;
using detail::ProgramState;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::string list_of(const std::vector<KernelInfo>& kernels) {
    if (kernels.empty()) return "it holds no kernel";
    std::string text = "it holds ";
    for (const KernelInfo& kernel : kernels)
        text += (&kernel == kernels.data() ? "'" : ", '") + kernel.name + "'";
    return text;
}

std::size_t index_of(const ProgramState& state, std::string_view name) {
    const KernelInfo* info = state.package.find_kernel(name);
    if (info == nullptr) {
        throw Error(
            ErrorCode::not_found,
            "the program has no kernel '" + std::string(name) + "'; " + list_of(state.package.kernels), {},
            state.device.id());
    }
    return static_cast<std::size_t>(info - state.package.kernels.data());
}

void check_features(const ProgramState& state, const KernelInfo& info) {
    for (const std::string& feature : info.features) {
        if (!state.device.can_use(feature)) {
            throw Error(ErrorCode::unsupported, "the kernel needs " + feature + ", which this device lacks",
                        "loading '" + info.name + "'", state.device.id());
        }
    }
}

// The payload that suits the device best; null when none does.
const Payload* choose_payload(const Package& package, const hal::CodeTarget& wanted) {
    for (const std::string& variant : wanted.variants) {
        if (const Payload* payload = package.find(wanted.target, variant)) return payload;
    }
    return wanted.variants.empty() ? package.find(wanted.target, "") : nullptr;
}

[[noreturn]] void refuse_package(const Device& device, const Package& package,
                                 const hal::CodeTarget& wanted) {
    std::string reason = "the device takes " + wanted.target;
    for (const std::string& variant : wanted.variants)
        reason += (&variant == wanted.variants.data() ? ":" : "|") + variant;
    reason += "; the package holds ";
    if (package.payloads.empty()) reason += "no code";
    for (const Payload& payload : package.payloads) {
        if (&payload != package.payloads.data()) reason += ", ";
        reason += payload.target + (payload.variant.empty() ? "" : ":" + payload.variant);
    }
    throw Error(ErrorCode::unsupported, reason, "loading a package", device.id());
}

void check_options(const Device& device, const hal::CodeTarget& target, const CompileOptions& options) {
    if (options.check && target.target != "scalar") {
        throw Error(ErrorCode::unsupported, "checked code runs on the scalar device only",
                    "loading a program", device.id());
    }
}

// Hands the package to the device; `payload` null: kernels come one by one from the Kernel IR.
void load(ProgramState& state, const Payload* payload) {
    const auto code =
        payload != nullptr ? std::span<const std::byte>(payload->data) : std::span<const std::byte>();
    state.program = state.device.impl().load(state.package, code);
    state.slots = std::make_unique<KernelSlot[]>(state.package.kernels.size());
    if (payload == nullptr) {
        state.ir = state.package.find("ir", "");
    }
    for (Payload& held : state.package.payloads) {
        if (&held != state.ir) std::vector<std::byte>().swap(held.data);
    }
}

std::shared_ptr<ProgramState> make_state(const Device& device, const CompileOptions& options) {
    auto state = std::make_shared<ProgramState>(device);
    state->options = options;
    state->code_target = device.impl().code_target();
    check_options(device, state->code_target, options);
    return state;
}

void log_loaded(const ProgramState& state) {
    constexpr const char* kOrigins[] = {"compiler", "cache", "package"};
    runtime::log().debug("{}: loaded '{}' from the {} in {:.2f} ms", state.device.id(), state.package.source,
                         kOrigins[static_cast<std::size_t>(state.statistics.origin)],
                         state.statistics.milliseconds);
}

std::shared_ptr<ProgramState> state_from_source(const Device& device, std::string_view source,
                                                std::string_view file_name, const CompileOptions& options) {
    const auto start = Clock::now();
    auto state = make_state(device, options);
    runtime::FrontEndResult front = runtime::compile_front_end(source, file_name, options);
    state->package = std::move(front.package);
    state->diagnostics = std::move(front.diagnostics);
    load(*state, nullptr);
    state->statistics.origin =
        front.is_from_cache ? CompileStatistics::Origin::cache : CompileStatistics::Origin::compiled;
    state->statistics.milliseconds = milliseconds_since(start);
    log_loaded(*state);
    return state;
}

std::shared_ptr<ProgramState> state_from_package(const Device& device, std::span<const std::byte> bytes,
                                                 const CompileOptions& options) {
    const auto start = Clock::now();
    auto state = make_state(device, options);
    state->package = Package::read(bytes);
    const Payload* payload = options.check ? nullptr : choose_payload(state->package, state->code_target);
    if (payload == nullptr && state->package.find("ir", "") == nullptr) {
        refuse_package(device, state->package, state->code_target);
    }
    if (payload != nullptr) {
        // The only variant left: a missing kernel is explained by its diagnostic.
        state->code_target.variants = {payload->variant};
    }
    load(*state, payload);
    state->statistics.origin = CompileStatistics::Origin::package;
    state->statistics.milliseconds = milliseconds_since(start);
    log_loaded(*state);
    return state;
}

// Generates the kernel's code where it has to be and hands it to the device.
std::shared_ptr<hal::Kernel> make_kernel(ProgramState& state, const KernelInfo& info) {
    const auto start = Clock::now();
    check_features(state, info);
    std::vector<std::byte> code;
    bool is_compiled = false;
    if (state.ir != nullptr) {
        runtime::CodeRequest request{state.ir->data, state.code_target.target, {},
                                     info.name,      state.options.check,      state.options.use_cache};
        if (!state.code_target.variants.empty()) request.variant = state.code_target.variants.front();
        try {
            runtime::CodeResult result = runtime::compile_kernel(request);
            code = std::move(result.code);
            is_compiled = !result.is_from_cache;
        } catch (const Error& error) {
            throw Error(error.code(), error.reason(), error.operation(), state.device.id());
        }
    } else {
        for (const TargetDiagnostic& diagnostic : state.package.diagnostics) {
            const bool is_ours =
                diagnostic.target == state.code_target.target ||
                diagnostic.target == state.code_target.target + ":" + state.code_target.variants[0];
            if (is_ours && diagnostic.kernel == info.name) {
                throw Error(ErrorCode::unsupported, diagnostic.message, "loading '" + info.name + "'",
                            state.device.id());
            }
        }
    }
    std::shared_ptr<hal::Kernel> kernel;
    {
        const std::lock_guard lock(state.backend_mutex);
        kernel = state.program->kernel(info, code);
    }
    const std::lock_guard lock(state.statistics_mutex);
    state.statistics.milliseconds += milliseconds_since(start);
    if (is_compiled) state.statistics.origin = CompileStatistics::Origin::compiled;
    runtime::log().debug("{}: kernel '{}' ready in {:.2f} ms{}", state.device.id(), info.name,
                         milliseconds_since(start), is_compiled ? " (compiled)" : "");
    return kernel;
}

// A checked range of the globals' block.
struct GlobalRange {
    std::shared_ptr<hal::Allocation> block;
    std::size_t offset;
};

const GlobalInfo& find_global(const ProgramState& state, std::string_view name) {
    for (const GlobalInfo& symbol : state.package.globals.symbols) {
        if (symbol.name == name) return symbol;
    }
    std::string reason = "the program has no __device__ or __constant__ variable '" + std::string(name) + "'";
    for (const GlobalInfo& symbol : state.package.globals.symbols) {
        reason +=
            (&symbol == state.package.globals.symbols.data() ? "; it has '" : ", '") + symbol.name + "'";
    }
    throw Error(ErrorCode::not_found, reason, {}, state.device.id());
}

GlobalRange global_range(const ProgramState& state, std::string_view name, const void* host,
                         std::size_t bytes, std::size_t offset, const char* operation) {
    const GlobalInfo& symbol = find_global(state, name);
    const std::string what = std::string(operation) + " of global '" + symbol.name + "'";
    if (offset > symbol.bytes || bytes > symbol.bytes - offset) {
        throw Error(ErrorCode::invalid_argument,
                    std::to_string(bytes) + " bytes from offset " + std::to_string(offset) +
                        " reach past the variable's " + std::to_string(symbol.bytes),
                    what, state.device.id());
    }
    if (host == nullptr && bytes != 0) {
        throw Error(ErrorCode::invalid_argument, "the host pointer is null", what, state.device.id());
    }
    return {state.program->globals(), symbol.offset + offset};
}

}  // namespace

Program::Program(std::shared_ptr<detail::ProgramState> state) noexcept : state_(std::move(state)) {}

Program Program::from_file(const Device& device, const std::filesystem::path& path,
                           const CompileOptions& options) {
    const std::vector<std::byte> file = runtime::read_file(path);
    if (runtime::is_zip(file)) {
        try {
            return Program(state_from_package(device, file, options));
        } catch (const Error& error) {
            if (error.code() != ErrorCode::corrupt_package) throw;
            throw Error(error.code(), "'" + path.string() + "': " + error.reason(), error.operation());
        }
    }
    if (path.extension() == ".heddle") {
        throw Error(ErrorCode::corrupt_package,
                    "'" + path.string() + "' is not a Heddle package (no ZIP file)");
    }
    const std::string_view source(reinterpret_cast<const char*>(file.data()), file.size());
    return Program(state_from_source(device, source, path.string(), options));
}

Program Program::from_source(const Device& device, std::string_view source, std::string_view file_name,
                             const CompileOptions& options) {
    return Program(state_from_source(device, source, file_name, options));
}

Program Program::from_package(const Device& device, std::span<const std::byte> package,
                              const CompileOptions& options) {
    return Program(state_from_package(device, package, options));
}

const Device& Program::device() const noexcept {
    return state_->device;
}

std::vector<std::string> Program::kernel_names() const {
    std::vector<std::string> names;
    for (const KernelInfo& kernel : state_->package.kernels) names.push_back(kernel.name);
    return names;
}

const KernelInfo& Program::kernel_info(std::string_view name) const {
    return state_->package.kernels[index_of(*state_, name)];
}

Kernel Program::kernel(std::string_view name) const {
    const std::size_t index = index_of(*state_, name);
    KernelSlot& slot = state_->slots[index];
    const std::lock_guard lock(slot.mutex);
    if (!slot.kernel) slot.kernel = make_kernel(*state_, state_->package.kernels[index]);
    return Kernel(state_->device, slot.kernel);
}

void Program::write_global(std::string_view name, const void* source, std::size_t bytes, std::size_t offset) {
    const GlobalRange range = global_range(*state_, name, source, bytes, offset, "write");
    if (bytes == 0) return;
    const auto queue = state_->device.impl().create_queue();
    queue->write(range.block, range.offset, source, bytes);
    queue->synchronize();
}

void Program::read_global(std::string_view name, void* destination, std::size_t bytes,
                          std::size_t offset) const {
    const GlobalRange range = global_range(*state_, name, destination, bytes, offset, "read");
    if (bytes == 0) return;
    const auto queue = state_->device.impl().create_queue();
    queue->read(range.block, range.offset, destination, bytes);
    queue->synchronize();
}

std::size_t Program::global_bytes(std::string_view name) const {
    return find_global(*state_, name).bytes;
}

const std::string& Program::diagnostics() const noexcept {
    return state_->diagnostics;
}

CompileStatistics Program::statistics() const noexcept {
    const std::lock_guard lock(state_->statistics_mutex);
    return state_->statistics;
}

}  // namespace heddle
