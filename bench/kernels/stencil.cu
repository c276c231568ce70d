// One Jacobi step of the 5-point stencil; the border keeps its values.
__global__ void stencil(unsigned width, unsigned height, const float* input, float* output) {
    unsigned x = blockIdx.x * blockDim.x + threadIdx.x;
    unsigned y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    unsigned i = y * width + x;
    if (x == 0 || y == 0 || x == width - 1 || y == height - 1) {
        output[i] = input[i];
    } else {
        output[i] =
            0.5f * input[i] + 0.125f * (input[i - 1] + input[i + 1] + input[i - width] + input[i + width]);
    }
}
