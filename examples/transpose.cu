// transpose: rows become columns. A tile goes through shared memory, so that both reading and writing run
// along rows; the extra column keeps the threads of a warp out of each other's banks. A template: any
// element type will do.
//
//   heddle run examples/transpose.cu --kernel 'transpose<float>' --grid 32,16 --block 32,8 \
//       --arg iota:f32:512x1024 --arg zeros:f32:1024x512 --arg 512 --arg 1024 --out to=t.npy --device all

constexpr int tile = 32;

/// `from` has `rows` rows of `columns`. The block is 32 x 8: a thread moves four elements.
template <class T>
__global__ void transpose(const T* from, T* to, int rows, int columns) {
    __shared__ T cells[tile][tile + 1];
    const int column = blockIdx.x * tile + threadIdx.x, top = blockIdx.y * tile;
    for (int y = threadIdx.y; y < tile; y += blockDim.y)
        if (column < columns && top + y < rows) cells[y][threadIdx.x] = from[(top + y) * columns + column];
    __syncthreads();
    const int row = blockIdx.y * tile + threadIdx.x, left = blockIdx.x * tile;
    for (int y = threadIdx.y; y < tile; y += blockDim.y)
        if (row < rows && left + y < columns) to[(left + y) * rows + row] = cells[threadIdx.x][y];
}
