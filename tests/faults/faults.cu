// The kernels of the faults: one that shows that a device works, and those that bring one down.
extern "C" {

__global__ void fine(int* out, int value) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    out[i] = value + i;
}
__global__ void endless(volatile int* memory) {
    while (memory[0] == 0) memory[1] = memory[1] + 1;
}
__global__ void stray(int* out, long long distance) {
    out[distance] = 1;
}
}
