// Finds OpenCL's platforms and devices and describes them.
#include "backends/opencl/backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <exception>
#include <optional>

#include "backends/opencl/context.h"
#include "backends/opencl/memory.h"
#include "backends/opencl/program.h"
#include "backends/opencl/queue.h"
#include "runtime/log.h"

namespace heddle::opencl {

namespace {

/// What a platform or device says of itself; nothing where the driver does not know the question.
template <class Query>
std::string text_of(Query query) {
    std::size_t size = 0;
    if (query(std::size_t{0}, static_cast<void*>(nullptr), &size) != constants::success || size == 0)
        return {};
    std::string text(size, '\0');
    if (query(size, static_cast<void*>(text.data()), nullptr) != constants::success) return {};
    while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.pop_back();
    return text;
}

class Description {
  public:
    Description(const Api& api, PlatformId platform, DeviceId device)
        : api_(api),
          platform_(platform),
          device_(device),
          extensions_(" " + text(constants::device_extensions) + " ") {}

    std::string text(Name what) const {
        return text_of([&](std::size_t size, void* place, std::size_t* needed) {
            return api_.get_device_info(device_, what, size, place, needed);
        });
    }
    std::string platform_text(Name what) const {
        return text_of([&](std::size_t size, void* place, std::size_t* needed) {
            return api_.get_platform_info(platform_, what, size, place, needed);
        });
    }
    template <class T>
    std::optional<T> value(Name what) const {
        T found{};
        if (api_.get_device_info(device_, what, sizeof found, &found, nullptr) != constants::success)
            return std::nullopt;
        return found;
    }
    bool has(const std::string& extension) const {
        return extensions_.find(" " + extension + " ") != std::string::npos;
    }
    bool is_pocl() const { return platform_text(constants::platform_name) == "Portable Computing Language"; }

    /// Why Heddle cannot use the device; empty when it can.
    std::string problem() const {
        if (value<std::uint32_t>(constants::device_is_available).value_or(0) == 0)
            return "it is not available";
        if (value<std::uint32_t>(constants::device_has_compiler).value_or(0) == 0)
            return "it has no compiler";
        if (value<std::uint32_t>(constants::device_address_bits).value_or(0) != 64)
            return "its addresses have not 64 bits";
        if (value<std::uint32_t>(constants::device_is_little_endian).value_or(0) == 0)
            return "its numbers are big-endian";
        if ((value<Bits>(constants::device_svm_capabilities).value_or(0) & constants::svm_coarse_buffer) == 0)
            return "it has no shared virtual memory (OpenCL 2.0)";
        return {};
    }

    std::string uuid() const {
        const Bits type = value<Bits>(constants::device_type).value_or(0);
        // Of this machine there is one processor, known to the other backends by this name.
        if ((type & constants::type_cpu) != 0) return "processor";
        if (!has("cl_khr_device_uuid")) return {};
        const auto bytes = value<std::array<unsigned char, 16>>(constants::device_uuid);
        if (!bytes) return {};
        std::string text;
        for (std::size_t i = 0; i < bytes->size(); ++i)
            text += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", (*bytes)[i]);
        return text;
    }
    std::string pci() const {
        if (has("cl_khr_pci_bus_info"))
            if (const auto place = value<std::array<std::uint32_t, 4>>(constants::device_pci))
                return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", (*place)[0], (*place)[1], (*place)[2],
                                   (*place)[3]);
        if (has("cl_nv_device_attribute_query")) {
            const auto bus = value<std::uint32_t>(constants::device_nv_pci_bus);
            const auto slot = value<std::uint32_t>(constants::device_nv_pci_slot);
            const auto domain = value<std::uint32_t>(constants::device_nv_pci_domain);
            if (bus && slot)
                return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain.value_or(0), *bus, *slot >> 3,
                                   *slot & 7);
        }
        return {};
    }

    DeviceInfo info(unsigned index) const {
        const Bits type = value<Bits>(constants::device_type).value_or(0);
        const bool is_cpu = (type & constants::type_cpu) != 0, is_gpu = (type & constants::type_gpu) != 0;
        const bool is_unified = value<std::uint32_t>(constants::device_unified_memory).value_or(0) != 0;
        DeviceInfo info;
        info.id = "opencl:" + std::to_string(index);
        info.backend = "opencl";
        info.name = text(constants::device_name);
        info.kind = is_cpu   ? DeviceKind::cpu
                    : is_gpu ? (is_unified ? DeviceKind::integrated : DeviceKind::discrete)
                             : DeviceKind::other;
        info.memory_bytes = value<std::uint64_t>(constants::device_memory_size).value_or(0);
        info.free_bytes = info.memory_bytes;
        info.uuid = uuid();
        info.pci = pci();
        info.driver = platform_text(constants::platform_name) + " " + text(constants::device_driver_version);
        info.score = is_cpu ? 50 : is_gpu ? (is_unified ? 300 : 700) : 200;
        info.features = {"int64", "fp16", "bf16", "atomics", "float_atomics", "printf", "assert"};
        if (value<Bits>(constants::device_double_config).value_or(0) != 0) info.features.emplace_back("fp64");
        if (has("cl_khr_int64_base_atomics") && has("cl_khr_int64_extended_atomics")) {
            info.features.emplace_back("int64_atomics");
            if (info.features.end() != std::find(info.features.begin(), info.features.end(), "fp64"))
                info.features.emplace_back("double_atomics");
        }
        info.features.emplace_back("subgroups");
        const auto threads = static_cast<std::uint32_t>(
            std::min<std::size_t>(value<std::size_t>(constants::device_work_group_size).value_or(1), 1024));
        const auto items = value<std::array<std::size_t, 3>>(constants::device_item_sizes)
                               .value_or(std::array<std::size_t, 3>{threads, threads, 64});
        info.limits.threads = threads;
        constexpr std::array<std::size_t, 3> most{1024, 1024, 64};
        for (std::size_t d = 0; d < 3; ++d)
            info.limits.block[d] = static_cast<std::uint32_t>(std::min(items[d], most[d]));
        info.limits.grid = {0x7fffffff, 65535, 65535};
        info.limits.shared_bytes = value<std::uint64_t>(constants::device_local_size).value_or(0);
        info.limits.warp = 32;
        return info;
    }

    /// Of a GPU through NVIDIA's own driver, as 90 for 9.0; 0 of any other device. Other drivers for the same
    /// GPUs may answer too, but not every compiler takes inline PTX in OpenCL C.
    std::uint32_t nv_compute_capability() const {
        if (platform_text(constants::platform_name) != "NVIDIA CUDA" || !has("cl_nv_device_attribute_query"))
            return 0;
        const auto major = value<std::uint32_t>(constants::device_nv_compute_capability_major);
        const auto minor = value<std::uint32_t>(constants::device_nv_compute_capability_minor);
        return major ? 10 * *major + minor.value_or(0) : 0;
    }

    Context::Traits traits() const {
        Context::Traits traits;
        traits.key = platform_text(constants::platform_version) + "\n" + text(constants::device_name) + "\n" +
                     text(constants::device_version) + "\n" + text(constants::device_driver_version);
        traits.options = "-cl-std=CL1.2";
        const Bits single = value<Bits>(constants::device_single_config).value_or(0);
        if ((single & constants::divide_correctly_rounded) != 0)
            traits.options += " -cl-fp32-correctly-rounded-divide-sqrt";
        traits.variants = {"portable"};
        if (const std::uint32_t capability = nv_compute_capability(); capability >= 70) {
            traits.variants.insert(traits.variants.begin(), "nv");
            traits.options += " -D NV_COMPUTE_CAPABILITY=" + std::to_string(capability);
        }
        traits.memory_bytes = value<std::uint64_t>(constants::device_memory_size).value_or(0);
        traits.allocation_bytes = value<std::uint64_t>(constants::device_allocation_size).value_or(0);
        traits.is_fine_grained =
            (value<Bits>(constants::device_svm_capabilities).value_or(0) & constants::svm_fine_buffer) != 0;
        // PoCL compiles a kernel anew for every block's size and caches that itself; a binary of it has all
        // kernels compiled for any size, which takes longer and runs slower.
        traits.keeps_binaries = !is_pocl();
        return traits;
    }

  private:
    const Api& api_;
    PlatformId platform_;
    DeviceId device_;
    std::string extensions_;
};

class OpenClDevice final : public hal::Device {
  public:
    OpenClDevice(const Api& api, DeviceId device, DeviceInfo info, Context::Traits traits)
        : api_(api), device_(device), info_(std::move(info)), traits_(std::move(traits)) {}

    const DeviceInfo& info() const noexcept override { return info_; }
    hal::CodeTarget code_target() const override { return {"opencl", traits_.variants}; }
    std::shared_ptr<hal::Allocation> allocate(std::size_t bytes) override {
        return opencl::allocate(context(), bytes);
    }
    std::shared_ptr<hal::HostMemory> allocate_host(std::size_t bytes) override {
        const std::shared_ptr<Context> owner = context();
        auto memory = std::make_shared<PinnedMemory>(owner, bytes);
        owner->host_ranges().add(memory);
        return memory;
    }
    std::unique_ptr<hal::Queue> create_queue() override { return make_queue(context()); }
    std::shared_ptr<hal::Program> load(const Package& package, std::span<const std::byte> payload) override {
        return std::make_shared<OpenClProgram>(context(), package, payload);
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
        return std::make_shared<OpenClDevice>(api_, device_, info_, traits_);
    }

  private:
    /// Made with the first use: listing devices makes none.
    std::shared_ptr<Context> context() {
        const std::lock_guard lock(mutex_);
        if (context_ != nullptr) {
            context_->check_alive("use of the device");
            return context_;
        }
        Status status = constants::success;
        Handle<ContextId> made(api_.create_context(nullptr, 1, &device_, nullptr, nullptr, &status),
                               api_.release_context);
        if (status != constants::success)
            throw Error(ErrorCode::device_unavailable, "clCreateContext: " + status_name(status),
                        "making of a context", info_.id);
        context_ = std::make_shared<Context>(api_, device_, std::move(made), info_.id, traits_);
        return context_;
    }

    const Api& api_;
    DeviceId device_;
    const DeviceInfo info_;
    const Context::Traits traits_;
    std::mutex mutex_;
    std::shared_ptr<Context> context_;
};

class OpenClBackend final : public hal::Backend {
  public:
    std::string_view name() const noexcept override { return "opencl"; }
    void enumerate(std::vector<std::shared_ptr<hal::Device>>& devices,
                   std::string& reason) noexcept override {
        try {
            find(devices, reason);
        } catch (const std::exception& error) {
            reason = error.what();
        }
    }

  private:
    static void find(std::vector<std::shared_ptr<hal::Device>>& devices, std::string& reason) {
        const Api* const api = load_api(reason);
        if (api == nullptr) return;
        std::uint32_t count = 0;
        Status status = api->get_platforms(0, nullptr, &count);
        if (status != constants::success || count == 0) {
            reason = status == constants::platform_not_found || status == constants::success
                         ? "no OpenCL platform is installed, or none can be loaded"
                         : "clGetPlatformIDs: " + status_name(status);
            return;
        }
        std::vector<PlatformId> platforms(count);
        status = api->get_platforms(count, platforms.data(), nullptr);
        if (status != constants::success) {
            reason = "clGetPlatformIDs: " + status_name(status);
            return;
        }
        std::string problems;
        for (const PlatformId platform : platforms) {
            constexpr Bits types = constants::type_cpu | constants::type_gpu | constants::type_accelerator;
            std::uint32_t number = 0;
            if (api->get_devices(platform, types, 0, nullptr, &number) != constants::success) continue;
            std::vector<DeviceId> found(number);
            if (number == 0 ||
                api->get_devices(platform, types, number, found.data(), nullptr) != constants::success)
                continue;
            for (const DeviceId device : found) {
                const Description description(*api, platform, device);
                if (const std::string problem = description.problem(); !problem.empty()) {
                    const std::string line = description.text(constants::device_name) + ": " + problem;
                    runtime::log().debug("opencl: {}", line);
                    problems += (problems.empty() ? "" : "; ") + line;
                    continue;
                }
                devices.push_back(std::make_shared<OpenClDevice>(
                    *api, device, description.info(static_cast<unsigned>(devices.size())),
                    description.traits()));
            }
        }
        if (devices.empty()) reason = problems.empty() ? "no OpenCL platform has a device" : problems;
    }
};

}  // namespace

std::unique_ptr<hal::Backend> make_backend() {
    return std::make_unique<OpenClBackend>();
}

}  // namespace heddle::opencl
