// Finds NVIDIA GPUs and describes them. A device's context is made with its first use: listing devices leaves
// the GPU alone.
#include "backends/cuda/backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backends/cuda/api.h"
#include "backends/cuda/context.h"
#include "backends/cuda/memory.h"
#include "backends/cuda/program.h"
#include "backends/cuda/queue.h"

namespace heddle::cuda {

namespace {

constexpr const char* driver_library = "libcuda.so.1";
/// Compute capabilities that the compiler makes code for, newest first; a newer GPU takes the newest.
constexpr std::array code_for = {90, 80, 70};

class CudaDevice final : public hal::Device {
  public:
    CudaDevice(const Api& api, CUdevice device, int capability, DeviceInfo info)
        : api_(api), device_(device), capability_(capability), info_(std::move(info)) {
        target_.target = "ptx";
        for (const int each : code_for)
            if (each <= capability) target_.variants.push_back("sm_" + std::to_string(each));
    }

    const DeviceInfo& info() const noexcept override { return info_; }
    hal::CodeTarget code_target() const override { return target_; }
    std::shared_ptr<hal::Allocation> allocate(std::size_t bytes) override {
        return std::make_shared<CudaAllocation>(context(), bytes);
    }
    std::shared_ptr<hal::HostMemory> allocate_host(std::size_t bytes) override {
        const std::shared_ptr<Context> owner = context();
        auto memory = std::make_shared<CudaHostMemory>(owner, bytes);
        owner->host_ranges().add(memory);
        return memory;
    }
    std::unique_ptr<hal::Queue> create_queue() override { return make_queue(context()); }
    std::shared_ptr<hal::Program> load(const Package& package, std::span<const std::byte> payload) override {
        return std::make_shared<CudaProgram>(context(), package, payload);
    }
    bool abandon(const std::string& why) noexcept override {
        try {
            context()->give_up(why);
            return true;
        } catch (...) {
            return false;  // it has no context: there is no work either
        }
    }
    std::shared_ptr<hal::Device> reopened() override {
        context()->prepare_reopening();
        return std::make_shared<CudaDevice>(api_, device_, capability_, info_);
    }

  private:
    const Api& api_;
    const CUdevice device_;
    const int capability_;
    const DeviceInfo info_;
    hal::CodeTarget target_;
    std::mutex mutex_;
    std::shared_ptr<Context> context_;

    std::shared_ptr<Context> context() {
        const std::lock_guard lock(mutex_);
        if (context_ == nullptr) context_ = std::make_shared<Context>(api_, device_, info_.id);
        return context_;
    }
};

std::string uuid_text(const CUuuid& uuid) {
    std::string text;
    for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += fmt::format("{:02x}", uuid.bytes[i]);
    }
    return text;
}

class CudaBackend final : public hal::Backend {
  public:
    explicit CudaBackend(std::string library) : library_(std::move(library)) {}
    std::string_view name() const noexcept override { return "cuda"; }

    void enumerate(std::vector<std::shared_ptr<hal::Device>>& devices,
                   std::string& reason) noexcept override {
        try {
            if (!api_.load(library_.c_str(), reason)) return;
            CUresult result = api_.init(0);
            int count = 0;
            if (result == cuda_success) result = api_.device_count(&count);
            if (result != cuda_success) {
                reason = api_.describe(result);
                return;
            }
            for (int ordinal = 0; ordinal < count; ++ordinal) add(ordinal, devices, reason);
        } catch (const std::exception& error) {
            reason = error.what();
        }
    }

  private:
    const std::string library_;
    Api api_{};

    int attribute(DeviceAttribute which, CUdevice device) const {
        int value = 0;
        const CUresult result = api_.device_attribute(&value, which, device);
        if (result != cuda_success)
            throw Error(ErrorCode::device_unavailable, api_.describe(result), "describing a device");
        return value;
    }

    void add(int ordinal, std::vector<std::shared_ptr<hal::Device>>& devices, std::string& reason) {
        CUdevice device = 0;
        if (const CUresult result = api_.device_get(&device, ordinal); result != cuda_success) {
            reason = api_.describe(result);
            return;
        }
        const int major = attribute(DeviceAttribute::compute_capability_major, device),
                  minor = attribute(DeviceAttribute::compute_capability_minor, device);
        const int capability = 10 * major + minor;
        char text[256] = {};
        api_.device_name(text, sizeof text - 1, device);
        if (capability < code_for.back()) {
            reason = fmt::format("{} has compute capability {}.{}; {}.{} is needed", text, major, minor,
                                 code_for.back() / 10, code_for.back() % 10);
            return;
        }
        if (attribute(DeviceAttribute::compute_mode, device) == compute_mode_prohibited) {
            reason = fmt::format("{} is closed for compute work", text);
            return;
        }
        devices.push_back(
            std::make_shared<CudaDevice>(api_, device, capability, describe(ordinal, device, text)));
    }

    DeviceInfo describe(int ordinal, CUdevice device, const char* name) const {
        DeviceInfo info;
        info.id = "cuda:" + std::to_string(ordinal);
        info.backend = "cuda";
        info.name = name;
        const bool is_integrated = attribute(DeviceAttribute::integrated, device) != 0;
        info.kind = is_integrated ? DeviceKind::integrated : DeviceKind::discrete;
        std::size_t total = 0;
        api_.device_total_memory(&total, device);
        // What is free is known once a context is there; making one takes long and memory.
        info.memory_bytes = info.free_bytes = total;
        CUuuid uuid{};
        if (api_.device_uuid(&uuid, device) == cuda_success) info.uuid = uuid_text(uuid);
        char pci[32] = {};
        if (api_.device_pci_bus_id(pci, sizeof pci - 1, device) == cuda_success) {
            info.pci = pci;
            std::transform(info.pci.begin(), info.pci.end(), info.pci.begin(),
                           [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
        }
        int version = 0;
        api_.driver_version(&version);
        info.driver = fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10);
        const int capability = 10 * attribute(DeviceAttribute::compute_capability_major, device) +
                               attribute(DeviceAttribute::compute_capability_minor, device);
        info.score = 1000 + attribute(DeviceAttribute::multiprocessors, device) - (is_integrated ? 500 : 0);
        info.features = {"fp64",           "fp16",      "int64",  "atomics", "int64_atomics", "float_atomics",
                         "double_atomics", "subgroups", "printf", "assert",  "heap"};
        if (capability >= 80) info.features.emplace_back("bf16");
        info.features.emplace_back("tensor_cores");
        info.features.push_back(fmt::format("sm_{}", capability));
        const auto limit = [&](DeviceAttribute which) {
            return static_cast<std::uint32_t>(attribute(which, device));
        };
        info.limits.block = {limit(DeviceAttribute::max_block_dim_x), limit(DeviceAttribute::max_block_dim_y),
                             limit(DeviceAttribute::max_block_dim_z)};
        info.limits.threads = limit(DeviceAttribute::max_threads_per_block);
        info.limits.grid = {limit(DeviceAttribute::max_grid_dim_x), limit(DeviceAttribute::max_grid_dim_y),
                            limit(DeviceAttribute::max_grid_dim_z)};
        info.limits.shared_bytes = limit(DeviceAttribute::max_shared_bytes_per_block_opt_in);
        info.limits.warp = limit(DeviceAttribute::warp_size);
        return info;
    }
};

}  // namespace

std::unique_ptr<hal::Backend> make_cuda_backend() {
    return make_cuda_backend(driver_library);
}

std::unique_ptr<hal::Backend> make_cuda_backend(std::string library) {
    return std::make_unique<CudaBackend>(std::move(library));
}

}  // namespace heddle::cuda
