// Kernels that go wrong, and kernels that print.
#include <cassert>

extern "C" {

__global__ void fine(int* out, int value) {
    out[blockIdx.x * blockDim.x + threadIdx.x] = value;
}
__global__ void scalars(int a, float b, unsigned char c, double* out) {
    out[0] = a, out[1] = b, out[2] = c;
}
struct Settings {
    int a;
    float b;
};
__global__ void takes_structure(Settings s, int* out) {
    out[0] = s.a;
}
__global__ void trap_at(int* out, int at) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i == at) __trap();
    out[i] = i;
}
__global__ void trap_at_barrier(int* out, int at) {
    __shared__ int tile[64];
    tile[threadIdx.x] = threadIdx.x;
    if (threadIdx.x == at) __trap();
    __syncthreads();
    out[threadIdx.x] = tile[63 - threadIdx.x];
}
__global__ void assert_below(const int* in, int limit) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    assert(in[i] < limit);
}
__global__ void assert_with_message(int* out) {
    assert(threadIdx.x < 100 && "too many threads");
    out[threadIdx.x] = 1;
}
__global__ void dynamic_shared(int* out) {
    extern __shared__ int values[];
    values[threadIdx.x] = threadIdx.x;
    out[threadIdx.x] = values[threadIdx.x];
}

__global__ void say_hello() {
    printf("hello from the device\n");
}
__global__ void print_formats() {
    printf("int %d unsigned %u hex %x octal %o char %c percent %%\n", -42, 4000000000u, 0xbeefu, 8, 'z');
    printf("long %lld %llu short %hd width [%6d] [%-6d] [%06d]\n", -1234567890123ll, 18446744073709551615ull,
           (short)-7, 42, 42, 42);
    printf("float %f %.3f %e %g double %.12f\n", 1.5f, 2.0f / 3, 12345.678, 0.0001, 3.141592653589793);
    printf("string %s and %10s and %-10s|\n", "one", "two", "three");
}
__global__ void print_lines(int* results) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    results[i] = printf("line %d of block %d\n", threadIdx.x, blockIdx.x);
}
__global__ void print_some(const int* in) {
    const int i = threadIdx.x;
    if (in[i] % 10 == 0) printf("<%d>\n", in[i]);
}
__global__ void print_nothing() {
    printf("");
}
__global__ void clocks(long long* out) {
    const long long a = clock64();
    const int b = clock();
    __nanosleep(1000);
    out[threadIdx.x] = clock64() - a;
    out[blockDim.x + threadIdx.x] = b != 0x12345678;
}
}
