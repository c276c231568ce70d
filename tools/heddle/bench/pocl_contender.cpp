// PoCL as a contender: the same kernels in OpenCL C, through the OpenCL loader.
#include <utility>

#include <fmt/format.h>
#include <heddle/error.h>

#include "contender.h"
#include "opencl_functions.h"

namespace heddle::tool::bench {

namespace {

void check(cl_int status, const char* call) {
    if (status != CL_SUCCESS)
        throw Error(ErrorCode::launch_failed, fmt::format("OpenCL error {}", status), call, "pocl");
}

/// An OpenCL object, released by the function it was made with.
template <class T>
class Handle {
  public:
    using Release = cl_int CL_API_CALL(T);
    Handle(T value, Release* release) : value_(value), release_(release) {}
    Handle(Handle&& other) noexcept
        : value_(std::exchange(other.value_, nullptr)), release_(other.release_) {}
    Handle& operator=(Handle&&) = delete;
    ~Handle() {
        if (value_ != nullptr) release_(value_);
    }
    const T& get() const noexcept { return value_; }

  private:
    T value_;
    Release* release_;
};

struct Platform {
    cl_platform_id id = nullptr;
    std::string version;
};

Platform find_pocl(const OpenClFunctions& cl) {
    cl_uint count = 0;
    if (cl.get_platforms(0, nullptr, &count) != CL_SUCCESS) count = 0;
    std::vector<cl_platform_id> platforms(count);
    if (count > 0) check(cl.get_platforms(count, platforms.data(), nullptr), "clGetPlatformIDs");
    const auto text = [&](cl_platform_id platform, cl_platform_info what) {
        char value[512] = {};
        check(cl.get_platform_info(platform, what, sizeof value - 1, value, nullptr), "clGetPlatformInfo");
        return std::string(value);
    };
    for (const cl_platform_id platform : platforms)
        if (text(platform, CL_PLATFORM_NAME) == "Portable Computing Language")
            return {platform, text(platform, CL_PLATFORM_VERSION)};
    throw Error(ErrorCode::device_unavailable,
                fmt::format("none of the {} OpenCL platforms is PoCL; install pocl-opencl-icd", count));
}

class PreparedOnPocl final : public PreparedCase {
  public:
    PreparedOnPocl(const OpenClFunctions& cl, cl_device_id device, cl_context context, const Case& it)
        : cl_(cl), queue_(make_queue(cl, device, context)), program_(build(cl, device, context, it.name)) {
        cl_int status = CL_SUCCESS;
        for (const BufferSpec& spec : it.buffers) {
            // PoCL copies the contents now, so they are only read.
            void* initial = const_cast<std::byte*>(spec.initial.data());
            buffers_.emplace_back(cl.create_buffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR,
                                                   spec.initial.size(), initial, &status),
                                  cl.release_buffer);
            check(status, "clCreateBuffer");
            sizes_.push_back(spec.initial.size());
        }
        for (const Step& step : it.steps) {
            Handle<cl_kernel> kernel(cl.create_kernel(program_.get(), step.kernel.c_str(), &status),
                                     cl.release_kernel);
            check(status, "clCreateKernel");
            cl_uint place = 0;
            for (const Value& value : step.arguments)
                std::visit([&](const auto& v) { set(kernel.get(), place++, v); }, value);
            const std::size_t local[3] = {step.block.x, step.block.y, step.block.z};
            launches_.push_back({std::move(kernel),
                                 {local[0] * step.grid.x, local[1] * step.grid.y, local[2] * step.grid.z},
                                 {local[0], local[1], local[2]}});
        }
    }

    void run(unsigned times) override {
        for (unsigned i = 0; i < times; ++i)
            for (const Launch& launch : launches_)
                check(cl_.enqueue(queue_.get(), launch.kernel.get(), 3, nullptr, launch.global, launch.local,
                                  0, nullptr, nullptr),
                      "clEnqueueNDRangeKernel");
        check(cl_.finish(queue_.get()), "clFinish");
    }

    std::vector<std::byte> read(std::size_t buffer) override {
        std::vector<std::byte> bytes(sizes_[buffer]);
        check(cl_.read(queue_.get(), buffers_[buffer].get(), CL_TRUE, 0, bytes.size(), bytes.data(), 0,
                       nullptr, nullptr),
              "clEnqueueReadBuffer");
        return bytes;
    }

  private:
    struct Launch {
        Handle<cl_kernel> kernel;
        std::size_t global[3], local[3];
    };

    static Handle<cl_command_queue> make_queue(const OpenClFunctions& cl, cl_device_id device,
                                               cl_context context) {
        cl_int status = CL_SUCCESS;
        Handle<cl_command_queue> queue(cl.create_queue(context, device, 0, &status), cl.release_queue);
        check(status, "clCreateCommandQueue");
        return queue;
    }

    static Handle<cl_program> build(const OpenClFunctions& cl, cl_device_id device, cl_context context,
                                    const std::string& name) {
        const std::string_view source = kernel_source(name + ".cl");
        const char* text = source.data();
        const std::size_t length = source.size();
        cl_int status = CL_SUCCESS;
        Handle<cl_program> program(cl.create_program(context, 1, &text, &length, &status),
                                   cl.release_program);
        check(status, "clCreateProgramWithSource");
        if (cl.build_program(program.get(), 1, &device, "", nullptr, nullptr) != CL_SUCCESS) {
            std::string log(8192, '\0');
            check(cl.get_build_info(program.get(), device, CL_PROGRAM_BUILD_LOG, log.size() - 1, log.data(),
                                    nullptr),
                  "clGetProgramBuildInfo");
            throw Error(ErrorCode::compile_failed, log.c_str(), "compilation of " + name + ".cl", "pocl");
        }
        return program;
    }

    void set(cl_kernel kernel, cl_uint place, const BufferIndex& index) {
        const cl_mem memory = buffers_[static_cast<std::size_t>(index)].get();
        check(cl_.set_argument(kernel, place, sizeof memory, &memory), "clSetKernelArg");
    }
    template <class T>
    void set(cl_kernel kernel, cl_uint place, const T& value) {
        check(cl_.set_argument(kernel, place, sizeof value, &value), "clSetKernelArg");
    }

    const OpenClFunctions& cl_;
    Handle<cl_command_queue> queue_;
    Handle<cl_program> program_;
    std::vector<Handle<cl_mem>> buffers_;
    std::vector<std::size_t> sizes_;
    std::vector<Launch> launches_;
};

class PoclContender final : public Contender {
  public:
    PoclContender() : library_({"libOpenCL.so.1"}), cl_(library_), platform_(find_pocl(cl_)) {
        check(cl_.get_devices(platform_.id, CL_DEVICE_TYPE_CPU, 1, &device_, nullptr), "clGetDeviceIDs");
        cl_int status = CL_SUCCESS;
        context_ = std::make_unique<Handle<cl_context>>(
            cl_.create_context(nullptr, 1, &device_, nullptr, nullptr, &status), cl_.release_context);
        check(status, "clCreateContext");
    }
    const std::string& name() const noexcept override { return name_; }
    const std::string& description() const noexcept override { return platform_.version; }
    std::unique_ptr<PreparedCase> prepare(const Case& it) override {
        return std::make_unique<PreparedOnPocl>(cl_, device_, context_->get(), it);
    }

  private:
    std::string name_ = "pocl";
    SharedObject library_;
    OpenClFunctions cl_;
    Platform platform_;
    cl_device_id device_ = nullptr;
    std::unique_ptr<Handle<cl_context>> context_;
};

}  // namespace

std::unique_ptr<Contender> make_pocl_contender() {
    return std::make_unique<PoclContender>();
}

}  // namespace heddle::tool::bench
