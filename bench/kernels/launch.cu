// Kernels of the suites `launch` and `transfers`: one that does next to nothing, and one that keeps a device
// busy.

// Stores `value` unless it is 0: what is timed stores nothing, what is checked does.
__global__ void probe(unsigned* data, unsigned value) {
    if (value != 0) data[0] = value;
}

__global__ void busy(unsigned* data, unsigned rounds) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    unsigned x = data[i];
    for (unsigned k = 0; k < rounds; ++k) x = x * 1664525u + 1013904223u;
    data[i] = x;
}
