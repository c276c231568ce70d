// mandelbrot: the set in smooth colours, one thread a pixel of an RGB picture (rows x columns x 3).
//
//   heddle run examples/mandelbrot.cu --grid 64,48 --block 16,16 \
//       --arg zeros:u8:768x1024x3 --arg 1024 --arg 768 --arg -0.743643 --arg 0.131825 --arg 0.004 \
//       --arg 1000 --out picture=mandelbrot.png --device all
//
// Points at the border of the set depend on every last bit, and pictures are compared exactly. So each
// multiply-add is an explicit fma(), and the colours need no function that rounds differently from device
// to device.

/// log2 with straight lines between the powers of two: a float's bits, read as an integer, are just that.
__device__ float rough_log2(float x) {
    return (float)(__float_as_int(x) - 0x3f800000) * 0x1p-23f;
}

/// A smooth wave from 0 to 1 and back, with period 1.
__device__ float wave(float t) {
    const float slope = fabsf(2.0f * (t - floorf(t)) - 1.0f);
    return slope * slope * (3.0f - 2.0f * slope);
}

/// (center_x, center_y) is the middle of the picture and `scale` the width of the plane that it shows.
/// Doubles: neighbouring pixels of a deep view differ by less than a float can tell.
__global__ void mandelbrot(unsigned char* picture, int width, int height, double center_x, double center_y,
                           double scale, int iterations) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    const int row = blockIdx.y * blockDim.y + threadIdx.y;
    if (column >= width || row >= height) return;

    const double step = scale / width;
    const double cx = fma(column - 0.5 * width, step, center_x);
    const double cy = fma(row - 0.5 * height, step, center_y);
    double x = 0, y = 0, distance_squared = 0;
    int n = 0;
    // A radius of 16, well beyond the 2 that decides, makes the smooth count below accurate.
    while (n < iterations && distance_squared < 256.0) {
        const double next = fma(x, x, fma(-y, y, cx));
        y = fma(x + x, y, cy);
        x = next;
        distance_squared = fma(x, x, y * y);
        ++n;
    }

    unsigned char* pixel = picture + 3 * (row * width + column);
    if (n == iterations) {
        pixel[0] = pixel[1] = pixel[2] = 0;
        return;
    }
    // The fraction of an iteration by which the point overshot the radius, so that colours have no steps.
    const float overshoot = rough_log2(0.125f * rough_log2((float)distance_squared));
    const float root = sqrtf((float)(n + 1) - overshoot);
    pixel[0] = (unsigned char)(255.0f * wave(fmaf(0.11f, root, 0.45f)));
    pixel[1] = (unsigned char)(255.0f * wave(fmaf(0.11f, root, 0.52f)));
    pixel[2] = (unsigned char)(255.0f * wave(fmaf(0.11f, root, 0.64f)));
}
