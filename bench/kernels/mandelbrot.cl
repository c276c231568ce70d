// Escape times of the Mandelbrot set over [-2.25, 0.75] x [-1.25, 1.25], one work-item a pixel.
kernel void mandelbrot(uint width, uint height, uint limit, global uint* steps) {
    uint x = get_global_id(0);
    uint y = get_global_id(1);
    if (x >= width || y >= height) return;
    float cx = -2.25f + 3.0f * x / width, cy = -1.25f + 2.5f * y / height;
    float zx = 0.0f, zy = 0.0f;
    uint step_count = 0;
    while (step_count < limit && zx * zx + zy * zy < 4.0f) {
        float next = zx * zx - zy * zy + cx;
        zy = 2.0f * zx * zy + cy;
        zx = next;
        ++step_count;
    }
    steps[y * width + x] = step_count;
}
