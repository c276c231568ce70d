// Loads and stores: every element type, vector type and alignment, structures by value, local arrays, single
// bytes, and the same bytes seen as another type.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)

template <class T>
__global__ void copy(const T* in, T* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = in[i];
}
template __global__ void copy<signed char>(const signed char*, signed char*, int);
template __global__ void copy<unsigned char>(const unsigned char*, unsigned char*, int);
template __global__ void copy<short>(const short*, short*, int);
template __global__ void copy<unsigned short>(const unsigned short*, unsigned short*, int);
template __global__ void copy<int>(const int*, int*, int);
template __global__ void copy<unsigned int>(const unsigned int*, unsigned int*, int);
template __global__ void copy<long long>(const long long*, long long*, int);
template __global__ void copy<unsigned long long>(const unsigned long long*, unsigned long long*, int);
template __global__ void copy<float>(const float*, float*, int);
template __global__ void copy<double>(const double*, double*, int);
template __global__ void copy<char2>(const char2*, char2*, int);
template __global__ void copy<uchar4>(const uchar4*, uchar4*, int);
template __global__ void copy<short2>(const short2*, short2*, int);
template __global__ void copy<ushort4>(const ushort4*, ushort4*, int);
template __global__ void copy<int2>(const int2*, int2*, int);
template __global__ void copy<uint3>(const uint3*, uint3*, int);
template __global__ void copy<int4>(const int4*, int4*, int);
template __global__ void copy<longlong2>(const longlong2*, longlong2*, int);
template __global__ void copy<float2>(const float2*, float2*, int);
template __global__ void copy<float3>(const float3*, float3*, int);
template __global__ void copy<float4>(const float4*, float4*, int);
template __global__ void copy<double2>(const double2*, double2*, int);
template __global__ void copy<uchar3>(const uchar3*, uchar3*, int);
template __global__ void copy<double4>(const double4*, double4*, int);

extern "C" {

// Sizes and offsets as the device sees them.
struct Mixed {
    char a;
    double b;
    short c;
    float3 d;
    char e;
    int4 f;
};
__global__ void layout(unsigned* out) {
    unsigned i = 0;
    out[i++] = sizeof(char3), out[i++] = alignof(char3);
    out[i++] = sizeof(short4), out[i++] = alignof(short4);
    out[i++] = sizeof(int3), out[i++] = alignof(int3);
    out[i++] = sizeof(float2), out[i++] = alignof(float2);
    out[i++] = sizeof(float4), out[i++] = alignof(float4);
    out[i++] = sizeof(double2), out[i++] = alignof(double2);
    out[i++] = sizeof(long), out[i++] = sizeof(void*);
    out[i++] = sizeof(wchar_t), out[i++] = sizeof(bool);
    out[i++] = sizeof(Mixed), out[i++] = alignof(Mixed);
    out[i++] = __builtin_offsetof(Mixed, b), out[i++] = __builtin_offsetof(Mixed, c);
    out[i++] = __builtin_offsetof(Mixed, d), out[i++] = __builtin_offsetof(Mixed, e);
    out[i++] = __builtin_offsetof(Mixed, f), out[i++] = sizeof(size_t);
}

// A vector load split into its components, permuted.
__global__ void rotate_float4(const float4* in, float4* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const float4 v = in[i];
    out[i] = make_float4(v.w, v.x, v.y, v.z);
}
// One vector load seen through a pointer cast, from scalar storage.
__global__ void cast_to_float4(const float* in, float* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const float4 v = reinterpret_cast<const float4*>(in)[i];
    reinterpret_cast<float2*>(out)[2 * i] = make_float2(v.z, v.w);
    reinterpret_cast<float2*>(out)[2 * i + 1] = make_float2(v.x, v.y);
}
__global__ void store_component(float4* inout, int n) {
    const int i = INDEX;
    if (i < n) inout[i].z = inout[i].x + inout[i].y;
}

// Access patterns.
__global__ void strided(const int* in, int* out, int n, int stride) {
    const int i = INDEX;
    if (i < n) out[i * stride] = in[i * stride] + 1;
}
__global__ void reversed(const int* in, int* out, int n) {
    const int i = INDEX;
    if (i < n) out[n - 1 - i] = in[i];
}
__global__ void gathered(const int* in, const int* at, int* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = in[at[i]];
}
__global__ void scattered(const int* in, const int* at, int* out, int n) {
    const int i = INDEX;
    if (i < n) out[at[i]] = in[i];
}
__global__ void broadcast(const int* in, int* out, int n, int at) {
    const int i = INDEX;
    if (i < n) out[i] = in[at];
}
__global__ void same_address_per_half_warp(const int* in, int* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = in[i / 16];
}
__global__ void offset_by(const float* in, float* out, int n, int shift) {
    const int i = INDEX;
    if (i < n) out[i + shift] = in[i + shift] * 2.0f;
}
__global__ void grid_stride(const int* in, int* out, int n) {
    for (int i = INDEX; i < n; i += gridDim.x * blockDim.x) out[i] = in[i] * 3;
}
__global__ void masked_store(const int* in, int* out, int n) {
    const int i = INDEX;
    if (i < n && in[i] % 3 == 0) out[i] = in[i];
}
__global__ void index64(const unsigned char* in, unsigned char* out, long long n) {
    const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[n - 1 - i] = in[i];
}
__global__ void negative_index(const int* end, int* out, int n) {
    const int i = INDEX;
    const int* p = end + n;
    if (i < n) out[i] = p[-1 - i];
}
__global__ void walking_pointer(const int* in, int* out, int n, int width) {
    const int i = INDEX;
    if (i >= n) return;
    const int* p = in + i * width;
    const int* const end = p + width;
    int sum = 0;
    while (p != end) sum = sum * 31 + *p++;
    out[i] = sum;
}

// Structures by value, of several sizes.
struct Small {
    char tag;
    short number;
};
struct Pair {
    int* destination;
    float factor;
};
struct Large {
    float coefficients[16];
    long long offset;
    unsigned char flags[5];
    double last;
};
__global__ void small_structure(Small s, int* out) {
    out[threadIdx.x] = s.tag * 1000 + s.number;
}
__global__ void pointer_in_structure(Pair p, int n) {
    const int i = INDEX;
    if (i < n) p.destination[i] = (int)(i * p.factor);
}
__global__ void large_structure(Large l, double* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = l.coefficients[i % 16] + (double)l.offset + l.flags[i % 5] * 0.5 + l.last;
}
__global__ void modified_parameter(Large l, float* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    l.coefficients[i % 16] += 100.0f;  // a copy of each thread's own
    float sum = 0;
    for (int k = 0; k < 16; ++k) sum += l.coefficients[k];
    out[i] = sum;
}
__global__ void mixed_parameters(char a, double b, short c, long long d, unsigned char e, float f,
                                 double* out) {
    out[0] = a, out[1] = b, out[2] = c, out[3] = (double)d, out[4] = e, out[5] = f;
}
__global__ void bool_parameter(bool yes, bool no, int* out) {
    out[0] = yes ? 7 : 1, out[1] = no ? 7 : 1;
}
struct Records {
    int key;
    float weight;
    unsigned char code[3];
};
__global__ void records(const Records* in, Records* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    Records r = in[i];
    r.key = -r.key;
    r.weight *= 2;
    const unsigned char first = r.code[0];
    r.code[0] = r.code[2], r.code[2] = first;
    out[i] = r;
}

// Local arrays.
__global__ void local_array(const int* in, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    int window[8];
    for (int k = 0; k < 8; ++k) window[k] = in[(i + k) % n];
    int sum = 0;
    for (int k = 7; k >= 0; --k) sum = sum * 3 + window[k];
    out[i] = sum;
}
__global__ void local_array_dynamic(const unsigned* in, unsigned* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    unsigned counts[16];
    for (int k = 0; k < 16; ++k) counts[k] = 0;
    unsigned v = in[i];
    for (int k = 0; k < 8; ++k, v >>= 4) counts[v & 15] += k + 1;  // each lane its own index
    unsigned mixed = 0;
    for (int k = 0; k < 16; ++k) mixed = mixed * 5 + counts[(k + i) & 15];
    out[i] = mixed;
}
__global__ void local_bytes(const unsigned* in, unsigned* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    unsigned char bytes[64];
    for (int k = 0; k < 64; ++k) bytes[k] = (unsigned char)(k * 7);
    unsigned state = in[i];
    for (int k = 0; k < 32; ++k) {
        const unsigned a = state & 63, b = state >> 6 & 63;
        const unsigned char t = bytes[a];
        bytes[a] = bytes[b], bytes[b] = t;
        state = state * 1664525u + 1013904223u;
    }
    unsigned hash = 2166136261u;
    for (int k = 0; k < 64; ++k) hash = (hash ^ bytes[k]) * 16777619u;
    out[i] = hash;
}
__global__ void local_array_2d(const float* in, float* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    float m[3][3], p[3][3];
    for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 3; ++c) m[r][c] = in[i] + r * 3 + c;
    for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 3; ++c) {
            p[r][c] = 0;
            for (int k = 0; k < 3; ++k) p[r][c] += m[r][k] * m[k][c];
        }
    out[i] = p[i % 3][(i / 3) % 3];
}
__device__ void sort_three(int* v) {
    for (int a = 0; a < 2; ++a)
        for (int b = 0; b < 2 - a; ++b)
            if (v[b] > v[b + 1]) {
                const int t = v[b];
                v[b] = v[b + 1], v[b + 1] = t;
            }
}
__global__ void local_by_pointer(const int* in, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    int v[3] = {in[i], in[(i + 1) % n], in[(i + 2) % n]};
    sort_three(v);
    out[3 * i] = v[0], out[3 * i + 1] = v[1], out[3 * i + 2] = v[2];
}
__global__ void local_or_global(const int* in, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    int own[4] = {10, 20, 30, 40};
    const int* p = in[i] & 1 ? own : in + (i / 4) * 4;  // a generic pointer
    out[i] = p[i & 3];
}
__global__ void local_structure_array(const int* in, int* out, int n) {
    struct Item {
        int key;
        short rank;
    };
    const int i = INDEX;
    if (i >= n) return;
    Item items[6];
    for (int k = 0; k < 6; ++k) items[k].key = in[(i * 6 + k) % n], items[k].rank = 0;
    for (int a = 0; a < 6; ++a)
        for (int b = 0; b < 6; ++b)
            if (items[b].key < items[a].key || (items[b].key == items[a].key && b < a)) ++items[a].rank;
    int packed = 0;
    for (int k = 0; k < 6; ++k) packed |= items[k].rank << (4 * k);
    out[i] = packed;
}

// Bytes and punning.
__global__ void reverse_bytes(const unsigned char* in, unsigned char* out, int n) {
    const int i = INDEX;
    if (i < n) out[(i & ~3) + 3 - (i & 3)] = in[i];
}
__global__ void words_as_bytes(const unsigned* in, unsigned char* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const unsigned char* bytes = reinterpret_cast<const unsigned char*>(in);
    out[i] = (unsigned char)(bytes[i] ^ 0x5a);
}
__global__ void bytes_as_words(const unsigned char* in, unsigned* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = *reinterpret_cast<const unsigned*>(in + 4 * i);
}
__global__ void unaligned_words(const unsigned char* in, unsigned* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    unsigned w;
    memcpy(&w, in + 3 * i + 1, 4);
    out[i] = w;
}
__global__ void pun_float(const float* in, unsigned* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    union {
        float f;
        unsigned u;
    } pun;
    pun.f = in[i];
    out[i] = pun.u ^ __float_as_uint(-in[i]);
}
__global__ void pun_double(const double* in, int* high, int* low, int n) {
    const int i = INDEX;
    if (i >= n) return;
    high[i] = __double2hiint(in[i]);
    low[i] = reinterpret_cast<const int*>(in + i)[0];
}
__global__ void neighbours_share_a_word(unsigned char* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = (unsigned char)(i * 13 + 1);
}
__global__ void bit_fields(const unsigned* in, unsigned* out, int n) {
    struct Fields {
        unsigned a : 5, b : 11;
        int c : 7;
        unsigned d : 9;
    };
    const int i = INDEX;
    if (i >= n) return;
    Fields f;
    memcpy(&f, in + i, 4);
    f.a += 3;
    out[i] = f.a + f.b * 100u + (unsigned)(f.c * 7) + f.d;
}
__global__ void copy_and_set(unsigned char* out, const unsigned char* in, int n) {
    const int i = INDEX;
    if (i >= n) return;
    unsigned char t[24];
    memset(t, i, sizeof t);
    memcpy(t + 5, in + 11 * i, 11);
    memcpy(out + 24 * i, t, 24);
}
__global__ void overlapping(int* data, int n) {
    // a later store of the same thread to the same address wins, and is seen
    const int i = INDEX;
    if (i >= n) return;
    data[i] = 1;
    int* alias = data + i;
    *alias += 5;
    data[i] *= 2;
}
__global__ void load_hints(const float* __restrict__ in, float* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = __ldg(in + i) + __ldg(&reinterpret_cast<const float2*>(in)[i / 2]).x;
}
__global__ void null_pointer(const int* maybe, int* out) {
    out[threadIdx.x] = maybe ? maybe[0] : -1;
}
__global__ void pointer_difference(const double* a, const double* b, long long* out) {
    out[0] = b - a;
    out[1] = (const char*)b - (const char*)a;
    out[2] = a < b;
}
__global__ void device_heap(int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    int* p = (int*)malloc((i % 7 + 1) * sizeof(int));
    if (!p) {
        out[i] = -1;
        return;
    }
    for (int k = 0; k <= i % 7; ++k) p[k] = i + k;
    int sum = 0;
    for (int k = 0; k <= i % 7; ++k) sum += p[k];
    free(p);
    out[i] = sum;
}
__global__ void tail_untouched(int* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = i;
}
}
