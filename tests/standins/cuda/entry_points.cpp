// The functions of CUDA's driver under their names, as far as the backend uses them: arguments are checked as
// the driver checks them, and the work is the stand-in's. A module's image is text: a line `kernel NAME` or
// `global NAME BYTES` each; `refuse RESULT TEXT` instead is code that the driver does not take, with its log.
#include <algorithm>
#include <cstring>
#include <sstream>
#include <string>

#include "driver.h"

namespace heddle::standins {
namespace {

Driver& driver() {
    return Driver::instance();
}

int text_into(char* place, int bytes, const std::string& text) {
    if (bytes <= 0) return invalid_value;
    place[text.copy(place, static_cast<std::size_t>(bytes) - 1)] = '\0';
    return success;
}

void* host_address(std::uint64_t address) {
    return reinterpret_cast<void*>(address);
}

/// Queues a copy between places that are there when it runs.
int queue_copy(Stream* stream, void* to, const void* from, std::size_t bytes) {
    stream->add([=] {
        std::memmove(to, from, bytes);
        return success;
    });
    return success;
}

int read_module(const char* image, int options, const int* names, void** values, Module& module) {
    constexpr int error_log = 5, error_log_bytes = 6;
    std::istringstream lines{std::string(image)};
    std::string line, word;
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string name;
        if (!(words >> word)) continue;
        if (word == "kernel" && words >> name) {
            module.kernels.insert(name);
        } else if (word == "global") {
            std::size_t bytes = 0;
            if (!(words >> name >> bytes)) return invalid_ptx;
            module.globals[name].bytes.resize(bytes);
        } else if (word == "refuse") {
            int result = invalid_ptx;
            std::string said;
            words >> result;
            std::getline(words >> std::ws, said);
            char* log = nullptr;
            std::size_t room = 0;
            for (int i = 0; i < options; ++i) {
                if (names[i] == error_log) log = static_cast<char*>(values[i]);
                if (names[i] == error_log_bytes) room = reinterpret_cast<std::uintptr_t>(values[i]);
            }
            if (log != nullptr && room != 0) log[said.copy(log, room - 1)] = '\0';
            return result;
        } else if (!word.starts_with("//")) {
            return invalid_ptx;
        }
    }
    return success;
}

}  // namespace

extern "C" {

#pragma GCC visibility push(default)

CudaControl* heddle_standin_cuda_control() {
    return &driver();
}

// ---- the driver and its devices
int cuInit(unsigned) {
    if (const int result = driver().begin("cuInit"); result != success) return result;
    return driver().device_count == 0 ? no_device : success;
}
int cuDriverGetVersion(int* version) {
    *version = driver().driver_version;
    return driver().begin("cuDriverGetVersion");
}
int cuGetErrorName(int error, const char** text) {
    switch (error) {
        case out_of_memory:
            *text = "CUDA_ERROR_OUT_OF_MEMORY";
            return success;
        case no_device:
            *text = "CUDA_ERROR_NO_DEVICE";
            return success;
        case invalid_ptx:
            *text = "CUDA_ERROR_INVALID_PTX";
            return success;
        case illegal_address:
            *text = "CUDA_ERROR_ILLEGAL_ADDRESS";
            return success;
        case invalid_value:
            *text = "CUDA_ERROR_INVALID_VALUE";
            return success;
        default:
            return invalid_value;
    }
}
int cuGetErrorString(int error, const char** text) {
    if (error != illegal_address) return invalid_value;
    *text = "an illegal memory access was encountered";
    return success;
}
int cuDeviceGetCount(int* count) {
    *count = driver().device_count;
    return driver().begin("cuDeviceGetCount");
}
int cuDeviceGet(int* device, int ordinal) {
    if (ordinal < 0 || ordinal >= driver().device_count) return 101;
    *device = ordinal;
    return driver().begin("cuDeviceGet");
}
int cuDeviceGetName(char* name, int bytes, int device) {
    return text_into(name, bytes, "Stand-in " + std::to_string(device));
}
int cuDeviceGetUuid(unsigned char* uuid, int device) {
    for (int i = 0; i < 16; ++i) uuid[i] = static_cast<unsigned char>(16 * device + i);
    return driver().begin("cuDeviceGetUuid");
}
int cuDeviceGetPCIBusId(char* text, int bytes, int device) {
    return text_into(text, bytes, "0000:0" + std::to_string(device) + ":00.0");
}
int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
    *bytes = driver().memory_bytes;
    return success;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
    if (const int result = driver().begin("cuDeviceGetAttribute"); result != success) return result;
    switch (attribute) {
        case 1:
        case 2:
        case 3:
            *value = 1024;
            return success;
        case 4:
            *value = 64;
            return success;
        case 5:
            *value = 0x7fffffff;
            return success;
        case 6:
        case 7:
            *value = 65535;
            return success;
        case 10:
            *value = 32;
            return success;
        case 16:
            *value = 4;
            return success;
        case 18:
            *value = 0;
            return success;
        case 20:
            *value = driver().compute_mode;
            return success;
        case 40:
            *value = 2;
            return success;
        case 87:
            *value = 2;
            return success;
        case 95:
            *value = 1;
            return success;
        case 75:
            *value = driver().capability_major;
            return success;
        case 76:
            *value = driver().capability_minor;
            return success;
        case 97:
            *value = 200 << 10;
            return success;
        case 115:
            *value = driver().has_pools ? 1 : 0;
            return success;
        default:
            return invalid_value;
    }
}

// ---- contexts
int cuDevicePrimaryCtxRetain(Context** context, int device) {
    if (const int result = driver().begin("cuDevicePrimaryCtxRetain"); result != success) return result;
    Context& mine = driver().context_of(device);
    const std::lock_guard lock(driver().mutex);
    mine.device = device;
    ++mine.users;
    *context = &mine;
    return success;
}
int cuDevicePrimaryCtxRelease_v2(int device) {
    const std::lock_guard lock(driver().mutex);
    --driver().context_of(device).users;
    return success;
}
int cuDevicePrimaryCtxReset_v2(int device) {
    if (const int result = driver().begin("cuDevicePrimaryCtxReset"); result != success) return result;
    const std::lock_guard lock(driver().mutex);
    driver().context_of(device).error = success;
    return success;
}
int cuCtxGetCurrent(Context** context) {
    *context = Driver::current;
    return success;
}
int cuCtxSetCurrent(Context* context) {
    Driver::current = context;
    return success;
}
int cuCtxSynchronize() {
    if (const int result = driver().begin_in_context("cuCtxSynchronize"); result != success) return result;
    for (Stream* stream : driver().streams()) stream->wait();
    return Driver::current->error;
}

// ---- memory
int cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
    driver().memory_info(*free, *total);
    return driver().begin_in_context("cuMemGetInfo_v2");
}
int cuMemAlloc_v2(std::uint64_t* address, std::size_t bytes) {
    if (const int result = driver().begin_in_context("cuMemAlloc_v2"); result != success) return result;
    return bytes == 0 ? invalid_value : driver().allocate(bytes, false, *address);
}
int cuMemFree_v2(std::uint64_t address) {
    if (const int result = driver().begin_in_context("cuMemFree_v2"); result != success) return result;
    for (Stream* stream : driver().streams()) stream->wait();
    return driver().free(address, false);
}
int cuMemPoolCreate(void** pool, const void*) {
    if (const int result = driver().begin_in_context("cuMemPoolCreate"); result != success) return result;
    *pool = &driver();
    return success;
}
int cuMemPoolSetAttribute(void*, int, void*) {
    return driver().begin_in_context("cuMemPoolSetAttribute");
}
int cuMemPoolTrimTo(void*, std::size_t) {
    driver().trim();
    return driver().begin_in_context("cuMemPoolTrimTo");
}
int cuMemAllocFromPoolAsync(std::uint64_t* address, std::size_t bytes, void*, Stream*) {
    if (const int result = driver().begin_in_context("cuMemAllocFromPoolAsync"); result != success)
        return result;
    return bytes == 0 ? invalid_value : driver().allocate(bytes, true, *address);
}
int cuMemFreeAsync(std::uint64_t address, Stream* stream) {
    if (const int result = driver().begin_in_context("cuMemFreeAsync"); result != success) return result;
    stream->add([address] { return driver().free(address, true); });
    return success;
}
int cuMemHostAlloc(void** memory, std::size_t bytes, unsigned) {
    if (const int result = driver().begin_in_context("cuMemHostAlloc"); result != success) return result;
    return driver().allocate_host(bytes, memory);
}
int cuMemFreeHost(void* memory) {
    if (const int result = driver().begin_in_context("cuMemFreeHost"); result != success) return result;
    return driver().free_host(memory);
}
int cuMemHostGetDevicePointer_v2(std::uint64_t* address, void* memory, unsigned) {
    *address = reinterpret_cast<std::uintptr_t>(memory);
    return driver().begin_in_context("cuMemHostGetDevicePointer_v2");
}

// ---- copies
int cuMemcpyHtoD_v2(std::uint64_t to, const void* from, std::size_t bytes) {
    if (const int result = driver().begin_in_context("cuMemcpyHtoD_v2"); result != success) return result;
    if (!driver().holds(to, bytes)) return invalid_value;
    std::memcpy(host_address(to), from, bytes);
    return success;
}
int cuMemcpyHtoDAsync_v2(std::uint64_t to, const void* from, std::size_t bytes, Stream* stream) {
    if (const int result = driver().begin_in_context("cuMemcpyHtoDAsync_v2"); result != success)
        return result;
    if (!driver().holds(to, bytes)) return invalid_value;
    if (driver().is_pinned(from, bytes)) return queue_copy(stream, host_address(to), from, bytes);
    // Pageable memory has been read when the call returns.
    const auto* begin = static_cast<const std::byte*>(from);
    stream->add([to, source = std::vector<std::byte>(begin, begin + bytes)] {
        std::memcpy(host_address(to), source.data(), source.size());
        return success;
    });
    return success;
}
int cuMemcpyDtoHAsync_v2(void* to, std::uint64_t from, std::size_t bytes, Stream* stream) {
    if (const int result = driver().begin_in_context("cuMemcpyDtoHAsync_v2"); result != success)
        return result;
    if (!driver().holds(from, bytes)) return invalid_value;
    queue_copy(stream, to, host_address(from), bytes);
    // Pageable memory has been written when the call returns.
    if (!driver().is_pinned(to, bytes)) stream->wait();
    return Driver::current->error;
}
int cuMemcpyDtoDAsync_v2(std::uint64_t to, std::uint64_t from, std::size_t bytes, Stream* stream) {
    if (const int result = driver().begin_in_context("cuMemcpyDtoDAsync_v2"); result != success)
        return result;
    if (!driver().holds(to, bytes) || !driver().holds(from, bytes)) return invalid_value;
    return queue_copy(stream, host_address(to), host_address(from), bytes);
}
int cuDeviceCanAccessPeer(int* can, int device, int peer) {
    if (const int result = driver().begin("cuDeviceCanAccessPeer"); result != success) return result;
    *can = driver().has_peers && device != peer ? 1 : 0;
    return success;
}
int cuCtxEnablePeerAccess(Context*, unsigned) {
    return driver().begin_in_context("cuCtxEnablePeerAccess");
}
int cuMemPoolSetAccess(void*, const void*, std::size_t) {
    return driver().begin_in_context("cuMemPoolSetAccess");
}
int cuMemcpyPeerAsync(std::uint64_t to, Context* to_context, std::uint64_t from, Context* from_context,
                      std::size_t bytes, Stream* stream) {
    if (const int result = driver().begin_in_context("cuMemcpyPeerAsync"); result != success) return result;
    if (to_context == from_context || !driver().holds(to, bytes) || !driver().holds(from, bytes))
        return invalid_value;
    return queue_copy(stream, host_address(to), host_address(from), bytes);
}
int cuMemsetD8Async(std::uint64_t to, unsigned char value, std::size_t count, Stream* stream) {
    if (const int result = driver().begin_in_context("cuMemsetD8Async"); result != success) return result;
    if (!driver().holds(to, count)) return invalid_value;
    stream->add([=] {
        std::memset(host_address(to), value, count);
        return success;
    });
    return success;
}

// ---- streams
int cuStreamCreate(Stream** stream, unsigned) {
    if (const int result = driver().begin_in_context("cuStreamCreate"); result != success) return result;
    *stream = driver().make_stream();
    return success;
}
int cuStreamDestroy_v2(Stream* stream) {
    if (const int result = driver().begin("cuStreamDestroy_v2"); result != success) return result;
    return driver().destroy_stream(stream);
}
int cuStreamQuery(Stream* stream) {
    if (const int result = driver().begin_in_context("cuStreamQuery"); result != success) return result;
    return stream->is_idle() ? stream->context().error.load() : not_ready;
}
int cuStreamSynchronize(Stream* stream) {
    if (const int result = driver().begin_in_context("cuStreamSynchronize"); result != success) return result;
    stream->wait();
    return stream->context().error;
}
int cuStreamWaitEvent(Stream* stream, Event* event, unsigned) {
    if (const int result = driver().begin_in_context("cuStreamWaitEvent"); result != success) return result;
    std::shared_ptr<Point> point;
    {
        const std::lock_guard lock(driver().mutex);
        point = event->point;
    }
    if (point != nullptr)
        stream->add([point] {
            point->wait();
            return success;
        });
    return success;
}

// ---- events
int cuEventCreate(Event** event, unsigned) {
    if (const int result = driver().begin_in_context("cuEventCreate"); result != success) return result;
    *event = driver().make_event();
    return success;
}
int cuEventDestroy_v2(Event* event) {
    return driver().destroy_event(event);
}
int cuEventRecord(Event* event, Stream* stream) {
    if (const int result = driver().begin_in_context("cuEventRecord"); result != success) return result;
    const auto point = std::make_shared<Point>();
    {
        const std::lock_guard lock(driver().mutex);
        event->point = point;
    }
    stream->add([point] {
        point->reach();
        return success;
    });
    return success;
}
int cuEventQuery(Event* event) {
    if (const int result = driver().begin_in_context("cuEventQuery"); result != success) return result;
    const std::lock_guard lock(driver().mutex);
    return event->point == nullptr || event->point->ready() ? success : not_ready;
}
int cuEventSynchronize(Event* event) {
    if (const int result = driver().begin_in_context("cuEventSynchronize"); result != success) return result;
    std::shared_ptr<Point> point;
    {
        const std::lock_guard lock(driver().mutex);
        point = event->point;
    }
    if (point != nullptr) point->wait();
    return Driver::current->error;
}
int cuEventElapsedTime(float* milliseconds, Event* start, Event* end) {
    if (const int result = driver().begin_in_context("cuEventElapsedTime"); result != success) return result;
    const std::lock_guard lock(driver().mutex);
    if (start->point == nullptr || end->point == nullptr) return invalid_handle;
    if (!start->point->ready() || !end->point->ready()) return not_ready;
    *milliseconds = std::chrono::duration<float, std::milli>(end->point->time - start->point->time).count();
    return success;
}

// ---- code
int cuModuleLoadDataEx(Module** module, const void* image, unsigned options, int* names, void** values) {
    if (const int result = driver().begin_in_context("cuModuleLoadDataEx"); result != success) return result;
    auto made = std::make_unique<Module>();
    const int result =
        read_module(static_cast<const char*>(image), static_cast<int>(options), names, values, *made);
    if (result == success) *module = driver().add_module(std::move(made));
    return result;
}
int cuModuleUnload(Module* module) {
    if (const int result = driver().begin_in_context("cuModuleUnload"); result != success) return result;
    return driver().unload(module);
}
int cuModuleGetFunction(Function** function, Module* module, const char* name) {
    if (const int result = driver().begin_in_context("cuModuleGetFunction"); result != success) return result;
    *function = driver().function(module, name);
    return *function == nullptr ? not_found : success;
}
int cuModuleGetGlobal_v2(std::uint64_t* address, std::size_t* bytes, Module* module, const char* name) {
    if (const int result = driver().begin_in_context("cuModuleGetGlobal_v2"); result != success)
        return result;
    const auto found = module->globals.find(name);
    if (found == module->globals.end()) return not_found;
    *address = reinterpret_cast<std::uintptr_t>(found->second.bytes.data());
    *bytes = found->second.bytes.size();
    return success;
}
int cuFuncGetAttribute(int* value, int attribute, Function* function) {
    *value = attribute == 0 ? function->kernel.most_threads : function->dynamic_shared_bytes;
    return driver().begin_in_context("cuFuncGetAttribute");
}
int cuFuncSetAttribute(Function* function, int attribute, int value) {
    if (const int result = driver().begin_in_context("cuFuncSetAttribute"); result != success) return result;
    if (attribute != 8 || value > 200 << 10) return invalid_value;
    function->dynamic_shared_bytes = value;
    return success;
}
int cuLaunchKernel(Function* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                   unsigned block_y, unsigned block_z, unsigned shared_bytes, Stream* stream, void**,
                   void** extra) {
    if (const int result = driver().begin_in_context("cuLaunchKernel"); result != success) return result;
    const std::uint64_t threads = std::uint64_t{block_x} * block_y * block_z;
    if (threads == 0 || threads > 1024 || std::uint64_t{grid_x} * grid_y * grid_z == 0) return invalid_value;
    if (shared_bytes > static_cast<unsigned>(function->dynamic_shared_bytes)) return invalid_value;
    if (threads > static_cast<unsigned>(function->kernel.most_threads)) return out_of_resources;
    // The list: 1, the parameters, 2, how many bytes, 0.
    const auto* parameters = static_cast<const std::byte*>(extra[1]);
    const std::size_t bytes = *static_cast<const std::size_t*>(extra[3]);
    stream->add([=, run = function->kernel.run,
                 held = std::vector<std::byte>(parameters, parameters + bytes)] {
        return run(
            {{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes, held.data(), held.size()});
    });
    return success;
}

#pragma GCC visibility pop
}

}  // namespace heddle::standins
