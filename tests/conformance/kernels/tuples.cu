// Several neighbouring elements a thread (vector types, structures, members a stride apart) at addresses that
// are dense, strided, the same within rows, in order by chance, or random; with all threads or some.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)

struct triple {
    float x, y, z;
};
struct mixed {
    float weight;
    int number;
};

// Every thread that `every` divides moves one element from a place of its own to another.
template <class T>
__global__ void move(const T* in, const int* from, const int* to, T* out, int every, int n) {
    const int i = INDEX;
    if (i < n && i % every == 0) out[to[i]] = in[from[i]];
}
// The same places computed from the thread's index, so that nothing but their values says what they are.
template <class T>
__global__ void rotate(const T* in, T* out, int by, int every, int n) {
    const int i = INDEX;
    if (i >= n || i % every != 0) return;
    const int source = i + by < n ? i + by : i + by - n;
    out[source] = in[source];
}
template <class T>
__global__ void clamped(const T* in, T* out, int by, int n) {
    const int i = INDEX;
    if (i < n) out[i] = in[min(max(i + by, 0), n - 1)];
}
// An element for every row of threads, and one for every column.
template <class T>
__global__ void rows_and_columns(const T* row, const T* column, T* from_row, T* from_column) {
    __shared__ T tile[32][33];
    const int x = threadIdx.x, y = threadIdx.y, i = y * blockDim.x + x;
    tile[y][x] = column[x];
    __syncthreads();
    from_row[blockIdx.x * blockDim.x * blockDim.y + i] = row[y];
    from_column[blockIdx.x * blockDim.x * blockDim.y + i] = tile[blockDim.y - 1 - y][x];
}
#define TUPLE(T)                                                                      \
    template __global__ void move<T>(const T*, const int*, const int*, T*, int, int); \
    template __global__ void rotate<T>(const T*, T*, int, int, int);                  \
    template __global__ void clamped<T>(const T*, T*, int, int);                      \
    template __global__ void rows_and_columns<T>(const T*, const T*, T*, T*);
TUPLE(unsigned char)
TUPLE(short)
TUPLE(int)
TUPLE(double)
TUPLE(uchar2)
TUPLE(uchar4)
TUPLE(short4)
TUPLE(float2)
TUPLE(float4)
TUPLE(int4)
TUPLE(double2)
TUPLE(triple)
TUPLE(mixed)

// Sums of `count` neighbours a thread: `count` loads a stride apart.
template <int count>
__global__ void sum_neighbours(const int* in, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    int sum = 0;
    for (int k = 0; k < count; ++k) sum += in[count * i + k] * (k + 1);
    out[i] = sum;
}
template __global__ void sum_neighbours<2>(const int*, int*, int);
template __global__ void sum_neighbours<3>(const int*, int*, int);
template __global__ void sum_neighbours<4>(const int*, int*, int);
template __global__ void sum_neighbours<8>(const int*, int*, int);
template __global__ void sum_neighbours<16>(const int*, int*, int);

// One element of every `step`: the last thread's is the buffer's last.
template <int step>
__global__ void every_nth(const float* in, float* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = in[step * i];
}
template __global__ void every_nth<2>(const float*, float*, int);
template __global__ void every_nth<3>(const float*, float*, int);
template __global__ void every_nth<4>(const float*, float*, int);
template __global__ void every_nth<5>(const float*, float*, int);

// The first thread of each warp takes no part, or only the last ones do.
__global__ void from_lane(const float4* in, float4* out, int first, int n) {
    const int i = INDEX;
    if (i < n && (int)(threadIdx.x % 32) >= first) out[i] = in[i];
}

// Colours of a picture in rows of threads: bytes three apart, and in the end one row of sums.
__global__ void colours(const unsigned char* picture, int pitch, int* sums) {
    const int x = threadIdx.x, y = threadIdx.y;
    for (int c = 0; c < 3; ++c) {
        int sum = 0;
        for (int k = 0; k < 9; ++k) sum += (k + 1) * picture[y * pitch + (x + k) * 3 + c];
        sums[(blockIdx.x * blockDim.y + y) * blockDim.x * 3 + x * 3 + c] = sum;
    }
}
