// Loading of PTX and globals.
#include "backends/cuda/program.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "runtime/log.h"

namespace heddle::cuda {

namespace {

// What the compiler calls them: src/compiler/targets/ptx_kernel.h.
constexpr const char *globals_slot = "heddle_globals", *failure_mark = "heddle_fails_";
/// What every kernel may have without asking.
constexpr std::size_t usual_shared_bytes = 48 << 10;

std::vector<std::byte> initial_bytes(const GlobalsInfo& info, CUdeviceptr base, const std::string& source,
                                     const std::string& device) {
    std::vector<std::byte> bytes(info.bytes);
    std::copy_n(info.initial.begin(), std::min(info.initial.size(), bytes.size()), bytes.begin());
    for (const GlobalsInfo::Relocation& relocation : info.relocations) {
        const std::uint64_t address = base + relocation.to;
        if (relocation.at > bytes.size() || bytes.size() - relocation.at < sizeof address)
            throw Error(ErrorCode::corrupt_package,
                        "a pointer of the globals stands at byte " + std::to_string(relocation.at) + " of " +
                            std::to_string(bytes.size()),
                        "loading of '" + source + "'", device);
        std::memcpy(bytes.data() + relocation.at, &address, sizeof address);
    }
    return bytes;
}

}  // namespace

Module::Module(std::shared_ptr<Context> context, std::span<const std::byte> ptx, const std::string& what)
    : context_(std::move(context)) {
    context_->check_alive("loading a program");
    const Current current = context_->make_current();
    std::string text(reinterpret_cast<const char*>(ptx.data()), ptx.size());  // with an end
    std::vector<char> log(8192, '\0');
    int options[] = {jit_error_log, jit_error_log_bytes};
    void* values[] = {log.data(), reinterpret_cast<void*>(log.size())};
    const CUresult result = context_->api().module_load(&module_, text.c_str(), 2, options, values);
    if (result == cuda_success) return;
    if (log.front() == '\0') context_->check(result, "loading a program");
    log.back() = '\0';
    const bool is_refused = result == cuda_error_invalid_ptx || result == cuda_error_unsupported_ptx_version;
    throw Error(is_refused ? ErrorCode::unsupported : ErrorCode::internal,
                context_->api().describe(result) + "\n" + log.data(), "compiling " + what, context_->id());
}

Module::~Module() {
    if (context_->is_lost()) return;
    try {
        // Of a device that has died, or is about to, everything stays.
        if (!context_->await_streams("unloading a program")) return;
    } catch (const Error& error) {
        runtime::log().warn("{}", error.what());
        return;
    }
    const Current current = context_->make_current();
    context_->api().module_unload(module_);
}

CUdeviceptr Module::find(const std::string& name) const {
    const Current current = context_->make_current();
    CUdeviceptr address = 0;
    std::size_t bytes = 0;
    const CUresult result = context_->api().module_global(&address, &bytes, module_, name.c_str());
    if (result == cuda_error_not_found) return 0;
    context_->check(result, "loading a program");
    return address;
}

CudaProgram::CudaProgram(std::shared_ptr<Context> context, const Package& package,
                         std::span<const std::byte> payload)
    : context_(std::move(context)), source_(package.source) {
    auto texts = std::make_shared<GlobalsText>();
    if (package.globals.bytes != 0) {
        globals_ = std::make_shared<CudaAllocation>(context_, package.globals.bytes);
        texts->base = globals_->device_address();
        texts->bytes = initial_bytes(package.globals, texts->base, source_, context_->id());
        const Current current = context_->make_current();
        context_->check(context_->api().copy_to_device(texts->base, texts->bytes.data(), texts->bytes.size()),
                        "loading a program");
    }
    texts_ = std::move(texts);
    if (!payload.empty()) code_ = load(payload, "'" + source_ + "'");
}

std::shared_ptr<const Module> CudaProgram::load(std::span<const std::byte> ptx,
                                                const std::string& what) const {
    auto module = std::make_shared<Module>(context_, ptx, what);
    if (const CUdeviceptr slot = module->find(globals_slot); slot != 0) {
        const std::uint64_t address = globals_ != nullptr ? globals_->device_address() : 0;
        const Current current = context_->make_current();
        context_->check(context_->api().copy_to_device(slot, &address, sizeof address), "loading a program");
    }
    return module;
}

std::shared_ptr<hal::Kernel> CudaProgram::kernel(const KernelInfo& info, std::span<const std::byte> code) {
    const std::shared_ptr<const Module> module =
        code.empty() ? code_ : load(code, "'" + source_ + "' for '" + info.name + "'");
    const Error missing(ErrorCode::not_found, "the code has no kernel of symbol '" + info.symbol + "'",
                        "loading of kernel '" + info.name + "'", context_->id());
    if (module == nullptr) throw missing;
    const Current current = context_->make_current();
    CUfunction function = nullptr;
    const CUresult result = context_->api().module_function(&function, module->get(), info.symbol.c_str());
    if (result == cuda_error_not_found) throw missing;
    context_->check(result, "loading a kernel");
    const bool may_fail = module->find(failure_mark + info.symbol) != 0;
    return std::make_shared<CudaKernel>(info, shared_from_this(), module, function, may_fail);
}

CudaKernel::CudaKernel(KernelInfo info, std::shared_ptr<CudaProgram> program,
                       std::shared_ptr<const Module> code, CUfunction function, bool may_fail)
    : info_(std::move(info)),
      program_(std::move(program)),
      code_(std::move(code)),
      function_(function),
      may_fail_(may_fail),
      allowed_shared_(usual_shared_bytes - std::min(usual_shared_bytes, info_.static_shared_bytes)) {}

void CudaKernel::allow_shared(const Context& context, std::size_t bytes) const {
    if (bytes <= allowed_shared_.load(std::memory_order_relaxed)) return;
    context.check(context.api().function_set_attribute(function_, FunctionAttribute::max_dynamic_shared_bytes,
                                                       static_cast<int>(bytes)),
                  "asking for shared memory");
    allowed_shared_.store(bytes, std::memory_order_relaxed);
}

}  // namespace heddle::cuda
