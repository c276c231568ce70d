// Loads a package's payloads and globals, and finds kernels' versions.
#include "backends/cpu/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace heddle::cpu {

namespace {

/// What kernels of one program may have allocated at a time: ample, and far from starving the host.
constexpr std::uint64_t heap_limit = std::uint64_t{1} << 30;

}  // namespace

CpuProgram::CpuProgram(const Package& package, std::span<const std::byte> payload,
                       std::shared_ptr<AllocationList> allocations, std::string device)
    : source_(package.source),
      device_(std::move(device)),
      allocations_(std::move(allocations)),
      symbols_(package.globals.symbols),
      heap_(heap_limit) {
    if (!payload.empty()) code_ = CodeObject::load(payload, source_, &find_import);
    const GlobalsInfo& info = package.globals;
    if (info.bytes == 0) return;
    globals_ = allocate_memory(allocations_, info.bytes, std::max<std::size_t>(info.alignment, 256), device_);
    unsigned char* const memory = globals_memory();
    std::memset(memory, 0, info.bytes);
    if (!info.initial.empty())
        std::memcpy(memory, info.initial.data(), std::min(info.initial.size(), info.bytes));
    for (const GlobalsInfo::Relocation& relocation : info.relocations) {
        const std::uint64_t address = globals_->device_address() + relocation.to;
        if (relocation.at > info.bytes || info.bytes - relocation.at < sizeof address)
            throw Error(ErrorCode::corrupt_package,
                        "a pointer of the globals stands at byte " + std::to_string(relocation.at) + " of " +
                            std::to_string(info.bytes),
                        "loading of '" + source_ + "'", device_);
        std::memcpy(memory + relocation.at, &address, sizeof address);
    }
}

unsigned char* CpuProgram::globals_memory() const noexcept {
    return globals_ != nullptr ? static_cast<unsigned char*>(globals_->host_pointer()) : nullptr;
}

GlobalsView CpuProgram::globals_view() const noexcept {
    return {reinterpret_cast<std::uintptr_t>(globals_memory()), symbols_};
}

std::shared_ptr<hal::Kernel> CpuProgram::kernel(const KernelInfo& info, std::span<const std::byte> code) {
    const std::shared_ptr<const CodeObject> object =
        code.empty() ? code_ : CodeObject::load(code, source_ + "' for '" + info.name, &find_import);
    std::vector<heddle_cpu_kernel> versions;
    if (object != nullptr) versions = object->find(info.symbol);
    if (versions.empty())
        throw Error(ErrorCode::not_found, "the code has no kernel of symbol '" + info.symbol + "'",
                    "loading of kernel '" + info.name + "'", device_);
    return std::make_shared<CpuKernel>(info, std::move(versions), object, shared_from_this());
}

CpuKernel::CpuKernel(KernelInfo info, std::vector<heddle_cpu_kernel> versions,
                     std::shared_ptr<const void> code, std::shared_ptr<CpuProgram> program)
    : info_(std::move(info)),
      versions_(std::move(versions)),
      code_(std::move(code)),
      program_(std::move(program)) {}

const heddle_cpu_kernel& CpuKernel::version(const Dim3& block) const {
    const bool is_linear = block.y == 1 && block.z == 1;
    const bool has_full_warps = std::uint64_t{block.x} * block.y * block.z % 32 == 0;
    for (const heddle_cpu_kernel& version : versions_) {
        // What serves one-dimensional blocks of any width is better there than what serves rows of 16.
        const bool fits = version.row == HEDDLE_ROW_LINEAR ? is_linear
                          : is_linear && version.row < 32
                              ? version.row == 1
                              : block.x % version.row == 0 && (version.row == 1 || has_full_warps);
        if (fits) return version;
    }
    throw Error(ErrorCode::unsupported,
                fmt::format("the code was compiled for some shapes of blocks only; {}x{}x{} is none of them: "
                            "compile it for all",
                            block.x, block.y, block.z),
                "launch of kernel '" + info_.name + "'");
}

void CpuKernel::learn(double thread_ns) noexcept {
    // Two launches that learn at once may lose one of the two values: it is an estimate.
    const double before = thread_ns_.load(std::memory_order_relaxed);
    thread_ns_.store(before == 0 ? thread_ns : before + (thread_ns - before) / 4, std::memory_order_relaxed);
}

}  // namespace heddle::cpu
