// matmul: C = A * B, row major, A is m x k, B is k x n. A block computes a 16 x 16 tile of C and moves
// tiles of A and B through shared memory; sizes need not be multiples of 16.
//
//   heddle run examples/matmul.cu --grid 32,32 --block 16,16 \
//       --arg rand:f32:512x512:1 --arg rand:f32:512x512:2 --arg zeros:f32:512x512 \
//       --arg 512 --arg 512 --arg 512 --out c=c.npy --device all

constexpr int tile = 16;

__global__ void matmul(const float* a, const float* b, float* c, int m, int n, int k) {
    __shared__ float left[tile][tile], right[tile][tile];
    const int column = blockIdx.x * tile + threadIdx.x, row = blockIdx.y * tile + threadIdx.y;
    float sum = 0.0f;
    for (int first = 0; first < k; first += tile) {
        const int across = first + threadIdx.x, down = first + threadIdx.y;
        left[threadIdx.y][threadIdx.x] = row < m && across < k ? a[row * k + across] : 0.0f;
        right[threadIdx.y][threadIdx.x] = down < k && column < n ? b[down * n + column] : 0.0f;
        __syncthreads();
        for (int i = 0; i < tile; ++i) sum += left[threadIdx.y][i] * right[i][threadIdx.x];
        __syncthreads();
    }
    if (row < m && column < n) c[row * n + column] = sum;
}
