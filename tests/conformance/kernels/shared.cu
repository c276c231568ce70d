// Shared memory: static, dynamic, several arrays, tiles, structures, and code that relies on a warp's lanes
// running in lockstep.

extern "C" {

__global__ void tile_transpose(const float* in, float* out, int width, int height) {
    __shared__ float tile[16][17];
    int x = blockIdx.x * 16 + threadIdx.x, y = blockIdx.y * 16 + threadIdx.y;
    if (x < width && y < height) tile[threadIdx.y][threadIdx.x] = in[y * width + x];
    __syncthreads();
    x = blockIdx.y * 16 + threadIdx.x, y = blockIdx.x * 16 + threadIdx.y;
    if (x < height && y < width) out[y * height + x] = tile[threadIdx.x][threadIdx.y];
}
__global__ void tiled_product(const int* a, const int* b, int* c, int n) {
    __shared__ int ta[8][8], tb[8][8];
    const int row = blockIdx.y * 8 + threadIdx.y, column = blockIdx.x * 8 + threadIdx.x;
    int sum = 0;
    for (int k = 0; k < n; k += 8) {
        ta[threadIdx.y][threadIdx.x] = row < n && k + threadIdx.x < n ? a[row * n + k + threadIdx.x] : 0;
        tb[threadIdx.y][threadIdx.x] =
            column < n && k + threadIdx.y < n ? b[(k + threadIdx.y) * n + column] : 0;
        __syncthreads();
        for (int i = 0; i < 8; ++i) sum += ta[threadIdx.y][i] * tb[i][threadIdx.x];
        __syncthreads();
    }
    if (row < n && column < n) c[row * n + column] = sum;
}
__global__ void dynamic_reverse(const int* in, int* out) {
    extern __shared__ int values[];
    const int i = threadIdx.x, n = blockDim.x;
    values[i] = in[blockIdx.x * n + i];
    __syncthreads();
    out[blockIdx.x * n + i] = values[n - 1 - i];
}
__global__ void dynamic_split(const int* in, double* out) {
    extern __shared__ unsigned char raw[];
    const int i = threadIdx.x, n = blockDim.x;
    double* doubles = reinterpret_cast<double*>(raw);
    int* ints = reinterpret_cast<int*>(doubles + n);
    unsigned char* bytes = reinterpret_cast<unsigned char*>(ints + n);
    doubles[i] = in[i] * 0.5;
    ints[i] = in[i] * 3;
    bytes[i] = (unsigned char)in[i];
    __syncthreads();
    const int j = (i + 5) % n;
    out[i] = doubles[j] + ints[j] + bytes[j];
}
__global__ void static_and_dynamic(const int* in, int* out) {
    __shared__ int fixed[100];
    __shared__ double other[3];
    extern __shared__ int dynamic_values[];
    const int i = threadIdx.x, n = blockDim.x;
    fixed[i] = in[i];
    dynamic_values[i] = in[i] * 2;
    if (i < 3) other[i] = i + 0.5;
    __syncthreads();
    out[i] = fixed[n - 1 - i] + dynamic_values[(i + 1) % n] + (int)(other[i % 3] * 2);
}
struct Particle {
    float position[3];
    int cell;
    unsigned char kind;
};
__global__ void structures(const int* in, int* out) {
    __shared__ Particle particles[64];
    const int i = threadIdx.x;
    particles[i].cell = in[i];
    particles[i].kind = (unsigned char)(in[i] & 3);
    for (int k = 0; k < 3; ++k) particles[i].position[k] = (float)(in[i] + k);
    __syncthreads();
    const Particle p = particles[63 - i];
    out[i] = p.cell + p.kind * 1000 + (int)(p.position[0] + p.position[1] + p.position[2]);
}
__global__ void bytes_and_shorts(const unsigned char* in, unsigned short* out) {
    __shared__ unsigned char bytes[129];
    __shared__ unsigned short shorts[128];
    const int i = threadIdx.x;
    bytes[i] = in[i];
    if (i == 0) bytes[128] = 77;
    __syncthreads();
    shorts[i] = (unsigned short)(bytes[i + 1] << 8 | bytes[i]);
    __syncthreads();
    out[i] = shorts[127 - i];
}
__global__ void not_initialised_between_blocks(int* out) {
    // every block sees its own array: counts to exactly its number of threads
    __shared__ int count;
    if (threadIdx.x == 0) count = 0;
    __syncthreads();
    atomicAdd(&count, 1);
    __syncthreads();
    if (threadIdx.x == 0) out[blockIdx.x] = count;
}
__global__ void broadcast_through_shared(const int* in, int* out) {
    __shared__ int value;
    if (threadIdx.x == blockDim.x / 2) value = in[blockIdx.x];
    __syncthreads();
    out[blockIdx.x * blockDim.x + threadIdx.x] = value + threadIdx.x;
}
__global__ void pointer_to_shared(const int* in, int* out) {
    __shared__ int a[64], b[64];
    const int i = threadIdx.x;
    a[i] = in[i], b[i] = -in[i];
    __syncthreads();
    int* p = in[i] & 1 ? a : b;  // chosen by each lane
    out[i] = p[63 - i];
    int* const uniform = blockDim.x > 32 ? a : b;
    __syncthreads();
    uniform[i] = i * 7;
    __syncthreads();
    out[i] += a[i ^ 1];
}
__device__ int sum_through_generic_pointer(const int* p, int n) {
    int sum = 0;
    for (int i = 0; i < n; ++i) sum += p[i];
    return sum;
}
__global__ void generic_pointer(const int* in, int* out) {
    __shared__ int tile[32];
    const int i = threadIdx.x;
    tile[i] = in[i] * 2;
    int own[4] = {i, i + 1, i + 2, i + 3};
    __syncthreads();
    const int* p = i % 3 == 0 ? tile : i % 3 == 1 ? in : own;
    out[i] = sum_through_generic_pointer(p, 4);
}
// As code before Volta wrote it: no barrier within a warp, volatile instead.
__global__ void volatile_warp_reduction(const int* in, int* out) {
    __shared__ volatile int values[256];
    const int i = threadIdx.x;
    values[i] = in[blockIdx.x * blockDim.x + i];
    __syncthreads();
    for (int s = blockDim.x / 2; s > 32; s >>= 1) {
        if (i < s) values[i] += values[i + s];
        __syncthreads();
    }
    if (i < 32) {
        values[i] += values[i + 32];
        values[i] += values[i + 16];
        values[i] += values[i + 8];
        values[i] += values[i + 4];
        values[i] += values[i + 2];
        values[i] += values[i + 1];
    }
    if (i == 0) out[blockIdx.x] = values[0];
}
__global__ void volatile_warp_scan(const int* in, int* out) {
    __shared__ volatile int values[4][48];  // 16 zeros before each warp's 32 values
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    if (lane < 16) values[warp][lane] = 0;
    volatile int* v = values[warp] + 16 + lane;
    *v = in[threadIdx.x];
    int sum = *v;
    *v = sum = sum + v[-1];
    *v = sum = sum + v[-2];
    *v = sum = sum + v[-4];
    *v = sum = sum + v[-8];
    *v = sum = sum + v[-16];
    out[threadIdx.x] = sum;
}
__global__ void syncwarp_exchange(const int* in, int* out) {
    __shared__ int values[128];
    const int i = threadIdx.x;
    values[i] = in[i];
    __syncwarp();
    const int mirrored = values[i ^ 31];
    __syncwarp();
    values[i] = mirrored * 2;
    __syncwarp();
    out[i] = values[(i & ~31) | ((i + 1) & 31)];
}
__global__ void bitonic_sort(int* data) {
    __shared__ int values[512];
    const int i = threadIdx.x;
    values[i] = data[blockIdx.x * 512 + i];
    __syncthreads();
    for (int k = 2; k <= 512; k <<= 1)
        for (int j = k >> 1; j > 0; j >>= 1) {
            const int other = i ^ j;
            if (other > i) {
                const bool up = (i & k) == 0;
                if ((values[i] > values[other]) == up) {
                    const int t = values[i];
                    values[i] = values[other], values[other] = t;
                }
            }
            __syncthreads();
        }
    data[blockIdx.x * 512 + i] = values[i];
}
__global__ void block_scan(const int* in, int* out) {
    __shared__ int buffers[2][256];
    const int i = threadIdx.x, n = blockDim.x;
    int from = 0;
    buffers[0][i] = in[blockIdx.x * n + i];
    __syncthreads();
    for (int d = 1; d < n; d *= 2) {
        buffers[1 - from][i] = buffers[from][i] + (i >= d ? buffers[from][i - d] : 0);
        from = 1 - from;
        __syncthreads();
    }
    out[blockIdx.x * n + i] = buffers[from][i];
}
__global__ void histogram(const unsigned char* in, unsigned* out, int n) {
    __shared__ unsigned counts[256];
    for (int i = threadIdx.x; i < 256; i += blockDim.x) counts[i] = 0;
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        atomicAdd(&counts[in[i]], 1u);
    __syncthreads();
    for (int i = threadIdx.x; i < 256; i += blockDim.x)
        if (counts[i]) atomicAdd(out + i, counts[i]);
}
__global__ void halo_stencil(const float* in, float* out, int n) {
    __shared__ float tile[128 + 6];
    const int i = blockIdx.x * 128 + threadIdx.x;
    const auto at = [&](int k) { return k >= 0 && k < n ? in[k] : 0.0f; };
    tile[threadIdx.x + 3] = at(i);
    if (threadIdx.x < 3) {
        tile[threadIdx.x] = at(i - 3);
        tile[threadIdx.x + 131] = at(i + 128);
    }
    __syncthreads();
    float sum = 0;
    for (int k = 0; k < 7; ++k) sum += tile[threadIdx.x + k];
    if (i < n) out[i] = sum;
}
__global__ void vector_elements(const float4* in, float4* out) {
    __shared__ float4 tile[64];
    tile[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    float4 v = tile[63 - threadIdx.x];
    v.y = reinterpret_cast<const float*>(tile)[threadIdx.x];
    out[threadIdx.x] = v;
}
__global__ void most_of_48k(const int* in, int* out) {
    __shared__ int values[12000];
    for (int i = threadIdx.x; i < 12000; i += blockDim.x) values[i] = in[i];
    __syncthreads();
    for (int i = threadIdx.x; i < 12000; i += blockDim.x) out[i] = values[11999 - i];
}
}

template <class T>
__global__ void typed_dynamic(const T* in, T* out) {
    extern __shared__ __align__(16) unsigned char storage[];
    T* values = reinterpret_cast<T*>(storage);
    values[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    out[threadIdx.x] = values[(threadIdx.x * 7 + 3) % blockDim.x];
}
template __global__ void typed_dynamic<unsigned char>(const unsigned char*, unsigned char*);
template __global__ void typed_dynamic<short>(const short*, short*);
template __global__ void typed_dynamic<float>(const float*, float*);
template __global__ void typed_dynamic<double>(const double*, double*);
