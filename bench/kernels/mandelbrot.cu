// Escape times of the Mandelbrot set over [-2.25, 0.75] x [-1.25, 1.25], one thread a pixel.
__global__ void mandelbrot(unsigned width, unsigned height, unsigned limit, unsigned* steps) {
    unsigned x = blockIdx.x * blockDim.x + threadIdx.x;
    unsigned y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    float cx = -2.25f + 3.0f * x / width, cy = -1.25f + 2.5f * y / height;
    float zx = 0.0f, zy = 0.0f;
    unsigned step = 0;
    while (step < limit && zx * zx + zy * zy < 4.0f) {
        float next = zx * zx - zy * zy + cx;
        zy = 2.0f * zx * zy + cy;
        zx = next;
        ++step;
    }
    steps[y * width + x] = step;
}
