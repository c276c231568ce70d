/* The C interface of Heddle: devices, buffers, queues, events, programs and kernels, as the C++ classes of
 * the same names have them. C99; usable from C++.
 *
 * Every function that can fail returns a heddle_status; heddle_last_error() then gives the sentence. Objects
 * are opaque handles: what a function gives through an `out` parameter is owned by the caller and released by
 * the function named heddle_<type>_release(), which takes NULL. On failure `out` parameters are set to NULL
 * or zero. Strings that functions give belong to the object they were asked of and live as long as its
 * handle. An object keeps alive what it needs: a device may be released before its buffers. All functions may
 * be called from several threads; one handle must not be released while another thread uses it. */
#ifndef HEDDLE_HEDDLE_H
#define HEDDLE_HEDDLE_H

#include <stddef.h>
#include <stdint.h>

#include <heddle/export.h>
#include <heddle/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Errors
 * ----------------------------------------------------------------------------------------------------- */

/** What went wrong; the numbers of heddle::ErrorCode. */
typedef enum heddle_status {
    HEDDLE_OK = 0,
    HEDDLE_INVALID_ARGUMENT = 1, /**< the caller passed something the called function does not take */
    HEDDLE_NOT_FOUND = 2,        /**< a file, kernel, global or device of that name does not exist */
    HEDDLE_COMPILE_FAILED =
        3,                  /**< the source does not compile; the message holds the compiler's diagnostics */
    HEDDLE_UNSUPPORTED = 4, /**< well-formed, but this device or target cannot do it */
    HEDDLE_DEVICE_UNAVAILABLE = 5,   /**< no such device, or its driver is missing */
    HEDDLE_OUT_OF_MEMORY = 6,        /**< device or host memory is exhausted */
    HEDDLE_LAUNCH_FAILED = 7,        /**< a kernel launch was refused or failed while running */
    HEDDLE_DEVICE_LOST = 8,          /**< the device died; its buffers are gone */
    HEDDLE_TIMEOUT = 9,              /**< a time limit ran out */
    HEDDLE_CORRUPT_PACKAGE = 10,     /**< a package is truncated, damaged or not a package */
    HEDDLE_IO = 11,                  /**< a file could not be read or written */
    HEDDLE_INTERNAL = 12,            /**< a defect of Heddle itself */
    HEDDLE_STATUS_WIDTH = 0x7fffffff /**< no status: makes the type 32 bits wide */
} heddle_status;

/** "out_of_memory" and the like; never NULL. */
HEDDLE_API const char* heddle_status_name(heddle_status status);
/** The whole sentence of the last failure on this thread, valid until the next failure on it; "" when none
 * failed. */
HEDDLE_API const char* heddle_last_error(void);
/** The version of the library that is loaded, e.g. "0.1.0"; HEDDLE_VERSION is the header's. */
HEDDLE_API const char* heddle_version(void);

/* --- Handles
 * ---------------------------------------------------------------------------------------------------- */

typedef struct heddle_device heddle_device;
typedef struct heddle_buffer heddle_buffer;
typedef struct heddle_host_buffer heddle_host_buffer;
typedef struct heddle_queue heddle_queue;
typedef struct heddle_event heddle_event;
typedef struct heddle_program heddle_program;
typedef struct heddle_kernel heddle_kernel;

/* --- Devices
 * ---------------------------------------------------------------------------------------------------- */

typedef enum heddle_device_kind {
    HEDDLE_KIND_CPU = 0,
    HEDDLE_KIND_INTEGRATED = 1,
    HEDDLE_KIND_DISCRETE = 2,
    HEDDLE_KIND_VIRTUAL = 3,
    HEDDLE_KIND_OTHER = 4
} heddle_device_kind;

/** Everything known about a device; the strings and lists belong to the device's handle. */
typedef struct heddle_device_info {
    const char* id;      /**< "cpu:0" */
    const char* backend; /**< "cpu" */
    const char* name;    /**< the vendor's name of the hardware */
    const char* uuid;    /**< "" where unknown */
    const char* pci;     /**< "" where unknown */
    const char* driver;  /**< "" where unknown */
    heddle_device_kind kind;
    int32_t score; /**< higher is preferred */
    uint64_t memory_bytes;
    uint64_t free_bytes;      /**< when the device was enumerated */
    uint64_t shared_bytes;    /**< most static and dynamic shared memory of one block */
    uint32_t block_extent[3]; /**< most threads along x, y, z */
    uint32_t block_threads;   /**< most threads a block */
    uint32_t grid_extent[3];  /**< most blocks along x, y, z */
    uint32_t warp;            /**< lanes a warp */
    const char* const* features;
    size_t feature_count;
    const char* const* same_as; /**< ids of the same hardware through other backends */
    size_t same_as_count;
    const char* const* emulated; /**< what kernels may use although the device lacks it */
    size_t emulated_count;
    uint32_t compute_units; /**< 0 where unknown */
} heddle_device_info;

/** Which kind of device comes first where several fit. */
typedef enum heddle_power_preference {
    HEDDLE_POWER_NONE = 0,
    HEDDLE_POWER_HIGH_PERFORMANCE = 1, /**< discrete before integrated */
    HEDDLE_POWER_LOW_POWER = 2         /**< integrated before discrete */
} heddle_power_preference;

/** What a program needs of a device and what it prefers; all zero asks for nothing. heddle::Requirements
 * (heddle/requirements.h) says more of each. */
typedef struct heddle_requirements {
    const char* const* features;
    size_t feature_count;
    int native_features;   /**< not 0: emulated features do not count */
    uint64_t memory_bytes; /**< at least so much in total */
    uint64_t free_bytes;   /**< at least so much free */
    const char* driver;    /**< the least version, "535.129"; NULL: any */
    const heddle_device_kind* kinds;
    size_t kind_count; /**< 0: any kind */
    const char* const* backends;
    size_t backend_count;             /**< 0: any backend */
    int refuse_cpu;                   /**< not 0: neither cpu:0 nor scalar:0 */
    const char* const* backend_order; /**< that come before all others */
    size_t backend_order_count;
    heddle_power_preference power;
    const char* const* chain; /**< selectors, of which the first that fits is the best */
    size_t chain_count;
} heddle_requirements;

/** How many devices there are. */
HEDDLE_API heddle_status heddle_device_count(size_t* count);
/** The device at `index`, best first. */
HEDDLE_API heddle_status heddle_device_at(size_t index, heddle_device** out);
/** One selector: "cuda:0", "cuda", "gpu", "best" (also NULL). */
HEDDLE_API heddle_status heddle_device_open(const char* selector, heddle_device** out);
/** The best device that meets all requirements (NULL: none); where none does, the error says what each lacks.
 */
HEDDLE_API heddle_status heddle_device_best(const heddle_requirements* requirements, heddle_device** out);
HEDDLE_API void heddle_device_release(heddle_device* device);
HEDDLE_API heddle_status heddle_device_get_info(const heddle_device* device, heddle_device_info* info);
/** How many backends offered no device. */
HEDDLE_API heddle_status heddle_unavailable_count(size_t* count);
/** The name of one of them, and why; the strings live as long as the process. */
HEDDLE_API heddle_status heddle_unavailable_at(size_t index, const char** backend, const char** reason);

/* --- Buffers
 * ---------------------------------------------------------------------------------------------------- */

/** `bytes` of device memory, contents undefined. */
HEDDLE_API heddle_status heddle_buffer_allocate(const heddle_device* device, size_t bytes,
                                                heddle_buffer** out);
/** Frees the memory after the work already queued that uses it has ended. */
HEDDLE_API void heddle_buffer_release(heddle_buffer* buffer);
HEDDLE_API size_t heddle_buffer_size(const heddle_buffer* buffer);
/** The address a kernel sees. */
HEDDLE_API uint64_t heddle_buffer_address(const heddle_buffer* buffer);
/** The memory as the host sees it, or NULL where it cannot. The caller synchronises with queued work. */
HEDDLE_API void* heddle_buffer_host_pointer(const heddle_buffer* buffer);
/** Synchronous copies: convenient, not fast. */
HEDDLE_API heddle_status heddle_buffer_write(heddle_buffer* buffer, size_t offset, const void* source,
                                             size_t bytes);
HEDDLE_API heddle_status heddle_buffer_read(const heddle_buffer* buffer, size_t offset, void* destination,
                                            size_t bytes);

/** `bytes` of pinned host memory, contents undefined: heddle_queue_write() and heddle_queue_read() with
 * pointers into it copy directly, at full speed and beside kernels of other queues. */
HEDDLE_API heddle_status heddle_host_buffer_allocate(const heddle_device* device, size_t bytes,
                                                     heddle_host_buffer** out);
/** Frees the memory after the copies already queued that use it have run. */
HEDDLE_API void heddle_host_buffer_release(heddle_host_buffer* buffer);
HEDDLE_API size_t heddle_host_buffer_size(const heddle_host_buffer* buffer);
/** The first byte; NULL when the buffer has none. The caller synchronises with queued copies. */
HEDDLE_API void* heddle_host_buffer_data(const heddle_host_buffer* buffer);

/* --- Programs and kernels
 * --------------------------------------------------------------------------------------- */

/** What the compiler is told; zero-initialise it, and NULL stands for all defaults. */
typedef struct heddle_compile_options {
    const char* const* defines; /**< "NAME" or "NAME=VALUE" */
    size_t define_count;
    const char* const* include_directories;
    size_t include_directory_count;
    const char* const* instantiate; /**< template kernels, e.g. "scale<float>" */
    size_t instantiate_count;
    const char* standard; /**< NULL: "c++20" */
    int fast_math;        /**< not 0: fast, less exact maths */
    int check;            /**< not 0: checked code; scalar device only */
    int no_cache;         /**< not 0: neither reads nor writes the cache on disk */
} heddle_compile_options;

/** A .cu source or a .heddle package, told by content. */
HEDDLE_API heddle_status heddle_program_from_file(const heddle_device* device, const char* path,
                                                  const heddle_compile_options* options,
                                                  heddle_program** out);
/** `source` is `bytes` long; `file_name` is what diagnostics and __FILE__ say. */
HEDDLE_API heddle_status heddle_program_from_source(const heddle_device* device, const char* source,
                                                    size_t bytes, const char* file_name,
                                                    const heddle_compile_options* options,
                                                    heddle_program** out);
HEDDLE_API heddle_status heddle_program_from_package(const heddle_device* device, const void* package,
                                                     size_t bytes, const heddle_compile_options* options,
                                                     heddle_program** out);
HEDDLE_API void heddle_program_release(heddle_program* program);
HEDDLE_API size_t heddle_program_kernel_count(const heddle_program* program);
/** NULL when `index` is out of range. */
HEDDLE_API const char* heddle_program_kernel_name(const heddle_program* program, size_t index);
/** The compiler's warnings; "" when there were none or the code came from the cache or a package. */
HEDDLE_API const char* heddle_program_diagnostics(const heddle_program* program);

/** Where a program's code came from. */
typedef enum heddle_origin {
    HEDDLE_ORIGIN_COMPILED = 0,
    HEDDLE_ORIGIN_CACHE = 1,
    HEDDLE_ORIGIN_PACKAGE = 2
} heddle_origin;
/** Either of `origin` and `milliseconds` may be NULL. */
HEDDLE_API heddle_status heddle_program_statistics(const heddle_program* program, heddle_origin* origin,
                                                   double* milliseconds);

/** __device__ and __constant__ variables, by name; synchronous, on an idle program. */
HEDDLE_API heddle_status heddle_program_global_bytes(const heddle_program* program, const char* name,
                                                     size_t* bytes);
HEDDLE_API heddle_status heddle_program_write_global(heddle_program* program, const char* name, size_t offset,
                                                     const void* source, size_t bytes);
HEDDLE_API heddle_status heddle_program_read_global(const heddle_program* program, const char* name,
                                                    size_t offset, void* destination, size_t bytes);

/** Looks a kernel up by name; generates its code if that was not done yet. */
HEDDLE_API heddle_status heddle_program_kernel(const heddle_program* program, const char* name,
                                               heddle_kernel** out);
HEDDLE_API void heddle_kernel_release(heddle_kernel* kernel);

typedef enum heddle_parameter_kind {
    HEDDLE_PARAMETER_SCALAR = 0,
    HEDDLE_PARAMETER_POINTER = 1,
    HEDDLE_PARAMETER_STRUCTURE = 2
} heddle_parameter_kind;

typedef enum heddle_access {
    HEDDLE_ACCESS_NONE = 0,
    HEDDLE_ACCESS_READ = 1,
    HEDDLE_ACCESS_WRITE = 2,
    HEDDLE_ACCESS_READ_WRITE = 3
} heddle_access;

/** One parameter of a kernel; the strings belong to the kernel's handle. */
typedef struct heddle_parameter {
    const char* name;
    const char* type; /**< "f32", "i64", ... of the scalar or of what the pointer points to; NULL where there
                         is none */
    heddle_parameter_kind kind;
    heddle_access access; /**< what the kernel does with the memory behind a pointer */
    size_t bytes;         /**< in the parameter buffer */
    size_t offset;        /**< in the parameter buffer */
} heddle_parameter;

typedef struct heddle_kernel_info {
    const char* name;   /**< as the source names it */
    const char* symbol; /**< mangled */
    size_t parameter_count;
    size_t parameter_bytes;     /**< size of the packed parameter buffer */
    size_t static_shared_bytes; /**< __shared__ arrays of fixed size */
    int uses_dynamic_shared;
    int uses_barriers;
    uint32_t max_threads; /**< from __launch_bounds__, else 1024 */
} heddle_kernel_info;

HEDDLE_API heddle_status heddle_kernel_get_info(const heddle_kernel* kernel, heddle_kernel_info* info);
HEDDLE_API heddle_status heddle_kernel_get_parameter(const heddle_kernel* kernel, size_t index,
                                                     heddle_parameter* parameter);

/* --- Queues and events
 * ------------------------------------------------------------------------------------------ */

typedef enum heddle_argument_kind {
    HEDDLE_ARGUMENT_BUFFER = 0, /**< `buffer`, from byte `offset` on */
    HEDDLE_ARGUMENT_NULL = 1,   /**< a null pointer */
    HEDDLE_ARGUMENT_SIGNED =
        2, /**< a signed integer of `bytes` (1, 2, 4, 8) at `data`, converted if it fits */
    HEDDLE_ARGUMENT_UNSIGNED = 3, /**< an unsigned integer, likewise */
    HEDDLE_ARGUMENT_FLOAT = 4,    /**< a float (4) or double (8) at `data`, converted if it fits */
    HEDDLE_ARGUMENT_RAW = 5,      /**< `bytes` bytes at `data`, as they are: structures, device addresses */
    HEDDLE_ARGUMENT_WIDTH = 0x7fffffff /**< no kind: makes the type 32 bits wide */
} heddle_argument_kind;

typedef struct heddle_argument {
    heddle_argument_kind kind;
    const void* data; /**< read during the launch call only */
    size_t bytes;
    const heddle_buffer* buffer; /**< kept alive until the launch has run */
    size_t offset;
} heddle_argument;

/** grid in blocks, block in threads; shared_bytes is the size of the `extern __shared__` array. */
typedef struct heddle_launch_config {
    uint32_t grid[3];
    uint32_t block[3];
    size_t shared_bytes;
} heddle_launch_config;

/** A new in-order queue. Its commands return at once, except heddle_queue_synchronize(). */
HEDDLE_API heddle_status heddle_queue_create(const heddle_device* device, heddle_queue** out);
/** Waits for the queue's work. */
HEDDLE_API void heddle_queue_release(heddle_queue* queue);
/** Runs the kernel; one argument for each parameter. */
HEDDLE_API heddle_status heddle_queue_launch(heddle_queue* queue, const heddle_kernel* kernel,
                                             const heddle_launch_config* config,
                                             const heddle_argument* arguments, size_t argument_count);
/** Host to device; `source` must stay valid until the command has run. */
HEDDLE_API heddle_status heddle_queue_write(heddle_queue* queue, heddle_buffer* destination, size_t offset,
                                            const void* source, size_t bytes);
/** Device to host; `destination` must stay valid until the command has run. */
HEDDLE_API heddle_status heddle_queue_read(heddle_queue* queue, const heddle_buffer* source, size_t offset,
                                           void* destination, size_t bytes);
/** Device to device, same device; the ranges must not overlap. */
HEDDLE_API heddle_status heddle_queue_copy(heddle_queue* queue, heddle_buffer* destination,
                                           size_t destination_offset, const heddle_buffer* source,
                                           size_t source_offset, size_t bytes);
HEDDLE_API heddle_status heddle_queue_fill(heddle_queue* queue, heddle_buffer* destination, size_t offset,
                                           uint8_t value, size_t bytes);
/** An event that is reached when everything queued so far has run. */
HEDDLE_API heddle_status heddle_queue_record(heddle_queue* queue, heddle_event** out);
/** What is queued from now on runs after `event`, of any queue of this device. */
HEDDLE_API heddle_status heddle_queue_wait(heddle_queue* queue, const heddle_event* event);
/** Blocks until all has run; reports the first failure since the last call. */
HEDDLE_API heddle_status heddle_queue_synchronize(heddle_queue* queue);

HEDDLE_API void heddle_event_release(heddle_event* event);
/** `ready` becomes 1 once the queue has reached the event, else 0. */
HEDDLE_API heddle_status heddle_event_ready(const heddle_event* event, int* ready);
HEDDLE_API heddle_status heddle_event_wait(const heddle_event* event);
/** Device time between two ready events, in milliseconds. */
HEDDLE_API heddle_status heddle_event_elapsed_ms(const heddle_event* start, const heddle_event* end,
                                                 double* milliseconds);

/* --- Compiling ahead of time
 * ------------------------------------------------------------------------------------ */

/** Compiles `source` for `targets` ("simd", "scalar", "ir", "simd:aarch64", "all"). `*package` is released
 * with heddle_memory_release(). */
HEDDLE_API heddle_status heddle_compile_package(const char* source, size_t source_bytes,
                                                const char* file_name, const heddle_compile_options* options,
                                                const char* const* targets, size_t target_count,
                                                void** package, size_t* package_bytes);
/** One target's readable text, ended by a zero byte; released with heddle_memory_release(). */
HEDDLE_API heddle_status heddle_emit_text(const char* source, size_t source_bytes, const char* file_name,
                                          const heddle_compile_options* options, const char* target,
                                          char** text);
HEDDLE_API void heddle_memory_release(void* memory);

#ifdef __cplusplus
}
#endif

#endif
