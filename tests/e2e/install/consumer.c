/* A user's program in C: loads a package from the file named on the command line, runs its kernel, checks the
 * result. */
#include <stdio.h>
#include <string.h>

#include <heddle/heddle.h>

#define CHECK(call)                                                \
    do {                                                           \
        if ((call) != HEDDLE_OK) {                                 \
            printf("%s failed: %s\n", #call, heddle_last_error()); \
            return 1;                                              \
        }                                                          \
    } while (0)

int main(int count, char** names) {
    enum { N = 1000 };
    float values[N];
    const float factor = 3.0f;
    const int32_t n = N;
    heddle_device* device;
    heddle_program* program;
    heddle_kernel* kernel;
    heddle_buffer* buffer;
    heddle_queue* queue;
    const heddle_launch_config config = {{8, 1, 1}, {128, 1, 1}, 0};
    heddle_argument arguments[3];

    if (count != 2) return 2;
    for (int i = 0; i < N; ++i) values[i] = (float)i;
    CHECK(heddle_device_open("cpu", &device));
    CHECK(heddle_program_from_file(device, names[1], NULL, &program));
    CHECK(heddle_program_kernel(program, "scale", &kernel));
    CHECK(heddle_buffer_allocate(device, sizeof values, &buffer));
    CHECK(heddle_buffer_write(buffer, 0, values, sizeof values));
    CHECK(heddle_queue_create(device, &queue));
    memset(arguments, 0, sizeof arguments);
    arguments[0].kind = HEDDLE_ARGUMENT_BUFFER;
    arguments[0].buffer = buffer;
    arguments[1].kind = HEDDLE_ARGUMENT_FLOAT;
    arguments[1].data = &factor;
    arguments[1].bytes = sizeof factor;
    arguments[2].kind = HEDDLE_ARGUMENT_SIGNED;
    arguments[2].data = &n;
    arguments[2].bytes = sizeof n;
    CHECK(heddle_queue_launch(queue, kernel, &config, arguments, 3));
    CHECK(heddle_queue_synchronize(queue));
    CHECK(heddle_buffer_read(buffer, 0, values, sizeof values));
    for (int i = 0; i < N; ++i) {
        if (values[i] != 3.0f * (float)i) {
            printf("element %d is wrong\n", i);
            return 1;
        }
    }
    heddle_queue_release(queue);
    heddle_buffer_release(buffer);
    heddle_kernel_release(kernel);
    heddle_program_release(program);
    heddle_device_release(device);
    printf("C %s: ok\n", heddle_version());
    return 0;
}
