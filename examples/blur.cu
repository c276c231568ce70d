// blur: a soft blur of an RGB picture. The filter is separated into a pass along rows and one along
// columns; each block does both for one tile, with the tile's border, in shared memory. sobel: the edges of
// a picture, in grey.
//
//   heddle run examples/blur.cu --kernel blur --grid 40,30 --block 16,16 \
//       --arg examples/images/scene.png --arg zeros:u8:480x640x3 --arg 640 --arg 480 \
//       --out to=blurred.png --device all
//
//   heddle run examples/blur.cu --kernel sobel --grid 40,30 --block 16,16 \
//       --arg examples/images/scene.png --arg zeros:u8:480x640 --arg 640 --arg 480 \
//       --out to=edges.png --device all

constexpr int tile = 16;
constexpr int reach = 8;                ///< pixels on each side that the filter sees
constexpr int wide = tile + 2 * reach;  ///< a tile with its border

/// Binomial coefficients of 16: a Gaussian of sigma 2 in whole numbers, whose sum is 2^16.
__constant__ int weights[2 * reach + 1] = {1,     16,   120,  560,  1820, 4368, 8008, 11440, 12870,
                                           11440, 8008, 4368, 1820, 560,  120,  16,   1};

__device__ int clamped(int value, int last) {
    return value < 0 ? 0 : value > last ? last : value;
}

/// The block is 16 x 16. Pixels beyond the picture's edge repeat the edge.
__global__ void blur(const unsigned char* from, unsigned char* to, int width, int height) {
    __shared__ unsigned char pixels[wide][wide][3];
    __shared__ unsigned short rows[wide][tile][3];  // filtered along x, in 256ths

    const int thread = threadIdx.y * tile + threadIdx.x;
    const int left = blockIdx.x * tile - reach, top = blockIdx.y * tile - reach;
    for (int i = thread; i < wide * wide; i += tile * tile) {
        const int row = clamped(top + i / wide, height - 1), column = clamped(left + i % wide, width - 1);
        for (int c = 0; c < 3; ++c) pixels[i / wide][i % wide][c] = from[3 * (row * width + column) + c];
    }
    __syncthreads();
    for (int i = thread; i < wide * tile; i += tile * tile) {
        for (int c = 0; c < 3; ++c) {
            int sum = 0;
            for (int k = 0; k <= 2 * reach; ++k) sum += weights[k] * pixels[i / tile][i % tile + k][c];
            rows[i / tile][i % tile][c] = (unsigned short)((sum + 128) >> 8);
        }
    }
    __syncthreads();
    const int column = blockIdx.x * tile + threadIdx.x, row = blockIdx.y * tile + threadIdx.y;
    if (column >= width || row >= height) return;
    for (int c = 0; c < 3; ++c) {
        unsigned int sum = 0;
        for (int k = 0; k <= 2 * reach; ++k) sum += weights[k] * rows[threadIdx.y + k][threadIdx.x][c];
        to[3 * (row * width + column) + c] = (unsigned char)((sum + (1u << 23)) >> 24);
    }
}

/// Brightness in whole steps (BT.601 weights in 256ths).
__device__ int brightness(const unsigned char* picture, int width, int height, int column, int row) {
    const unsigned char* pixel =
        picture + 3 * (clamped(row, height - 1) * width + clamped(column, width - 1));
    return (77 * pixel[0] + 150 * pixel[1] + 29 * pixel[2]) >> 8;
}

__global__ void sobel(const unsigned char* from, unsigned char* to, int width, int height) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
    if (column >= width || row >= height) return;
    int across = 0, down = 0;
    for (int d = -1; d <= 1; ++d) {
        const int weight = d == 0 ? 2 : 1;
        across += weight * (brightness(from, width, height, column + 1, row + d) -
                            brightness(from, width, height, column - 1, row + d));
        down += weight * (brightness(from, width, height, column + d, row + 1) -
                          brightness(from, width, height, column + d, row - 1));
    }
    const int strength = abs(across) + abs(down);
    to[row * width + column] = (unsigned char)(strength > 255 ? 255 : strength);
}
