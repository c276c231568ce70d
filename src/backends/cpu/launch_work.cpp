// Runs launches and transfers piece by piece.
#include "backends/cpu/launch_work.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "backends/cpu/print.h"

namespace heddle::cpu {

namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;
/// Rough cost of moving a byte, to tell the pool that a transfer is worth splitting.
constexpr std::size_t bytes_per_ns = 8;

void transfer_bytes(const TransferWork::Transfer& transfer, std::size_t begin, std::size_t end) {
    if (transfer.from != nullptr)
        std::memcpy(transfer.to + begin, transfer.from + begin, end - begin);
    else
        std::memset(transfer.to + begin, transfer.value, end - begin);
}

}  // namespace

LaunchWork::LaunchWork(hal::Launch launch, PrintBuffer* output, const std::string* device)
    : launch_(std::move(launch)),
      kernel_(static_cast<CpuKernel*>(launch_.kernel.get())),
      version_(kernel_->version(launch_.config.block)),
      services_(kernel_->program() != nullptr ? &kernel_->program()->heap() : nullptr, output),
      device_(device) {
    const Dim3 grid = launch_.config.grid, block = launch_.config.block;
    abi_.grid[0] = grid.x;
    abi_.grid[1] = grid.y;
    abi_.grid[2] = grid.z;
    abi_.block[0] = block.x;
    abi_.block[1] = block.y;
    abi_.block[2] = block.z;
    abi_.threads = static_cast<std::uint32_t>(block.count());
    abi_.dynamic_shared_bytes = static_cast<std::uint32_t>(launch_.config.shared_bytes);
    abi_.arguments = reinterpret_cast<const unsigned char*>(launch_.parameters.data());
    abi_.globals = kernel_->program() != nullptr ? kernel_->program()->globals_memory() : nullptr;
    abi_.services = &services_;
    // Dynamic shared memory begins at the next multiple of 16 after the static part.
    shared_bytes_ = (kernel_->info().static_shared_bytes + 15) / 16 * 16 + launch_.config.shared_bytes;
}

QueueWork::Extent LaunchWork::begin() {
    if ((version_.flags & HEDDLE_KERNEL_CHECKED) != 0) {
        const CpuProgram* const program = kernel_->program();
        checker_ = std::make_unique<Checker>(
            kernel_->info(), abi_, launch_.parameters.size(),
            program != nullptr ? program->allocations().snapshot() : std::vector<MemoryRange>(),
            program != nullptr ? program->globals_view() : GlobalsView(), services_.heap());
        services_.set_checker(checker_.get());
    }
    const std::uint64_t blocks = launch_.config.grid.count();
    const double expected = kernel_->thread_ns() * abi_.threads * static_cast<double>(blocks);
    return {blocks, static_cast<std::uint64_t>(std::min(expected, 1e18))};
}

void LaunchWork::run(std::uint64_t first, std::uint64_t last) noexcept {
    try {
        Scratch& scratch = Scratch::of_this_thread();
        scratch.prepare(abi_, shared_bytes_);
        run_blocks(version_, abi_, scratch, first, last);
    } catch (const std::bad_alloc&) {
        services_.fail("the host's memory is exhausted");
    } catch (const std::exception& error) {
        services_.fail(error.what());
    }
}

std::optional<Failure> LaunchWork::end(std::uint64_t busy_ns) noexcept {
    std::string reason = services_.failure();
    if (checker_ != nullptr) {
        const std::string findings = checker_->findings();
        if (!findings.empty()) reason = reason.empty() ? "\n" + findings : reason + "\n" + findings;
    }
    std::optional<Failure> failure;
    if (!reason.empty())
        failure =
            Failure{ErrorCode::launch_failed, reason, "launch of '" + kernel_->info().name + "'", *device_};
    else if (!services_.stopped())
        kernel_->learn(static_cast<double>(busy_ns) /
                       (static_cast<double>(launch_.config.grid.count()) * abi_.threads));
    checker_.reset();
    launch_ = {};
    return failure;
}

void TransferWork::run_all(const Transfer& transfer) noexcept {
    transfer_bytes(transfer, 0, transfer.bytes);
}

QueueWork::Extent TransferWork::begin() {
    return {(transfer_.bytes + piece_bytes - 1) / piece_bytes, transfer_.bytes / bytes_per_ns};
}

void TransferWork::run(std::uint64_t first, std::uint64_t last) noexcept {
    transfer_bytes(transfer_, first * piece_bytes,
                   std::min<std::size_t>(transfer_.bytes, last * piece_bytes));
}

}  // namespace heddle::cpu
