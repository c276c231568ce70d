// One Jacobi step of the 5-point stencil; the border keeps its values.
kernel void stencil(uint width, uint height, global const float* input, global float* output) {
    uint x = get_global_id(0);
    uint y = get_global_id(1);
    if (x >= width || y >= height) return;
    uint i = y * width + x;
    if (x == 0 || y == 0 || x == width - 1 || y == height - 1) {
        output[i] = input[i];
    } else {
        output[i] = 0.5f * input[i] + 0.125f * (input[i - 1] + input[i + 1] + input[i - width] + input[i + width]);
    }
}
