// OpenCL, used directly: buffers, in-order queues, a program from source; pinned memory is a mapped buffer of
// the kind that the driver allocates on the host.
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <heddle/error.h>

#include "opencl_functions.h"
#include "raw_api.h"
#include "shared_object.h"

namespace heddle::tool::bench {

namespace {

void check(cl_int status, const char* call) {
    if (status != CL_SUCCESS)
        throw Error(ErrorCode::launch_failed, fmt::format("OpenCL error {}", status), call, "raw");
}

constexpr const char* kernels = R"(
kernel void probe(global uint* data, uint value) {
    if (value != 0) data[0] = value;
}
kernel void busy(global uint* data, uint rounds) {
    uint i = get_global_id(0);
    uint x = data[i];
    for (uint k = 0; k < rounds; ++k) x = x * 1664525u + 1013904223u;
    data[i] = x;
}
)";

class RawOpenCl final : public DirectDevice {
  public:
    explicit RawOpenCl(const DeviceInfo& device) : library_({"libOpenCL.so.1"}), cl_(library_) {
        cl_uint count = 0;
        check(cl_.get_platforms(0, nullptr, &count), "clGetPlatformIDs");
        std::vector<cl_platform_id> platforms(count);
        check(cl_.get_platforms(count, platforms.data(), nullptr), "clGetPlatformIDs");
        std::vector<cl_device_id> devices;
        std::vector<std::string> names;
        for (const cl_platform_id platform : platforms) {
            constexpr cl_device_type types =
                CL_DEVICE_TYPE_CPU | CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_ACCELERATOR;
            cl_uint number = 0;
            if (cl_.get_devices(platform, types, 0, nullptr, &number) != CL_SUCCESS) continue;
            std::vector<cl_device_id> found(number);
            check(cl_.get_devices(platform, types, number, found.data(), nullptr), "clGetDeviceIDs");
            for (const cl_device_id each : found) {
                char text[256] = {};
                check(cl_.get_device_info(each, CL_DEVICE_NAME, sizeof text - 1, text, nullptr),
                      "clGetDeviceInfo");
                std::string name = text;
                while (name.ends_with(' ')) name.pop_back();
                devices.push_back(each);
                names.push_back(std::move(name));
            }
        }
        device_ = devices[find_by_name(device, names)];
        description_ = "OpenCL on " + device.name;
        try {
            make();
        } catch (...) {
            release();
            throw;
        }
    }
    ~RawOpenCl() override { release(); }
    RawOpenCl(const RawOpenCl&) = delete;
    RawOpenCl& operator=(const RawOpenCl&) = delete;

    const std::string& name() const noexcept override { return name_; }
    const std::string& description() const noexcept override { return description_; }

    void launch(unsigned count, std::uint32_t value) override {
        const std::size_t threads = probe_threads;
        for (unsigned k = 0; k < count; ++k) enqueue(probe_, value, threads, threads);
        check(cl_.flush(work_), "clFlush");
        check(cl_.finish(work_), "clFinish");
    }
    std::uint32_t first_word() override {
        std::uint32_t word = 0;
        check(cl_.read(work_, words_, CL_TRUE, 0, sizeof word, &word, 0, nullptr, nullptr),
              "clEnqueueReadBuffer");
        return word;
    }
    void busy(std::uint32_t rounds, unsigned count) override {
        start_busy(rounds, count);
        check(cl_.finish(work_), "clFinish");
    }
    void allocate(std::size_t bytes) override {
        free_copies();
        cl_int status = CL_SUCCESS;
        memory_ = cl_.create_buffer(context_, CL_MEM_READ_WRITE, bytes, nullptr, &status);
        check(status, "clCreateBuffer");
        host_memory_ =
            cl_.create_buffer(context_, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes, nullptr, &status);
        check(status, "clCreateBuffer");
        pinned_ = cl_.map(copies_, host_memory_, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0, bytes, 0, nullptr,
                          nullptr, &status);
        check(status, "clEnqueueMapBuffer");
        pageable_.assign(bytes, std::byte{1});
    }
    std::span<std::byte> host(HostKind kind) override {
        return kind == HostKind::pinned ? std::span(static_cast<std::byte*>(pinned_), pageable_.size())
                                        : std::span(pageable_);
    }
    void copy(Direction direction, HostKind kind) override {
        start_copy(direction, kind);
        check(cl_.finish(copies_), "clFinish");
    }
    void copy_beside_busy(Direction direction, std::uint32_t rounds, unsigned count) override {
        start_busy(rounds, count);
        start_copy(direction, HostKind::pinned);
        check(cl_.flush(copies_), "clFlush");
        check(cl_.finish(copies_), "clFinish");
        check(cl_.finish(work_), "clFinish");
    }

  private:
    void make() {
        cl_int status = CL_SUCCESS;
        context_ = cl_.create_context(nullptr, 1, &device_, nullptr, nullptr, &status);
        check(status, "clCreateContext");
        for (cl_command_queue* const queue : {&work_, &copies_}) {
            *queue = cl_.create_queue(context_, device_, 0, &status);
            check(status, "clCreateCommandQueue");
        }
        const char* text = kernels;
        program_ = cl_.create_program(context_, 1, &text, nullptr, &status);
        check(status, "clCreateProgramWithSource");
        check(cl_.build_program(program_, 1, &device_, "", nullptr, nullptr), "clBuildProgram");
        for (const auto& [kernel, name] : {std::pair(&probe_, "probe"), std::pair(&busy_, "busy")}) {
            *kernel = cl_.create_kernel(program_, name, &status);
            check(status, "clCreateKernel");
        }
        std::vector<std::uint32_t> zeros(kernel_words);
        words_ = cl_.create_buffer(context_, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR,
                                   zeros.size() * sizeof(std::uint32_t), zeros.data(), &status);
        check(status, "clCreateBuffer");
    }
    void enqueue(cl_kernel kernel, std::uint32_t value, std::size_t threads, std::size_t local) {
        check(cl_.set_argument(kernel, 0, sizeof words_, &words_), "clSetKernelArg");
        check(cl_.set_argument(kernel, 1, sizeof value, &value), "clSetKernelArg");
        check(cl_.enqueue(work_, kernel, 1, nullptr, &threads, &local, 0, nullptr, nullptr),
              "clEnqueueNDRangeKernel");
    }
    void start_busy(std::uint32_t rounds, unsigned count) {
        for (unsigned k = 0; k < count; ++k)
            enqueue(busy_, rounds, std::size_t{busy_blocks} * busy_threads, busy_threads);
        check(cl_.flush(work_), "clFlush");
    }
    void start_copy(Direction direction, HostKind kind) {
        const std::span<std::byte> bytes = host(kind);
        const cl_bool blocks = kind == HostKind::pageable ? CL_TRUE : CL_FALSE;
        if (direction == Direction::to_device)
            check(cl_.write(copies_, memory_, blocks, 0, bytes.size(), bytes.data(), 0, nullptr, nullptr),
                  "clEnqueueWriteBuffer");
        else
            check(cl_.read(copies_, memory_, blocks, 0, bytes.size(), bytes.data(), 0, nullptr, nullptr),
                  "clEnqueueReadBuffer");
    }
    void free_copies() noexcept {
        if (pinned_ != nullptr) {
            cl_.unmap(copies_, host_memory_, std::exchange(pinned_, nullptr), 0, nullptr, nullptr);
            cl_.finish(copies_);
        }
        if (host_memory_ != nullptr) cl_.release_buffer(std::exchange(host_memory_, nullptr));
        if (memory_ != nullptr) cl_.release_buffer(std::exchange(memory_, nullptr));
    }
    void release() noexcept {
        free_copies();
        if (words_ != nullptr) cl_.release_buffer(words_);
        if (probe_ != nullptr) cl_.release_kernel(probe_);
        if (busy_ != nullptr) cl_.release_kernel(busy_);
        if (program_ != nullptr) cl_.release_program(program_);
        if (work_ != nullptr) cl_.release_queue(work_);
        if (copies_ != nullptr) cl_.release_queue(copies_);
        if (context_ != nullptr) cl_.release_context(context_);
    }

    std::string name_ = "raw", description_;
    SharedObject library_;
    OpenClFunctions cl_;
    cl_device_id device_ = nullptr;
    cl_context context_ = nullptr;
    cl_command_queue work_ = nullptr, copies_ = nullptr;
    cl_program program_ = nullptr;
    cl_kernel probe_ = nullptr, busy_ = nullptr;
    cl_mem words_ = nullptr, memory_ = nullptr, host_memory_ = nullptr;
    void* pinned_ = nullptr;
    std::vector<std::byte> pageable_;
};

}  // namespace

std::unique_ptr<DirectDevice> make_raw_opencl(const DeviceInfo& device) {
    return std::make_unique<RawOpenCl>(device);
}

}  // namespace heddle::tool::bench
