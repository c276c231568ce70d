// Every atomic operation in every type that CUDA gives, on global and shared memory. `contended`: all threads
// on one address; `spread`: each thread on the address it is told. Returned values are stored.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)

enum Operation { add, sub, exchange, least, greatest, bit_and, bit_or, bit_xor };

template <class T, int O>
__device__ T apply(T* p, T v) {
    if constexpr (O == add) return atomicAdd(p, v);
    if constexpr (O == sub) return atomicSub(p, v);
    if constexpr (O == exchange) return atomicExch(p, v);
    if constexpr (O == least) return atomicMin(p, v);
    if constexpr (O == greatest) return atomicMax(p, v);
    if constexpr (O == bit_and) return atomicAnd(p, v);
    if constexpr (O == bit_or) return atomicOr(p, v);
    if constexpr (O == bit_xor) return atomicXor(p, v);
}
// Each thread applies its value at target[at[i]]; old[i] is what it got back.
template <class T, int O>
__global__ void on_global(T* target, const int* at, const T* values, T* old, int n) {
    const int i = INDEX;
    if (i < n) old[i] = apply<T, O>(target + at[i], values[i]);
}
// The same on a shared array of 64 elements, one block.
template <class T, int O>
__global__ void on_shared(T* target, const int* at, const T* values, T* old, int n) {
    __shared__ T cells[64];
    for (int i = threadIdx.x; i < 64; i += blockDim.x) cells[i] = target[i];
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += blockDim.x) old[i] = apply<T, O>(cells + at[i], values[i]);
    __syncthreads();
    for (int i = threadIdx.x; i < 64; i += blockDim.x) target[i] = cells[i];
}
#define BOTH(T, O)                                                               \
    template __global__ void on_global<T, O>(T*, const int*, const T*, T*, int); \
    template __global__ void on_shared<T, O>(T*, const int*, const T*, T*, int);
#define LOGIC(T) \
    BOTH(T, bit_and) BOTH(T, bit_or) BOTH(T, bit_xor) BOTH(T, exchange) BOTH(T, least) BOTH(T, greatest)
typedef unsigned int uint_t;
typedef unsigned long long ull_t;
LOGIC(int)
LOGIC(uint_t)
LOGIC(ull_t)
BOTH(long long, least)
BOTH(long long, greatest)
BOTH(int, add)
BOTH(uint_t, add)
BOTH(ull_t, add)
BOTH(float, add)
BOTH(double, add)
BOTH(int, sub)
BOTH(uint_t, sub)
BOTH(float, exchange)

// One address, which all threads know to be the same; only some take part.
template <class T, int O>
__global__ void on_one(T* target, const int* takes_part, const T* values, T* old, int n) {
    const int i = INDEX;
    if (i < n && takes_part[i]) old[i] = apply<T, O>(target + 5, values[i]);
}
template <class T, int O>
__global__ void on_one_of_block(T* target, const int* takes_part, const T* values, T* old, int n) {
    __shared__ T cell;
    if (threadIdx.x == 0) cell = target[5];
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += blockDim.x)
        if (takes_part[i]) old[i] = apply<T, O>(&cell, values[i]);
    __syncthreads();
    if (threadIdx.x == 0) target[5] = cell;
}
#define ONE(T, O)                                                             \
    template __global__ void on_one<T, O>(T*, const int*, const T*, T*, int); \
    template __global__ void on_one_of_block<T, O>(T*, const int*, const T*, T*, int);
#define ONE_LOGIC(T) ONE(T, bit_and) ONE(T, bit_or) ONE(T, bit_xor) ONE(T, least) ONE(T, greatest) ONE(T, add)
ONE_LOGIC(int)
ONE_LOGIC(uint_t)
ONE_LOGIC(ull_t)
ONE(int, sub)
ONE(uint_t, sub)
ONE(int, exchange)
ONE(float, add)
// The same value from every thread that takes part.
template <class T, int O>
__global__ void same_from_all(T* target, const int* takes_part, T value, T* old, int n) {
    const int i = INDEX;
    if (i < n && takes_part[i]) old[i] = apply<T, O>(target + 5, value);
}
template __global__ void same_from_all<int, add>(int*, const int*, int, int*, int);
template __global__ void same_from_all<int, sub>(int*, const int*, int, int*, int);
template __global__ void same_from_all<ull_t, add>(ull_t*, const int*, ull_t, ull_t*, int);
// Bins of shared memory chosen by an index of type I; every thread takes a ticket of its bin.
template <class I>
__global__ void bins(const I* at, const int* takes_part, int* counts, int* tickets, float* weights, int n) {
    __shared__ int count[256];
    __shared__ float weight[256];
    count[threadIdx.x] = 0;
    weight[threadIdx.x] = 0;
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += blockDim.x) atomicAdd(&weight[at[i] & 255], 0.5f);
    for (int i = threadIdx.x; i < n; i += blockDim.x)
        if (takes_part[i]) tickets[i] = atomicAdd(&count[at[i] & 255], 1);
    __syncthreads();
    counts[threadIdx.x] = count[threadIdx.x];
    weights[threadIdx.x] = weight[threadIdx.x];
}
typedef unsigned char byte_t;
#define BINS(I) template __global__ void bins<I>(const I*, const int*, int*, int*, float*, int);
BINS(byte_t)
BINS(short)
BINS(int)
BINS(ull_t)

extern "C" {

__global__ void increment_wrapping(unsigned* target, unsigned limit, unsigned* old, int n) {
    const int i = INDEX;
    if (i < n) old[i] = atomicInc(target, limit);
}
__global__ void decrement_wrapping(unsigned* target, unsigned limit, unsigned* old, int n) {
    const int i = INDEX;
    if (i < n) old[i] = atomicDec(target, limit);
}
__global__ void shared_increment_wrapping(unsigned* out, unsigned limit, int rounds) {
    __shared__ unsigned up, down;
    if (threadIdx.x == 0) up = 0, down = limit;
    __syncthreads();
    for (int i = 0; i < rounds; ++i) atomicInc(&up, limit), atomicDec(&down, limit);
    __syncthreads();
    if (threadIdx.x == 0) out[0] = up, out[1] = down;
}
}
// The first thread to find `expected` wins; exactly one per cell.
template <class T>
__global__ void claim(T* cells, const int* at, int* winners, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const T mine = (T)(i + 1);
    if (atomicCAS(cells + at[i], (T)0, mine) == (T)0) winners[at[i]] = i + 1;
}
template __global__ void claim<int>(int*, const int*, int*, int);
template __global__ void claim<unsigned int>(unsigned int*, const int*, int*, int);
template __global__ void claim<unsigned long long>(unsigned long long*, const int*, int*, int);
template __global__ void claim<unsigned short>(unsigned short*, const int*, int*, int);

extern "C" {

// Loops around compare-and-swap: a product modulo 2^32, a maximum of floats, a sum of doubles the old way.
__global__ void cas_multiply(unsigned* target, const unsigned* values, int n) {
    const int i = INDEX;
    if (i >= n) return;
    unsigned seen = *target, assumed;
    do {
        assumed = seen;
        seen = atomicCAS(target, assumed, assumed * values[i]);
    } while (seen != assumed);
}
__global__ void cas_float_max(float* target, const float* values, int n) {
    const int i = INDEX;
    if (i >= n) return;
    int* bits = (int*)target;
    int seen = *bits;
    while (__int_as_float(seen) < values[i]) {
        const int assumed = seen;
        seen = atomicCAS(bits, assumed, __float_as_int(values[i]));
        if (seen == assumed) break;
    }
}
__global__ void cas_double_add(double* target, const double* values, int n) {
    const int i = INDEX;
    if (i >= n) return;
    unsigned long long* bits = (unsigned long long*)target;
    unsigned long long seen = *bits, assumed;
    do {
        assumed = seen;
        seen = atomicCAS(bits, assumed, __double_as_longlong(values[i] + __longlong_as_double(assumed)));
    } while (assumed != seen);
}
__global__ void cas_shared(unsigned* out) {
    __shared__ unsigned value;
    if (threadIdx.x == 0) value = 0;
    __syncthreads();
    unsigned seen = value, assumed;
    do {
        assumed = seen;
        seen = atomicCAS(&value, assumed, assumed + threadIdx.x * 2);
    } while (seen != assumed);
    __syncthreads();
    if (threadIdx.x == 0) out[blockIdx.x] = value;
}
// A lock by try, taken by one lane at a time: what the winner does must not wait for the lanes that still
// try. They give up after very many tries, so that a device that gets this wrong gives a wrong result instead
// of hanging.
__global__ void try_lock(int* lock, int* guarded, int n) {
    const int i = INDEX;
    if (i >= n) return;
    bool done = false;
    for (int tries = 0; !done && tries < 2000000; ++tries) {
        if (atomicCAS(lock, 0, 1) == 0) {
            __threadfence();
            *(volatile int*)guarded += 1;
            __threadfence();
            atomicExch(lock, 0);
            done = true;
        }
    }
}
__global__ void scoped(int* target, double* sum) {
    atomicAdd_block(target, 1);
    atomicAdd_system(target, 1);
    atomicMax_block(target + 1, (int)threadIdx.x);
    atomicAdd_system(sum, 0.5);
    atomicOr_system((unsigned*)target + 2, 1u << (threadIdx.x & 31));
}
__global__ void unused_result(int* sum, float* fsum, unsigned* bits) {
    const int i = INDEX;
    atomicAdd(sum, i & 3);
    atomicAdd(fsum, 0.25f);
    atomicXor(bits, (unsigned)i);
}
// Work taken from a common counter until it is empty.
__global__ void work_queue(int* next, int* taken, int total) {
    while (true) {
        const int item = atomicAdd(next, 1);
        if (item >= total) return;
        atomicAdd(taken + item, 1);
    }
}
__global__ void compact(const int* in, int* out, int* count, int n) {
    const int i = INDEX;
    if (i < n && in[i] > 0) out[atomicAdd(count, 1)] = in[i];
}
// The block that finishes last sums the partial results.
__global__ void last_block_sums(const int* in, int* partial, unsigned* finished, int* out, int n) {
    __shared__ int sum;
    __shared__ bool last;
    if (threadIdx.x == 0) sum = 0;
    __syncthreads();
    const int i = INDEX;
    if (i < n) atomicAdd(&sum, in[i]);
    __syncthreads();
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
        __threadfence();
        last = atomicInc(finished, gridDim.x) == gridDim.x - 1;
    }
    __syncthreads();
    if (last && threadIdx.x == 0) {
        int total = 0;
        for (int b = 0; b < gridDim.x; ++b) total += ((volatile int*)partial)[b];
        *out = total;
    }
}

// Counts by a condition: the truth value is the place.
__global__ void by_condition(const int* in, int* sums, int* seen, int n) {
    __shared__ int local[2];
    const int i = INDEX;
    if (threadIdx.x < 2) local[threadIdx.x] = 0;
    __syncthreads();
    if (i < n && in[i] % 3 != 0) {
        atomicAdd(&sums[in[i] < 0], in[i]);
        atomicAdd(&local[in[i] % 2 == 0], 1);
        atomicCAS(&seen[in[i] > 500], 0, 1);
    }
    __syncthreads();
    if (threadIdx.x < 2) atomicAdd(&sums[2 + threadIdx.x], local[threadIdx.x]);
}
}
