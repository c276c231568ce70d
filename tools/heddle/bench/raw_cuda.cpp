// CUDA's driver API, used directly: streams, a module of PTX, pinned memory. Declared here by hand from the
// reference of the driver API; loaded from libcuda.so.1.
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <heddle/error.h>

#include "case_builder.h"
#include "raw_api.h"
#include "shared_object.h"

namespace heddle::tool::bench {

namespace {

using Pointer = std::uint64_t;
using Context = struct ContextObject*;
using Module = struct ModuleObject*;
using Function = struct FunctionObject*;
using Stream = struct StreamObject*;

struct Cuda {
    explicit Cuda(const SharedObject& library) {
        const auto load = [&]<class F>(F*& function, const char* name) {
            function = as<F>(library.symbol(name));
        };
        load(init, "cuInit");
        load(error_name, "cuGetErrorName");
        load(device_count, "cuDeviceGetCount");
        load(device_get, "cuDeviceGet");
        load(device_name, "cuDeviceGetName");
        load(retain_context, "cuDevicePrimaryCtxRetain");
        load(release_context, "cuDevicePrimaryCtxRelease_v2");
        load(set_context, "cuCtxSetCurrent");
        load(load_module, "cuModuleLoadData");
        load(unload_module, "cuModuleUnload");
        load(get_function, "cuModuleGetFunction");
        load(allocate, "cuMemAlloc_v2");
        load(free, "cuMemFree_v2");
        load(allocate_host, "cuMemHostAlloc");
        load(free_host, "cuMemFreeHost");
        load(fill, "cuMemsetD32_v2");
        load(to_device, "cuMemcpyHtoDAsync_v2");
        load(to_host, "cuMemcpyDtoHAsync_v2");
        load(create_stream, "cuStreamCreate");
        load(destroy_stream, "cuStreamDestroy_v2");
        load(synchronize, "cuStreamSynchronize");
        load(launch, "cuLaunchKernel");
    }

    int (*init)(unsigned) = nullptr;
    int (*error_name)(int, const char**) = nullptr;
    int (*device_count)(int*) = nullptr;
    int (*device_get)(int*, int) = nullptr;
    int (*device_name)(char*, int, int) = nullptr;
    int (*retain_context)(Context*, int) = nullptr;
    int (*release_context)(int) = nullptr;
    int (*set_context)(Context) = nullptr;
    int (*load_module)(Module*, const void*) = nullptr;
    int (*unload_module)(Module) = nullptr;
    int (*get_function)(Function*, Module, const char*) = nullptr;
    int (*allocate)(Pointer*, std::size_t) = nullptr;
    int (*free)(Pointer) = nullptr;
    int (*allocate_host)(void**, std::size_t, unsigned) = nullptr;
    int (*free_host)(void*) = nullptr;
    int (*fill)(Pointer, unsigned, std::size_t) = nullptr;
    int (*to_device)(Pointer, const void*, std::size_t, Stream) = nullptr;
    int (*to_host)(void*, Pointer, std::size_t, Stream) = nullptr;
    int (*create_stream)(Stream*, unsigned) = nullptr;
    int (*destroy_stream)(Stream) = nullptr;
    int (*synchronize)(Stream) = nullptr;
    int (*launch)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream,
                  void**, void**) = nullptr;

    void check(int result, const char* call) const {
        if (result == 0) return;
        const char* text = nullptr;
        if (error_name(result, &text) != 0 || text == nullptr) text = "unknown error";
        throw Error(ErrorCode::launch_failed, fmt::format("{} ({})", text, result), call, "raw");
    }
};

constexpr unsigned non_blocking = 1;

constexpr const char* kernels = R"(
.version 6.0
.target sm_70
.address_size 64
.visible .entry probe(.param .u64 data, .param .u32 value) {
    .reg .pred %p<2>;
    .reg .b32 %r<2>;
    .reg .b64 %d<3>;
    ld.param.u32 %r1, [value];
    setp.eq.u32 %p1, %r1, 0;
    @%p1 bra done;
    ld.param.u64 %d1, [data];
    cvta.to.global.u64 %d2, %d1;
    st.global.u32 [%d2], %r1;
done:
    ret;
}
.visible .entry busy(.param .u64 data, .param .u32 rounds) {
    .reg .pred %p<2>;
    .reg .b32 %r<8>;
    .reg .b64 %d<5>;
    mov.u32 %r1, %ctaid.x;
    mov.u32 %r2, %ntid.x;
    mov.u32 %r3, %tid.x;
    mad.lo.u32 %r4, %r1, %r2, %r3;
    ld.param.u64 %d1, [data];
    cvta.to.global.u64 %d2, %d1;
    mul.wide.u32 %d3, %r4, 4;
    add.u64 %d4, %d2, %d3;
    ld.global.u32 %r5, [%d4];
    ld.param.u32 %r6, [rounds];
    mov.u32 %r7, 0;
again:
    setp.ge.u32 %p1, %r7, %r6;
    @%p1 bra done;
    mad.lo.u32 %r5, %r5, 1664525, 1013904223;
    add.u32 %r7, %r7, 1;
    bra again;
done:
    st.global.u32 [%d4], %r5;
    ret;
}
)";

class RawCuda final : public DirectDevice {
  public:
    explicit RawCuda(const DeviceInfo& device) : library_({"libcuda.so.1"}), api_(library_) {
        api_.check(api_.init(0), "cuInit");
        int count = 0;
        api_.check(api_.device_count(&count), "cuDeviceGetCount");
        std::vector<std::string> names;
        for (int k = 0; k < count; ++k) {
            char text[256] = {};
            int each = 0;
            api_.check(api_.device_get(&each, k), "cuDeviceGet");
            api_.check(api_.device_name(text, sizeof text, each), "cuDeviceGetName");
            names.emplace_back(text);
        }
        api_.check(api_.device_get(&device_, static_cast<int>(find_by_name(device, names))), "cuDeviceGet");
        description_ = "CUDA's driver API on " + device.name;
        api_.check(api_.retain_context(&context_, device_), "cuDevicePrimaryCtxRetain");
        try {
            make();
        } catch (...) {
            release();
            throw;
        }
    }
    ~RawCuda() override { release(); }
    RawCuda(const RawCuda&) = delete;
    RawCuda& operator=(const RawCuda&) = delete;

    const std::string& name() const noexcept override { return name_; }
    const std::string& description() const noexcept override { return description_; }

    void launch(unsigned count, std::uint32_t value) override {
        current();
        std::array<void*, 2> arguments{&words_, &value};
        for (unsigned k = 0; k < count; ++k)
            api_.check(api_.launch(probe_, 1, 1, 1, probe_threads, 1, 1, 0, work_, arguments.data(), nullptr),
                       "cuLaunchKernel");
        wait(work_);
    }
    std::uint32_t first_word() override {
        current();
        std::uint32_t word = 0;
        api_.check(api_.to_host(&word, words_, sizeof word, work_), "cuMemcpyDtoHAsync");
        wait(work_);
        return word;
    }
    void busy(std::uint32_t rounds, unsigned count) override {
        current();
        start_busy(rounds, count);
        wait(work_);
    }
    void allocate(std::size_t bytes) override {
        current();
        free_copies();
        api_.check(api_.allocate(&memory_, bytes), "cuMemAlloc");
        api_.check(api_.allocate_host(&pinned_, bytes, 0), "cuMemHostAlloc");
        pageable_.assign(bytes, std::byte{1});
    }
    std::span<std::byte> host(HostKind kind) override {
        return kind == HostKind::pinned ? std::span(static_cast<std::byte*>(pinned_), pageable_.size())
                                        : std::span(pageable_);
    }
    void copy(Direction direction, HostKind kind) override {
        current();
        start_copy(direction, kind);
        wait(copies_);
    }
    void copy_beside_busy(Direction direction, std::uint32_t rounds, unsigned count) override {
        current();
        start_busy(rounds, count);
        start_copy(direction, HostKind::pinned);
        wait(copies_);
        wait(work_);
    }

  private:
    void make() {
        current();
        api_.check(api_.create_stream(&work_, non_blocking), "cuStreamCreate");
        api_.check(api_.create_stream(&copies_, non_blocking), "cuStreamCreate");
        api_.check(api_.load_module(&module_, kernels), "cuModuleLoadData");
        api_.check(api_.get_function(&probe_, module_, "probe"), "cuModuleGetFunction");
        api_.check(api_.get_function(&busy_, module_, "busy"), "cuModuleGetFunction");
        api_.check(api_.allocate(&words_, kernel_words * sizeof(std::uint32_t)), "cuMemAlloc");
        api_.check(api_.fill(words_, 0, kernel_words), "cuMemsetD32");
    }
    void current() const { api_.check(api_.set_context(context_), "cuCtxSetCurrent"); }
    void wait(Stream stream) const { api_.check(api_.synchronize(stream), "cuStreamSynchronize"); }
    void start_busy(std::uint32_t rounds, unsigned count) {
        std::array<void*, 2> arguments{&words_, &rounds};
        for (unsigned k = 0; k < count; ++k)
            api_.check(api_.launch(busy_, busy_blocks, 1, 1, busy_threads, 1, 1, 0, work_, arguments.data(),
                                   nullptr),
                       "cuLaunchKernel");
    }
    void start_copy(Direction direction, HostKind kind) {
        const std::span<std::byte> bytes = host(kind);
        if (direction == Direction::to_device)
            api_.check(api_.to_device(memory_, bytes.data(), bytes.size(), copies_), "cuMemcpyHtoDAsync");
        else
            api_.check(api_.to_host(bytes.data(), memory_, bytes.size(), copies_), "cuMemcpyDtoHAsync");
    }
    void free_copies() noexcept {
        if (memory_ != 0) api_.free(std::exchange(memory_, 0));
        if (pinned_ != nullptr) api_.free_host(std::exchange(pinned_, nullptr));
    }
    void release() noexcept {
        if (api_.set_context(context_) == 0) {
            free_copies();
            if (words_ != 0) api_.free(words_);
            if (module_ != nullptr) api_.unload_module(module_);
            if (work_ != nullptr) api_.destroy_stream(work_);
            if (copies_ != nullptr) api_.destroy_stream(copies_);
        }
        api_.release_context(device_);
    }

    std::string name_ = "raw", description_;
    SharedObject library_;
    Cuda api_;
    int device_ = 0;
    Context context_ = nullptr;
    Stream work_ = nullptr, copies_ = nullptr;
    Module module_ = nullptr;
    Function probe_ = nullptr, busy_ = nullptr;
    Pointer words_ = 0, memory_ = 0;
    void* pinned_ = nullptr;
    std::vector<std::byte> pageable_;
};

}  // namespace

std::unique_ptr<DirectDevice> make_raw_cuda(const DeviceInfo& device) {
    return std::make_unique<RawCuda>(device);
}

}  // namespace heddle::tool::bench
