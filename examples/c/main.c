/* Loads saxpy.cu (source or package), runs it on the best device there is, and checks the result, through the
 * C interface. Every call that can fail goes through check(), which says what went wrong and ends the
 * program. */
#include <heddle/heddle.h>

#include <stdio.h>
#include <stdlib.h>

enum { n = 1 << 20 };

static void check(heddle_status status) {
    if (status == HEDDLE_OK) return;
    fprintf(stderr, "saxpy: %s\n", heddle_last_error());
    exit(1);
}

int main(int count, char** values) {
    const char* file = count > 1 ? values[1] : "examples/saxpy.cu";
    const size_t bytes = n * sizeof(float);
    float* x = malloc(bytes);
    float* y = malloc(bytes);
    float* result = malloc(bytes);
    if (!x || !y || !result) {
        fprintf(stderr, "saxpy: the host's memory is exhausted\n");
        return 1;
    }
    for (int i = 0; i < n; ++i) {
        x[i] = 0.001f * (float)(i % 1000);
        y[i] = 1.0f / (float)(i + 1);
    }

    heddle_device* device = NULL;
    heddle_device_info info;
    heddle_program* program = NULL;
    heddle_kernel* saxpy = NULL;
    heddle_buffer* device_x = NULL;
    heddle_buffer* device_y = NULL;
    heddle_queue* queue = NULL;
    check(heddle_device_open("best", &device));
    check(heddle_device_get_info(device, &info));
    check(heddle_program_from_file(device, file, NULL, &program));
    check(heddle_program_kernel(program, "saxpy", &saxpy));
    check(heddle_buffer_allocate(device, bytes, &device_x));
    check(heddle_buffer_allocate(device, bytes, &device_y));
    check(heddle_queue_create(device, &queue));

    const float a = 2.5f;
    const int32_t elements = n;
    const heddle_argument arguments[] = {
        {.kind = HEDDLE_ARGUMENT_FLOAT, .data = &a, .bytes = sizeof a},
        {.kind = HEDDLE_ARGUMENT_BUFFER, .buffer = device_x},
        {.kind = HEDDLE_ARGUMENT_BUFFER, .buffer = device_y},
        {.kind = HEDDLE_ARGUMENT_SIGNED, .data = &elements, .bytes = sizeof elements},
    };
    const heddle_launch_config config = {.grid = {(n + 255) / 256, 1, 1}, .block = {256, 1, 1}};
    check(heddle_queue_write(queue, device_x, 0, x, bytes));
    check(heddle_queue_write(queue, device_y, 0, y, bytes));
    check(heddle_queue_launch(queue, saxpy, &config, arguments, 4));
    check(heddle_queue_read(queue, device_y, 0, result, bytes));
    check(heddle_queue_synchronize(queue));

    int wrong = 0;
    for (int i = 0; i < n; ++i) {
        const float expected = a * x[i] + y[i];
        /* A device may round once (a fused multiply-add) where the host rounds twice. */
        const float difference = result[i] > expected ? result[i] - expected : expected - result[i];
        if (!(difference <= 1e-6f * expected)) ++wrong;
    }
    printf("saxpy of %d elements on %s (%s): %d wrong\n", n, info.id, info.name, wrong);

    heddle_queue_release(queue);
    heddle_buffer_release(device_y);
    heddle_buffer_release(device_x);
    heddle_kernel_release(saxpy);
    heddle_program_release(program);
    heddle_device_release(device);
    free(result);
    free(y);
    free(x);
    return wrong == 0 ? 0 : 1;
}
