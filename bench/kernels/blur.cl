// Convolution of an RGBA image of bytes with a 5 x 5 kernel, borders clamped, one work-item a pixel.
kernel void blur(int width, int height, global const float* weights, global const uchar4* input,
                 global uchar4* output) {
    int x = get_global_id(0);
    int y = get_global_id(1);
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
    output[y * width + x] = (uchar4)((uchar)r, (uchar)g, (uchar)b, (uchar)a);
}
