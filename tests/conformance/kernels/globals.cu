// __device__ and __constant__ variables: initial values, setting and reading by name from the host, writes by
// kernels, pointers between globals.

__constant__ float coefficients[64];
__constant__ int offsets[4] = {3, 1, 4, 1};
__device__ int counter = 41;
__device__ double sums[3];
__device__ unsigned char bytes[5] = {'h', 'e', 'l', 'l', 'o'};
__device__ long long table[256];
namespace inner {
__device__ int hidden = 7;
__constant__ short small_constant = -300;
}  // namespace inner
static __device__ int internal_value = 99;

struct Configuration {
    float scale;
    int shift;
    double weights[3];
};
__constant__ Configuration configuration = {2.0f, 5, {0.5, 0.25, 0.125}};
__device__ Configuration writable;

__device__ int target[8] = {10, 11, 12, 13, 14, 15, 16, 17};
__device__ int* pointer_to_global = &target[3];
__constant__ const char* const words[3] = {"warp", "weft", "heddle"};
__device__ int* pointer_set_by_host;

constexpr int primes[10] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29};
__device__ const float const_table[5] = {1.5f, 2.5f, 3.5f, 4.5f, 5.5f};

extern "C" {

__global__ void apply_constants(const float* in, float* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] * coefficients[i % 64] + offsets[i & 3];
}
__global__ void uniform_constant(float* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float sum = 0;
    for (int k = 0; k < 64; ++k) sum += coefficients[k];
    out[i] = sum;
}
__global__ void read_counter(int* out) {
    out[0] = counter, out[1] = inner::hidden, out[2] = inner::small_constant, out[3] = internal_value;
}
__global__ void write_counter(int value) {
    counter = value;
}
__global__ void add_to_sums(double value) {
    if (threadIdx.x < 3) sums[threadIdx.x] += value * (threadIdx.x + 1);
}
__global__ void shift_bytes() {
    if (threadIdx.x < 5) bytes[threadIdx.x] -= 32;
}
__global__ void fill_table(int base) {
    table[threadIdx.x] = (long long)base * threadIdx.x;
}
__global__ void use_configuration(double* out) {
    out[0] = configuration.scale;
    out[1] = configuration.shift;
    for (int i = 0; i < 3; ++i) out[2 + i] = configuration.weights[i];
}
__global__ void copy_configuration() {
    if (threadIdx.x == 0) writable = configuration;
}
__global__ void follow_pointers(int* out) {
    out[0] = *pointer_to_global;
    out[1] = pointer_to_global[-2];
    out[2] = (int)(pointer_to_global - target);
    pointer_to_global[1] = 1400;
    out[3] = target[4];
}
__global__ void move_pointer(int by) {
    pointer_to_global = target + by;
}
__global__ void read_words(char* out) {
    const char* w = words[threadIdx.x % 3];
    for (int i = 0; i < 8; ++i) out[threadIdx.x * 8 + i] = 0;
    for (int i = 0; w[i]; ++i) out[threadIdx.x * 8 + i] = w[i];
}
__global__ void through_host_pointer(int n) {
    const int i = threadIdx.x;
    if (i < n) pointer_set_by_host[i] = i * i;
}
__global__ void compile_time_tables(float* out) {
    const int i = threadIdx.x;
    out[i] = primes[i % 10] + const_table[i % 5];
}
__global__ void count_all() {
    atomicAdd(&counter, 1);
}
__global__ void static_local(int* out) {
    static __device__ int calls = 100;
    out[threadIdx.x] = atomicAdd(&calls, 1);
}
}
