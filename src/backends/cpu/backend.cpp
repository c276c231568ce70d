// Describes the processor as devices and makes their memory, queues and programs.
#include "backends/cpu/backend.h"

#include <exception>
#include <mutex>
#include <string>
#include <utility>

#include "backends/cpu/limits.h"
#include "backends/cpu/memory.h"
#include "backends/cpu/pool.h"
#include "backends/cpu/processor.h"
#include "backends/cpu/program.h"
#include "backends/cpu/queue.h"

namespace heddle::cpu {

namespace {

/// The workers that all CPU devices share, started with the first queue and ended with the last owner.
std::shared_ptr<Pool> shared_pool() {
    static std::mutex mutex;
    static std::weak_ptr<Pool> current;
    const std::lock_guard lock(mutex);
    std::shared_ptr<Pool> pool = current.lock();
    if (pool == nullptr) {
        PoolOptions options;
        CpuLimits limits = cpu_budget(true).limits;
        options.threads = limits.threads;
        options.processors = std::move(limits.processors);
        if (limits.power == PowerPreference::low_power) options.spin_ns = 0;
        pool = std::make_shared<Pool>(options);
        current = pool;
    }
    return pool;
}

class CpuDevice final : public hal::Device {
  public:
    CpuDevice(DeviceInfo info, hal::CodeTarget target)
        : info_(std::move(info)),
          target_(std::move(target)),
          allocations_(std::make_shared<AllocationList>()),
          host_allocations_(std::make_shared<AllocationList>()),
          host_ranges_(std::make_shared<runtime::HostRanges>()) {}

    const DeviceInfo& info() const noexcept override { return info_; }
    hal::CodeTarget code_target() const override { return target_; }
    std::shared_ptr<hal::Allocation> allocate(std::size_t bytes) override {
        return allocate_memory(allocations_, bytes, 256, info_.id);
    }
    std::shared_ptr<hal::Allocation> import_host(void* memory, std::size_t bytes) override {
        // What the widest types of kernels need.
        constexpr std::uintptr_t alignment = 16;
        if (reinterpret_cast<std::uintptr_t>(memory) % alignment != 0) return nullptr;
        return import_memory(allocations_, memory, bytes);
    }
    std::shared_ptr<hal::HostMemory> allocate_host(std::size_t bytes) override {
        auto memory = std::make_shared<HostBlock>(allocate_memory(host_allocations_, bytes, 256, info_.id),
                                                  host_ranges_);
        host_ranges_->add(memory);
        return memory;
    }
    std::unique_ptr<hal::Queue> create_queue() override {
        {
            const std::lock_guard lock(mutex_);
            if (pool_ == nullptr) pool_ = shared_pool();
        }
        return make_queue(pool_, info_.id, host_ranges_);
    }
    std::shared_ptr<hal::Program> load(const Package& package, std::span<const std::byte> payload) override {
        return std::make_shared<CpuProgram>(package, payload, allocations_, info_.id);
    }

  private:
    const DeviceInfo info_;
    const hal::CodeTarget target_;
    const std::shared_ptr<AllocationList> allocations_;
    const std::shared_ptr<AllocationList>
        host_allocations_;  // no memory of kernels: --check does not know it
    const std::shared_ptr<runtime::HostRanges> host_ranges_;
    std::mutex mutex_;
    std::shared_ptr<Pool> pool_;  // made with the first queue: listing devices starts no threads
};

DeviceInfo describe(const Processor& processor, std::string backend) {
    const MemoryState memory = memory_state();
    DeviceInfo info;
    info.id = backend + ":0";
    info.backend = std::move(backend);
    info.name = processor.name;
    info.kind = DeviceKind::cpu;
    info.memory_bytes = memory.total;
    info.free_bytes = memory.available;
    info.uuid =
        "processor";  // of this machine there is one; tells that cpu:0 and scalar:0 are the same hardware
    info.features = {"fp64",           "fp16",      "bf16",   "int64",  "int64_atomics", "float_atomics",
                     "double_atomics", "subgroups", "printf", "assert", "heap",          "atomics"};
    info.limits.block = {1024, 1024, 64};
    info.limits.threads = 1024;
    info.limits.grid = {0x7fffffff, 65535, 65535};
    info.limits.shared_bytes = std::uint64_t{228}
                               << 10;  // the most that an H100 offers: lies in a core's cache
    info.limits.warp = 32;
    return info;
}

class CpuBackend final : public hal::Backend {
  public:
    explicit CpuBackend(bool is_scalar) : is_scalar_(is_scalar) {}

    std::string_view name() const noexcept override { return is_scalar_ ? "scalar" : "cpu"; }
    void enumerate(std::vector<std::shared_ptr<hal::Device>>& devices,
                   std::string& reason) noexcept override {
        try {
            const Processor processor = identify_processor();
            if (processor.variants.empty()) {
                reason =
                    "no code is made for this processor (x86-64-v2 or aarch64 is needed): " + processor.name;
                return;
            }
            DeviceInfo info = describe(processor, std::string(name()));
            info.score = is_scalar_ ? 1 : 100;
            if (!is_scalar_)
                info.features.insert(info.features.end(), processor.instructions.begin(),
                                     processor.instructions.end());
            devices.push_back(std::make_shared<CpuDevice>(
                std::move(info), hal::CodeTarget{is_scalar_ ? "scalar" : "simd", processor.variants}));
        } catch (const std::exception& error) {
            reason = error.what();
        }
    }

  private:
    const bool is_scalar_;
};

}  // namespace

std::unique_ptr<hal::Backend> make_cpu_backend() {
    return std::make_unique<CpuBackend>(false);
}
std::unique_ptr<hal::Backend> make_scalar_backend() {
    return std::make_unique<CpuBackend>(true);
}

}  // namespace heddle::cpu
