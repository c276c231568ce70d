// The C interface over the C++ classes: handles hold the objects, exceptions become status codes and a
// message.
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <heddle/heddle.h>
#include <heddle/heddle.hpp>

#include "hal.h"

using heddle::Error;
using heddle::ErrorCode;

struct heddle_device {
    explicit heddle_device(heddle::Device the_device) : device(std::move(the_device)) {
        for (const std::string& text : device.info().features) features.push_back(text.c_str());
        for (const std::string& text : device.info().same_as) same_as.push_back(text.c_str());
        for (const std::string& text : device.info().emulated) emulated.push_back(text.c_str());
    }
    heddle::Device device;
    std::vector<const char*> features, same_as, emulated;
};

struct heddle_buffer {
    heddle::Buffer buffer;
};

struct heddle_host_buffer {
    heddle::HostBuffer buffer;
};

struct heddle_queue {
    heddle::Queue queue;
};

struct heddle_event {
    heddle::Event event;
};

struct heddle_program {
    explicit heddle_program(heddle::Program the_program)
        : program(std::move(the_program)), names(program.kernel_names()) {}
    heddle::Program program;
    std::vector<std::string> names;
};

struct heddle_kernel {
    heddle::Kernel kernel;
};

namespace {

std::string& last_error() noexcept {
    thread_local std::string message;
    return message;
}

heddle_status fail(ErrorCode code, const char* message) noexcept {
    try {
        last_error() = message;
    } catch (const std::bad_alloc&) {
        last_error().clear();  // the status still tells
    }
    return static_cast<heddle_status>(code);
}

// Runs `work`; whatever it throws becomes a status.
template <class Work>
heddle_status guarded(Work work) noexcept {
    try {
        work();
        return HEDDLE_OK;
    } catch (const Error& error) {
        return fail(error.code(), error.what());
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::out_of_memory, "host memory is exhausted");
    } catch (const std::exception& error) {
        return fail(ErrorCode::internal, error.what());
    } catch (...) {
        return fail(ErrorCode::internal, "unknown exception");
    }
}

template <class T>
T& required(T* pointer, const char* name) {
    if (pointer == nullptr) throw Error(ErrorCode::invalid_argument, std::string("'") + name + "' is NULL");
    return *pointer;
}

// As guarded(), for functions that give an object: `out` is NULL unless `make` succeeds.
template <class Handle, class Make>
heddle_status give(Handle** out, Make make) noexcept {
    if (out != nullptr) *out = nullptr;
    return guarded([&] {
        required(out, "out");
        *out = make();
    });
}

std::vector<std::string> list(const char* const* texts, std::size_t count, const char* name) {
    if (count != 0) required(texts, name);
    std::vector<std::string> result;
    for (std::size_t i = 0; i < count; ++i) result.emplace_back(&required(texts[i], name));
    return result;
}

heddle::DeviceKind kind_from(heddle_device_kind kind) {
    switch (kind) {
        case HEDDLE_KIND_CPU:
            return heddle::DeviceKind::cpu;
        case HEDDLE_KIND_INTEGRATED:
            return heddle::DeviceKind::integrated;
        case HEDDLE_KIND_DISCRETE:
            return heddle::DeviceKind::discrete;
        case HEDDLE_KIND_VIRTUAL:
            return heddle::DeviceKind::virtual_gpu;
        case HEDDLE_KIND_OTHER:
            return heddle::DeviceKind::other;
    }
    throw Error(ErrorCode::invalid_argument, "there is no kind of device " + std::to_string(kind));
}

heddle::Requirements requirements_of(const heddle_requirements* from) {
    heddle::Requirements result;
    if (from == nullptr) return result;
    result.features = list(from->features, from->feature_count, "features");
    result.native_features = from->native_features != 0;
    result.memory_bytes = from->memory_bytes;
    result.free_bytes = from->free_bytes;
    if (from->driver != nullptr) result.driver = from->driver;
    if (from->kind_count != 0) required(from->kinds, "kinds");
    for (std::size_t i = 0; i < from->kind_count; ++i) result.kinds.push_back(kind_from(from->kinds[i]));
    result.backends = list(from->backends, from->backend_count, "backends");
    result.allow_cpu = from->refuse_cpu == 0;
    result.backend_order = list(from->backend_order, from->backend_order_count, "backend_order");
    switch (from->power) {
        case HEDDLE_POWER_NONE:
            break;
        case HEDDLE_POWER_HIGH_PERFORMANCE:
            result.power = heddle::PowerPreference::high_performance;
            break;
        case HEDDLE_POWER_LOW_POWER:
            result.power = heddle::PowerPreference::low_power;
            break;
        default:
            throw Error(ErrorCode::invalid_argument,
                        "there is no power preference " + std::to_string(from->power));
    }
    result.chain = list(from->chain, from->chain_count, "chain");
    return result;
}

heddle::CompileOptions options_of(const heddle_compile_options* options) {
    heddle::CompileOptions result;
    if (options == nullptr) return result;
    result.defines = list(options->defines, options->define_count, "defines");
    result.include_directories =
        list(options->include_directories, options->include_directory_count, "include_directories");
    result.instantiate = list(options->instantiate, options->instantiate_count, "instantiate");
    if (options->standard != nullptr) result.standard = options->standard;
    result.fast_math = options->fast_math != 0;
    result.check = options->check != 0;
    result.use_cache = options->no_cache == 0;
    return result;
}

heddle::Argument argument_of(const heddle_argument& argument) {
    const auto value = [&](heddle::Argument::Kind kind) {
        return heddle::Argument::typed(kind, argument.data, argument.bytes);
    };
    switch (argument.kind) {
        case HEDDLE_ARGUMENT_BUFFER:
            return heddle::Argument::at(required(argument.buffer, "buffer").buffer, argument.offset);
        case HEDDLE_ARGUMENT_NULL:
            return nullptr;
        case HEDDLE_ARGUMENT_SIGNED:
            return value(heddle::Argument::Kind::signed_integer);
        case HEDDLE_ARGUMENT_UNSIGNED:
            return value(heddle::Argument::Kind::unsigned_integer);
        case HEDDLE_ARGUMENT_FLOAT:
            return value(heddle::Argument::Kind::floating);
        case HEDDLE_ARGUMENT_RAW:
            return value(heddle::Argument::Kind::raw);
        case HEDDLE_ARGUMENT_WIDTH:
            break;
    }
    throw Error(ErrorCode::invalid_argument, "an argument's kind is unknown");
}

heddle_device_kind kind_of(heddle::DeviceKind kind) {
    switch (kind) {
        case heddle::DeviceKind::cpu:
            return HEDDLE_KIND_CPU;
        case heddle::DeviceKind::integrated:
            return HEDDLE_KIND_INTEGRATED;
        case heddle::DeviceKind::discrete:
            return HEDDLE_KIND_DISCRETE;
        case heddle::DeviceKind::virtual_gpu:
            return HEDDLE_KIND_VIRTUAL;
        case heddle::DeviceKind::other:
            break;
    }
    return HEDDLE_KIND_OTHER;
}

// Memory that heddle_memory_release() frees.
void* host_copy(const void* from, std::size_t bytes) {
    void* memory = std::malloc(bytes == 0 ? 1 : bytes);
    if (memory == nullptr) throw std::bad_alloc();
    if (bytes != 0) std::memcpy(memory, from, bytes);
    return memory;
}

// For the strings of heddle_unavailable_at(), which live as long as the process.
const std::vector<heddle::UnavailableBackend>& unavailable() {
    static const auto* const kept =
        new std::vector<heddle::UnavailableBackend>(heddle::unavailable_backends());
    return *kept;
}

}  // namespace

extern "C" {

const char* heddle_status_name(heddle_status status) {
    return heddle::name(static_cast<ErrorCode>(status)).data();  // a literal, so ended by a zero
}

const char* heddle_last_error(void) {
    return last_error().c_str();
}

const char* heddle_version(void) {
    return HEDDLE_VERSION;
}

// --- Devices ---

heddle_status heddle_device_count(size_t* count) {
    return guarded([&] {
        required(count, "count") = 0;
        *count = heddle::devices().size();
    });
}

heddle_status heddle_device_at(size_t index, heddle_device** out) {
    return give(out, [&] {
        const std::vector<heddle::Device> devices = heddle::devices();
        if (index >= devices.size()) {
            throw Error(ErrorCode::invalid_argument, "there is no device at index " + std::to_string(index) +
                                                         "; there are " + std::to_string(devices.size()));
        }
        return new heddle_device(devices[index]);
    });
}

heddle_status heddle_device_open(const char* selector, heddle_device** out) {
    return give(out,
                [&] { return new heddle_device(heddle::device(selector == nullptr ? "best" : selector)); });
}

heddle_status heddle_device_best(const heddle_requirements* requirements, heddle_device** out) {
    return give(out, [&] { return new heddle_device(heddle::best_device(requirements_of(requirements))); });
}

void heddle_device_release(heddle_device* device) {
    delete device;
}

heddle_status heddle_device_get_info(const heddle_device* device, heddle_device_info* out) {
    return guarded([&] {
        required(device, "device");
        const heddle::DeviceInfo& from = device->device.info();
        heddle_device_info& info = required(out, "info");
        info = {};
        info.id = from.id.c_str();
        info.backend = from.backend.c_str();
        info.name = from.name.c_str();
        info.uuid = from.uuid.c_str();
        info.pci = from.pci.c_str();
        info.driver = from.driver.c_str();
        info.kind = kind_of(from.kind);
        info.score = from.score;
        info.memory_bytes = from.memory_bytes;
        info.free_bytes = from.free_bytes;
        info.shared_bytes = from.limits.shared_bytes;
        for (std::size_t i = 0; i < 3; ++i) {
            info.block_extent[i] = from.limits.block[i];
            info.grid_extent[i] = from.limits.grid[i];
        }
        info.block_threads = from.limits.threads;
        info.warp = from.limits.warp;
        info.features = device->features.data();
        info.feature_count = device->features.size();
        info.same_as = device->same_as.data();
        info.same_as_count = device->same_as.size();
        info.emulated = device->emulated.data();
        info.emulated_count = device->emulated.size();
        info.compute_units = from.compute_units;
    });
}

heddle_status heddle_unavailable_count(size_t* count) {
    return guarded([&] {
        required(count, "count") = 0;
        *count = unavailable().size();
    });
}

heddle_status heddle_unavailable_at(size_t index, const char** backend, const char** reason) {
    return guarded([&] {
        required(backend, "backend") = nullptr;
        required(reason, "reason") = nullptr;
        if (index >= unavailable().size()) {
            throw Error(ErrorCode::invalid_argument,
                        "there is no unavailable backend at index " + std::to_string(index));
        }
        *backend = unavailable()[index].backend.c_str();
        *reason = unavailable()[index].reason.c_str();
    });
}

// --- Buffers ---

heddle_status heddle_buffer_allocate(const heddle_device* device, size_t bytes, heddle_buffer** out) {
    return give(out, [&] { return new heddle_buffer{required(device, "device").device.allocate(bytes)}; });
}

void heddle_buffer_release(heddle_buffer* buffer) {
    delete buffer;
}

size_t heddle_buffer_size(const heddle_buffer* buffer) {
    return buffer == nullptr ? 0 : buffer->buffer.size_bytes();
}

uint64_t heddle_buffer_address(const heddle_buffer* buffer) {
    return buffer == nullptr ? 0 : buffer->buffer.allocation()->device_address();
}

void* heddle_buffer_host_pointer(const heddle_buffer* buffer) {
    return buffer == nullptr ? nullptr : buffer->buffer.allocation()->host_pointer();
}

heddle_status heddle_buffer_write(heddle_buffer* buffer, size_t offset, const void* source, size_t bytes) {
    return guarded([&] { required(buffer, "buffer").buffer.write(source, bytes, offset); });
}

heddle_status heddle_buffer_read(const heddle_buffer* buffer, size_t offset, void* destination,
                                 size_t bytes) {
    return guarded([&] { required(buffer, "buffer").buffer.read(destination, bytes, offset); });
}

heddle_status heddle_host_buffer_allocate(const heddle_device* device, size_t bytes,
                                          heddle_host_buffer** out) {
    return give(
        out, [&] { return new heddle_host_buffer{required(device, "device").device.allocate_host(bytes)}; });
}

void heddle_host_buffer_release(heddle_host_buffer* buffer) {
    delete buffer;
}

size_t heddle_host_buffer_size(const heddle_host_buffer* buffer) {
    return buffer == nullptr ? 0 : buffer->buffer.size_bytes();
}

void* heddle_host_buffer_data(const heddle_host_buffer* buffer) {
    return buffer == nullptr ? nullptr : buffer->buffer.data();
}

// --- Programs and kernels ---

heddle_status heddle_program_from_file(const heddle_device* device, const char* path,
                                       const heddle_compile_options* options, heddle_program** out) {
    return give(out, [&] {
        return new heddle_program(heddle::Program::from_file(required(device, "device").device,
                                                             &required(path, "path"), options_of(options)));
    });
}

heddle_status heddle_program_from_source(const heddle_device* device, const char* source, size_t bytes,
                                         const char* file_name, const heddle_compile_options* options,
                                         heddle_program** out) {
    return give(out, [&] {
        const std::string_view text(&required(source, "source"), bytes);
        return new heddle_program(heddle::Program::from_source(
            required(device, "device").device, text, &required(file_name, "file_name"), options_of(options)));
    });
}

heddle_status heddle_program_from_package(const heddle_device* device, const void* package, size_t bytes,
                                          const heddle_compile_options* options, heddle_program** out) {
    return give(out, [&] {
        const auto* data = &required(static_cast<const std::byte*>(package), "package");
        return new heddle_program(heddle::Program::from_package(required(device, "device").device,
                                                                std::span(data, bytes), options_of(options)));
    });
}

void heddle_program_release(heddle_program* program) {
    delete program;
}

size_t heddle_program_kernel_count(const heddle_program* program) {
    return program == nullptr ? 0 : program->names.size();
}

const char* heddle_program_kernel_name(const heddle_program* program, size_t index) {
    return index < heddle_program_kernel_count(program) ? program->names[index].c_str() : nullptr;
}

const char* heddle_program_diagnostics(const heddle_program* program) {
    return program == nullptr ? "" : program->program.diagnostics().c_str();
}

heddle_status heddle_program_statistics(const heddle_program* program, heddle_origin* origin,
                                        double* milliseconds) {
    return guarded([&] {
        const heddle::CompileStatistics statistics = required(program, "program").program.statistics();
        if (origin != nullptr) *origin = static_cast<heddle_origin>(statistics.origin);
        if (milliseconds != nullptr) *milliseconds = statistics.milliseconds;
    });
}

heddle_status heddle_program_global_bytes(const heddle_program* program, const char* name, size_t* bytes) {
    return guarded([&] {
        required(bytes, "bytes") = 0;
        *bytes = required(program, "program").program.global_bytes(&required(name, "name"));
    });
}

heddle_status heddle_program_write_global(heddle_program* program, const char* name, size_t offset,
                                          const void* source, size_t bytes) {
    return guarded([&] {
        required(program, "program").program.write_global(&required(name, "name"), source, bytes, offset);
    });
}

heddle_status heddle_program_read_global(const heddle_program* program, const char* name, size_t offset,
                                         void* destination, size_t bytes) {
    return guarded([&] {
        required(program, "program").program.read_global(&required(name, "name"), destination, bytes, offset);
    });
}

heddle_status heddle_program_kernel(const heddle_program* program, const char* name, heddle_kernel** out) {
    return give(out, [&] {
        return new heddle_kernel{required(program, "program").program.kernel(&required(name, "name"))};
    });
}

void heddle_kernel_release(heddle_kernel* kernel) {
    delete kernel;
}

heddle_status heddle_kernel_get_info(const heddle_kernel* kernel, heddle_kernel_info* out) {
    return guarded([&] {
        const heddle::KernelInfo& from = required(kernel, "kernel").kernel.info();
        required(out, "info") = {from.name.c_str(),          from.symbol.c_str(),
                                 from.parameters.size(),     from.parameter_bytes,
                                 from.static_shared_bytes,   from.uses_dynamic_shared ? 1 : 0,
                                 from.uses_barriers ? 1 : 0, from.max_threads};
    });
}

heddle_status heddle_kernel_get_parameter(const heddle_kernel* kernel, size_t index, heddle_parameter* out) {
    return guarded([&] {
        const heddle::KernelInfo& info = required(kernel, "kernel").kernel.info();
        heddle_parameter& parameter = required(out, "parameter");
        parameter = {};
        if (index >= info.parameters.size()) {
            throw Error(ErrorCode::invalid_argument,
                        "'" + info.name + "' has no parameter at index " + std::to_string(index));
        }
        const heddle::Parameter& from = info.parameters[index];
        parameter.name = from.name.c_str();
        parameter.type = from.type ? heddle::name(*from.type).data() : nullptr;
        parameter.kind = static_cast<heddle_parameter_kind>(from.kind);
        parameter.access = static_cast<heddle_access>(from.access);
        parameter.bytes = from.bytes;
        parameter.offset = from.offset;
    });
}

// --- Queues and events ---

heddle_status heddle_queue_create(const heddle_device* device, heddle_queue** out) {
    return give(out, [&] { return new heddle_queue{heddle::Queue(required(device, "device").device)}; });
}

void heddle_queue_release(heddle_queue* queue) {
    delete queue;
}

heddle_status heddle_queue_launch(heddle_queue* queue, const heddle_kernel* kernel,
                                  const heddle_launch_config* config, const heddle_argument* arguments,
                                  size_t argument_count) {
    return guarded([&] {
        required(queue, "queue");
        required(kernel, "kernel");
        required(config, "config");
        if (argument_count != 0) required(arguments, "arguments");
        heddle::hal::InlineVector<heddle::Argument, 16> packed;
        for (std::size_t i = 0; i < argument_count; ++i) packed.push_back(argument_of(arguments[i]));
        const heddle::LaunchConfig launch{{config->grid[0], config->grid[1], config->grid[2]},
                                          {config->block[0], config->block[1], config->block[2]},
                                          config->shared_bytes};
        queue->queue.launch(kernel->kernel, launch,
                            std::span<const heddle::Argument>(packed.data(), packed.size()));
    });
}

heddle_status heddle_queue_write(heddle_queue* queue, heddle_buffer* destination, size_t offset,
                                 const void* source, size_t bytes) {
    return guarded([&] {
        required(queue, "queue")
            .queue.write(required(destination, "destination").buffer, source, bytes, offset);
    });
}

heddle_status heddle_queue_read(heddle_queue* queue, const heddle_buffer* source, size_t offset,
                                void* destination, size_t bytes) {
    return guarded([&] {
        required(queue, "queue").queue.read(required(source, "source").buffer, destination, bytes, offset);
    });
}

heddle_status heddle_queue_copy(heddle_queue* queue, heddle_buffer* destination, size_t destination_offset,
                                const heddle_buffer* source, size_t source_offset, size_t bytes) {
    return guarded([&] {
        required(queue, "queue")
            .queue.copy(required(destination, "destination").buffer, destination_offset,
                        required(source, "source").buffer, source_offset, bytes);
    });
}

heddle_status heddle_queue_fill(heddle_queue* queue, heddle_buffer* destination, size_t offset, uint8_t value,
                                size_t bytes) {
    return guarded([&] {
        required(queue, "queue")
            .queue.fill(required(destination, "destination").buffer, value, bytes, offset);
    });
}

heddle_status heddle_queue_record(heddle_queue* queue, heddle_event** out) {
    return give(out, [&] { return new heddle_event{required(queue, "queue").queue.record()}; });
}

heddle_status heddle_queue_wait(heddle_queue* queue, const heddle_event* event) {
    return guarded([&] { required(queue, "queue").queue.wait(required(event, "event").event); });
}

heddle_status heddle_queue_synchronize(heddle_queue* queue) {
    return guarded([&] { required(queue, "queue").queue.synchronize(); });
}

void heddle_event_release(heddle_event* event) {
    delete event;
}

heddle_status heddle_event_ready(const heddle_event* event, int* ready) {
    return guarded([&] {
        required(ready, "ready") = 0;
        *ready = required(event, "event").event.ready() ? 1 : 0;
    });
}

heddle_status heddle_event_wait(const heddle_event* event) {
    return guarded([&] { required(event, "event").event.wait(); });
}

heddle_status heddle_event_elapsed_ms(const heddle_event* start, const heddle_event* end,
                                      double* milliseconds) {
    return guarded([&] {
        required(milliseconds, "milliseconds") = 0;
        *milliseconds = heddle::Event::elapsed_ms(required(start, "start").event, required(end, "end").event);
    });
}

// --- Compiling ahead of time ---

heddle_status heddle_compile_package(const char* source, size_t source_bytes, const char* file_name,
                                     const heddle_compile_options* options, const char* const* targets,
                                     size_t target_count, void** package, size_t* package_bytes) {
    if (package_bytes != nullptr) *package_bytes = 0;
    return give(package, [&] {
        required(package_bytes, "package_bytes");
        const std::string_view text(&required(source, "source"), source_bytes);
        const std::vector<std::string> names = list(targets, target_count, "targets");
        const heddle::CompiledPackage compiled =
            heddle::compile_package(text, &required(file_name, "file_name"), options_of(options), names);
        const std::vector<std::byte> bytes = compiled.package.write();
        void* memory = host_copy(bytes.data(), bytes.size());
        *package_bytes = bytes.size();
        return memory;
    });
}

heddle_status heddle_emit_text(const char* source, size_t source_bytes, const char* file_name,
                               const heddle_compile_options* options, const char* target, char** text) {
    return give(text, [&] {
        const std::string_view source_text(&required(source, "source"), source_bytes);
        const std::string emitted = heddle::emit_text(source_text, &required(file_name, "file_name"),
                                                      options_of(options), &required(target, "target"));
        return static_cast<char*>(host_copy(emitted.c_str(), emitted.size() + 1));
    });
}

void heddle_memory_release(void* memory) {
    std::free(memory);
}

}  // extern "C"
