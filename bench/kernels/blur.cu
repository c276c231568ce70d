// Convolution of an RGBA image of bytes with a 5 x 5 kernel, borders clamped, one thread a pixel.
__global__ void blur(int width, int height, const float* weights, const uchar4* input, uchar4* output) {
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    float r = 0.5f, g = 0.5f, b = 0.5f, a = 0.5f;
    for (int j = -2; j <= 2; ++j) {
        int row = min(max(y + j, 0), height - 1);
        for (int i = -2; i <= 2; ++i) {
            uchar4 pixel = input[row * width + min(max(x + i, 0), width - 1)];
            float weight = weights[(j + 2) * 5 + i + 2];
            r += weight * pixel.x;
            g += weight * pixel.y;
            b += weight * pixel.z;
            a += weight * pixel.w;
        }
    }
    output[y * width + x] =
        make_uchar4((unsigned char)r, (unsigned char)g, (unsigned char)b, (unsigned char)a);
}
