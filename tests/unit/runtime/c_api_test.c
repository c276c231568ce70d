/* The C interface, from C: every function, the errors, and NULL wherever it can be passed. c_api_test.cpp
 * runs it. */
#include "c_api_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heddle/heddle.h>

static char failure[1024];

/* The expression and the line are known to a macro only. */
#define CHECK(condition)                                                                                    \
    do {                                                                                                    \
        if (!(condition)) {                                                                                 \
            snprintf(failure, sizeof failure, "%s:%d: %s (last error: %s)", __FILE__, __LINE__, #condition, \
                     heddle_last_error());                                                                  \
            return failure;                                                                                 \
        }                                                                                                   \
    } while (0)

static const char source[] =
    "__device__ int offset;\n"
    "__global__ void add(int n, float a, const float* x, float* y) {\n"
    "    int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
    "    if (i < n) y[i] += a * x[i] + offset;\n"
    "}\n";

/* Pinned host memory of `device`, there and back. */
static const char* check_host_buffer(const heddle_device* device) {
    heddle_host_buffer* host = NULL;
    heddle_buffer* buffer = NULL;
    heddle_queue* queue = NULL;
    unsigned char* bytes;

    CHECK(heddle_host_buffer_allocate(device, 1000, &host) == HEDDLE_OK);
    CHECK(heddle_buffer_allocate(device, 500, &buffer) == HEDDLE_OK);
    CHECK(heddle_queue_create(device, &queue) == HEDDLE_OK);
    CHECK(heddle_host_buffer_size(host) == 1000);
    bytes = (unsigned char*)heddle_host_buffer_data(host);
    CHECK(bytes != NULL);
    memset(bytes, 3, 500);
    memset(bytes + 500, 4, 500);
    CHECK(heddle_queue_write(queue, buffer, 0, bytes, 500) == HEDDLE_OK);
    CHECK(heddle_queue_read(queue, buffer, 0, bytes + 500, 500) == HEDDLE_OK);
    CHECK(heddle_queue_synchronize(queue) == HEDDLE_OK);
    CHECK(bytes[499] == 3 && bytes[500] == 3 && bytes[999] == 3);
    heddle_queue_release(queue);
    heddle_buffer_release(buffer);
    heddle_host_buffer_release(host);
    CHECK(heddle_host_buffer_allocate(NULL, 1000, &host) == HEDDLE_INVALID_ARGUMENT && host == NULL);
    CHECK(heddle_host_buffer_size(NULL) == 0 && heddle_host_buffer_data(NULL) == NULL);
    heddle_host_buffer_release(NULL);
    return NULL;
}

static const char* check_requirements(void) {
    const char* const backends[] = {"cpu", "scalar"};
    const char* const chain[] = {"scalar:0", "cpu"};
    const char* const features[] = {"fp64", "punchcards"};
    const heddle_device_kind kinds[] = {HEDDLE_KIND_CPU};
    heddle_requirements needs = {0};
    heddle_device* device = NULL;
    heddle_device_info info;

    needs.features = features;
    needs.feature_count = 1;
    needs.kinds = kinds;
    needs.kind_count = 1;
    needs.backends = backends;
    needs.backend_count = 2;
    needs.power = HEDDLE_POWER_LOW_POWER;
    CHECK(heddle_device_best(&needs, &device) == HEDDLE_OK);
    CHECK(heddle_device_get_info(device, &info) == HEDDLE_OK && strcmp(info.id, "cpu:0") == 0);
    CHECK(info.compute_units > 0);
    heddle_device_release(device);
    needs.chain = chain;
    needs.chain_count = 2;
    CHECK(heddle_device_best(&needs, &device) == HEDDLE_OK);
    CHECK(heddle_device_get_info(device, &info) == HEDDLE_OK && strcmp(info.id, "scalar:0") == 0);
    heddle_device_release(device);
    needs.feature_count = 2;
    CHECK(heddle_device_best(&needs, &device) == HEDDLE_DEVICE_UNAVAILABLE && device == NULL);
    CHECK(strstr(heddle_last_error(), "cpu:0: lacks punchcards") != NULL);
    needs.driver = "new";
    CHECK(heddle_device_best(&needs, &device) == HEDDLE_INVALID_ARGUMENT);
    needs.kinds = NULL;
    CHECK(heddle_device_best(&needs, &device) == HEDDLE_INVALID_ARGUMENT);
    return NULL;
}

const char* c_api_check_devices(void) {
    size_t count = 0, missing = 0, i;
    heddle_device* device = NULL;
    heddle_device_info info;
    const char *backend = NULL, *reason = NULL;

    CHECK(strcmp(heddle_version(), HEDDLE_VERSION) == 0);
    CHECK(strcmp(heddle_status_name(HEDDLE_OUT_OF_MEMORY), "out_of_memory") == 0);
    CHECK(strcmp(heddle_status_name((heddle_status)77), "unknown") == 0);
    CHECK(heddle_device_count(&count) == HEDDLE_OK && count >= 1);
    for (i = 0; i < count; ++i) {
        CHECK(heddle_device_at(i, &device) == HEDDLE_OK && device != NULL);
        CHECK(heddle_device_get_info(device, &info) == HEDDLE_OK);
        CHECK(strchr(info.id, ':') != NULL && info.block_threads > 0 && info.warp > 0);
        heddle_device_release(device);
    }
    CHECK(heddle_device_at(count, &device) == HEDDLE_INVALID_ARGUMENT && device == NULL);
    CHECK(strstr(heddle_last_error(), "no device at index") != NULL);
    CHECK(heddle_device_open(NULL, &device) == HEDDLE_OK);
    {
        const char* const wrong = check_host_buffer(device);
        if (wrong != NULL) return wrong;
    }
    heddle_device_release(device);
    CHECK(heddle_device_open("nothing:0", &device) == HEDDLE_DEVICE_UNAVAILABLE && device == NULL);
    CHECK(strstr(heddle_last_error(), "nothing:0") != NULL);
    {
        const char* const wrong = check_requirements();
        if (wrong != NULL) return wrong;
    }
    CHECK(heddle_unavailable_count(&missing) == HEDDLE_OK);
    CHECK(heddle_unavailable_at(missing, &backend, &reason) == HEDDLE_INVALID_ARGUMENT);

    CHECK(heddle_device_count(NULL) == HEDDLE_INVALID_ARGUMENT);
    CHECK(strstr(heddle_last_error(), "'count' is NULL") != NULL);
    CHECK(heddle_device_open("best", NULL) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_device_get_info(NULL, &info) == HEDDLE_INVALID_ARGUMENT);
    heddle_device_release(NULL);
    return NULL;
}

const char* c_api_check_buffers(void) {
    heddle_device* device = NULL;
    heddle_buffer *a = NULL, *b = NULL, *none = NULL;
    heddle_queue* queue = NULL;
    heddle_event *start = NULL, *end = NULL;
    unsigned char host[64];
    int ready = -1;
    double milliseconds = -1;
    size_t i;

    CHECK(heddle_device_open("cpu", &device) == HEDDLE_OK);
    CHECK(heddle_buffer_allocate(device, 64, &a) == HEDDLE_OK);
    CHECK(heddle_buffer_allocate(device, 64, &b) == HEDDLE_OK);
    CHECK(heddle_queue_create(device, &queue) == HEDDLE_OK);
    heddle_device_release(device); /* the others keep what they need */
    CHECK(heddle_buffer_size(a) == 64 && heddle_buffer_address(a) != 0 &&
          heddle_buffer_host_pointer(a) != NULL);
    for (i = 0; i < sizeof host; ++i) host[i] = (unsigned char)i;
    CHECK(heddle_queue_record(queue, &start) == HEDDLE_OK);
    CHECK(heddle_queue_write(queue, a, 0, host, 64) == HEDDLE_OK);
    CHECK(heddle_queue_fill(queue, b, 0, 9, 64) == HEDDLE_OK);
    CHECK(heddle_queue_copy(queue, b, 32, a, 0, 32) == HEDDLE_OK);
    CHECK(heddle_queue_read(queue, b, 0, host, 64) == HEDDLE_OK);
    CHECK(heddle_queue_record(queue, &end) == HEDDLE_OK);
    CHECK(heddle_queue_wait(queue, start) == HEDDLE_OK);
    CHECK(heddle_queue_synchronize(queue) == HEDDLE_OK);
    CHECK(host[0] == 9 && host[31] == 9 && host[32] == 0 && host[63] == 31);
    CHECK(heddle_event_wait(end) == HEDDLE_OK);
    CHECK(heddle_event_ready(end, &ready) == HEDDLE_OK && ready == 1);
    CHECK(heddle_event_elapsed_ms(start, end, &milliseconds) == HEDDLE_OK && milliseconds >= 0);
    CHECK(heddle_buffer_write(a, 60, host, 4) == HEDDLE_OK);
    CHECK(heddle_buffer_read(a, 60, host, 4) == HEDDLE_OK && host[0] == 9);

    CHECK(heddle_buffer_write(a, 61, host, 4) == HEDDLE_INVALID_ARGUMENT);
    CHECK(strstr(heddle_last_error(), "4 bytes from offset 61") != NULL);
    CHECK(heddle_buffer_read(a, 0, NULL, 4) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_buffer_allocate(NULL, 4, &none) == HEDDLE_INVALID_ARGUMENT && none == NULL);
    CHECK(heddle_queue_create(NULL, NULL) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_queue_fill(queue, NULL, 0, 0, 1) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_queue_synchronize(NULL) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_event_wait(NULL) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_buffer_size(NULL) == 0 && heddle_buffer_address(NULL) == 0);
    heddle_event_release(start);
    heddle_event_release(end);
    heddle_queue_release(queue);
    heddle_buffer_release(a);
    heddle_buffer_release(b);
    heddle_buffer_release(NULL);
    heddle_queue_release(NULL);
    heddle_event_release(NULL);
    heddle_kernel_release(NULL);
    heddle_program_release(NULL);
    heddle_memory_release(NULL);
    return NULL;
}

/* Launches `program`'s kernel over 100 elements and checks the result. */
static const char* run_add(heddle_device* device, heddle_program* program) {
    enum { N = 100 };
    heddle_kernel* kernel = NULL;
    heddle_kernel_info info;
    heddle_parameter parameter;
    heddle_queue* queue = NULL;
    heddle_buffer *x = NULL, *y = NULL;
    heddle_origin origin;
    double milliseconds = -1;
    float values[N];
    int n = N, offset = 5, back = 0, i;
    double a = 2;
    size_t bytes = 0;
    heddle_argument arguments[4];
    const heddle_launch_config config = {{4, 1, 1}, {32, 1, 1}, 0}, huge = {{1, 1, 1}, {4096, 1, 1}, 0};

    CHECK(heddle_program_kernel_count(program) == 1);
    CHECK(strcmp(heddle_program_kernel_name(program, 0), "add") == 0);
    CHECK(heddle_program_kernel_name(program, 1) == NULL);
    CHECK(heddle_program_kernel(program, "sub", &kernel) == HEDDLE_NOT_FOUND && kernel == NULL);
    CHECK(strstr(heddle_last_error(), "it holds 'add'") != NULL);
    CHECK(heddle_program_kernel(program, "add", &kernel) == HEDDLE_OK);
    CHECK(heddle_program_statistics(program, &origin, &milliseconds) == HEDDLE_OK && milliseconds >= 0);
    CHECK(heddle_program_statistics(program, NULL, NULL) == HEDDLE_OK);
    CHECK(heddle_kernel_get_info(kernel, &info) == HEDDLE_OK);
    CHECK(strcmp(info.name, "add") == 0 && info.parameter_count == 4 && info.parameter_bytes == 24);
    CHECK(heddle_kernel_get_parameter(kernel, 1, &parameter) == HEDDLE_OK);
    CHECK(strcmp(parameter.name, "a") == 0 && strcmp(parameter.type, "f32") == 0);
    CHECK(parameter.kind == HEDDLE_PARAMETER_SCALAR && parameter.bytes == 4 && parameter.offset == 4);
    CHECK(heddle_kernel_get_parameter(kernel, 4, &parameter) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_program_global_bytes(program, "offset", &bytes) == HEDDLE_OK && bytes == 4);
    CHECK(heddle_program_write_global(program, "offset", 0, &offset, 4) == HEDDLE_OK);
    CHECK(heddle_program_read_global(program, "offset", 0, &back, 4) == HEDDLE_OK && back == 5);
    CHECK(heddle_program_global_bytes(program, "absent", &bytes) == HEDDLE_NOT_FOUND && bytes == 0);

    CHECK(heddle_buffer_allocate(device, sizeof values, &x) == HEDDLE_OK);
    CHECK(heddle_buffer_allocate(device, sizeof values, &y) == HEDDLE_OK);
    CHECK(heddle_queue_create(device, &queue) == HEDDLE_OK);
    for (i = 0; i < N; ++i) values[i] = (float)i;
    CHECK(heddle_buffer_write(x, 0, values, sizeof values) == HEDDLE_OK);
    CHECK(heddle_buffer_write(y, 0, values, sizeof values) == HEDDLE_OK);
    memset(arguments, 0, sizeof arguments);
    arguments[0].kind = HEDDLE_ARGUMENT_SIGNED;
    arguments[0].data = &n;
    arguments[0].bytes = sizeof n;
    arguments[1].kind = HEDDLE_ARGUMENT_FLOAT;
    arguments[1].data = &a;
    arguments[1].bytes = sizeof a;
    arguments[2].buffer = x;
    arguments[3].buffer = y;
    CHECK(heddle_queue_launch(queue, kernel, &config, arguments, 4) == HEDDLE_OK);
    CHECK(heddle_queue_read(queue, y, 0, values, sizeof values) == HEDDLE_OK);
    CHECK(heddle_queue_synchronize(queue) == HEDDLE_OK);
    for (i = 0; i < N; ++i) CHECK(values[i] == 3.0F * (float)i + 5.0F);

    CHECK(heddle_queue_launch(queue, kernel, &huge, arguments, 4) == HEDDLE_LAUNCH_FAILED);
    CHECK(strstr(heddle_last_error(), "block of 4096 threads is over") != NULL);
    CHECK(heddle_queue_launch(queue, kernel, &config, arguments, 3) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_queue_launch(queue, kernel, &config, NULL, 4) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_queue_launch(queue, kernel, NULL, arguments, 4) == HEDDLE_INVALID_ARGUMENT);
    arguments[1].bytes = 3;
    CHECK(heddle_queue_launch(queue, kernel, &config, arguments, 4) == HEDDLE_INVALID_ARGUMENT);
    CHECK(strstr(heddle_last_error(), "argument 2 'a'") != NULL);
    arguments[1].kind = HEDDLE_ARGUMENT_NULL;
    CHECK(heddle_queue_launch(queue, kernel, &config, arguments, 4) == HEDDLE_INVALID_ARGUMENT);
    arguments[1].kind = (heddle_argument_kind)99;
    CHECK(heddle_queue_launch(queue, kernel, &config, arguments, 4) == HEDDLE_INVALID_ARGUMENT);
    arguments[1].kind = HEDDLE_ARGUMENT_BUFFER;
    CHECK(heddle_queue_launch(queue, kernel, &config, arguments, 4) == HEDDLE_INVALID_ARGUMENT);
    heddle_queue_release(queue);
    heddle_buffer_release(x);
    heddle_buffer_release(y);
    heddle_kernel_release(kernel);
    return NULL;
}

const char* c_api_check_programs(int* has_compiler) {
    heddle_device* device = NULL;
    heddle_program* program = NULL;
    heddle_compile_options options;
    heddle_status status;
    const char* targets[] = {"simd", "ir"};
    const char* defines[] = {"SOMETHING=1"};
    const char* problem;
    void* package = NULL;
    char* text = NULL;
    size_t bytes = 0;

    *has_compiler = 1;
    memset(&options, 0, sizeof options);
    options.defines = defines;
    options.define_count = 1;
    options.no_cache = 1;
    CHECK(heddle_device_open("cpu", &device) == HEDDLE_OK);
    CHECK(heddle_program_from_file(device, "/nowhere/a.cu", NULL, &program) == HEDDLE_NOT_FOUND &&
          program == NULL);
    CHECK(heddle_program_from_package(device, "PK\3\4", 4, NULL, &program) == HEDDLE_CORRUPT_PACKAGE);
    CHECK(heddle_program_from_package(device, NULL, 4, NULL, &program) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_program_from_source(NULL, source, 1, "a.cu", NULL, &program) == HEDDLE_INVALID_ARGUMENT);
    CHECK(heddle_program_from_source(device, source, 1, NULL, NULL, &program) == HEDDLE_INVALID_ARGUMENT);
    status = heddle_program_from_source(device, source, strlen(source), "add.cu", &options, &program);
    if (status == HEDDLE_NOT_FOUND && strstr(heddle_last_error(), "libheddle-compiler.so") != NULL) {
        *has_compiler = 0;
        heddle_device_release(device);
        return NULL;
    }
    CHECK(status == HEDDLE_OK);
    CHECK(strcmp(heddle_program_diagnostics(program), "") == 0);
    problem = run_add(device, program);
    if (problem != NULL) return problem;
    heddle_program_release(program);

    CHECK(heddle_program_from_source(device, "int x = ;", 9, "bad.cu", NULL, &program) ==
          HEDDLE_COMPILE_FAILED);
    CHECK(strstr(heddle_last_error(), "bad.cu") != NULL);
    CHECK(heddle_compile_package(source, strlen(source), "add.cu", NULL, targets, 2, &package, &bytes) ==
          HEDDLE_OK);
    CHECK(package != NULL && bytes > 0);
    CHECK(heddle_program_from_package(device, package, bytes, NULL, &program) == HEDDLE_OK);
    heddle_memory_release(package);
    problem = run_add(device, program);
    if (problem != NULL) return problem;
    heddle_program_release(program);
    CHECK(heddle_compile_package(source, strlen(source), "add.cu", NULL, NULL, 2, &package, &bytes) ==
          HEDDLE_INVALID_ARGUMENT);
    CHECK(package == NULL && bytes == 0);
    CHECK(heddle_emit_text(source, strlen(source), "add.cu", NULL, "ir", &text) == HEDDLE_OK);
    CHECK(strstr(text, "add") != NULL);
    heddle_memory_release(text);
    CHECK(heddle_emit_text(source, strlen(source), "add.cu", NULL, "punchcards", &text) ==
          HEDDLE_UNSUPPORTED);
    heddle_device_release(device);
    return NULL;
}
