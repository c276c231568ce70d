// Branches on a rising index that some warps take with all their lanes: comparisons with a bound, where the
// index may wrap around too, borders of a picture, ways out of either side. Compiled for the device by
// branches.cu and for the host by branches.cpp, whose results are the reference.
#pragma once

#ifdef __CUDACC__
#define EVERYWHERE __host__ __device__ inline
#else
#define EVERYWHERE inline
#endif

namespace branches {

template <class T>
struct AsUnsigned;
template <>
struct AsUnsigned<int> {
    using type = unsigned;
};
template <>
struct AsUnsigned<unsigned> {
    using type = unsigned;
};
template <>
struct AsUnsigned<long long> {
    using type = unsigned long long;
};
template <>
struct AsUnsigned<unsigned long long> {
    using type = unsigned long long;
};

// first + step * i, which wraps around for signed types as well.
template <class T, int step>
EVERYWHERE T place(T first, int i) {
    using U = typename AsUnsigned<T>::type;
    return static_cast<T>(static_cast<U>(first) + static_cast<U>(step) * static_cast<U>(i));
}

constexpr int comparison_outputs = 12;

// One branch for each comparison; `out` has n elements for each of them.
template <class T, int step>
EVERYWHERE void comparisons(T first, T bound, bool flag, const int* in, int* out, int i, int n) {
    const T at = place<T, step>(first, i);
    const int other = in[n - 1 - i];
    if (at < bound)
        out[i] = in[i] * 3;
    else
        out[i] = other - 1;
    if (at <= bound) out[n + i] = in[i] * 5 + other;
    if (at > bound)
        out[2 * n + i] = other - in[i];
    else if (flag)
        out[2 * n + i] = in[i] + 2;
    if (at >= bound) out[3 * n + i] = in[i] - 3;
    if (at == bound)
        out[4 * n + i] = 1;
    else
        out[4 * n + i] = in[i] ^ other;
    if (at != bound) out[5 * n + i] = other * 7;
    if (bound < at) out[6 * n + i] = in[i] + 11;
    if (!(bound > at)) out[7 * n + i] = in[i] + 13;
    if (flag && at < bound && other != 3) out[8 * n + i] = in[i] - 17;
    if (flag || at > bound) out[9 * n + i] = in[i] * 19;
    if (!(at < bound || in[i] > 900)) out[10 * n + i] = in[i] - other;
    if (flag ? at < bound : at > bound) out[11 * n + i] = in[i] & other;
}

// A pixel of a picture: the border is copied, the inside is a sum over its neighbours.
EVERYWHERE void borders(const int* in, int* out, unsigned x, unsigned y, unsigned width, unsigned height) {
    if (x >= width || y >= height) return;
    const unsigned i = y * width + x;
    if (x == 0 || y == 0 || x == width - 1 || y == height - 1) {
        out[i] = in[i];
        return;
    }
    int sum = in[i - 1] + in[i + 1] + in[i - width] + in[i + width];
    if (x > 40 && y != 2) sum += in[i - width - 1] * 2;
    out[i] = sum - 4 * in[i];
}

// Loops, breaks and returns inside a side that all lanes may take.
EVERYWHERE void ways_out(const int* in, int* out, int i, int n, int middle, bool flag) {
    int v = in[i];
    if (i < middle) {
        for (int k = 0; k < 6; ++k) {
            const int next = in[(i + k) % n];
            if (next % 64 == 3) {
                out[i] = -k;
                return;
            }
            if (flag && k == 4) break;
            if (next < 0) continue;
            v += next;
        }
        out[i] = v;
    } else if (flag || i > middle + 50) {
        out[i] = v - 1;
        if (v < 0) return;
        out[i] += in[n - 1 - i];
    }
    if (v % 2 != 0) out[n + i] = v;
}

// Every thread takes each 96th element from its own on.
template <class T>
EVERYWHERE void strides(T first, T bound, const int* in, int* out, int i, int n) {
    int total = 0, rounds = 0;
    for (T at = place<T, 1>(first, i); at < bound && rounds < 5; at = place<T, 96>(at, 1)) {
        if (total > 3000) break;
        total += in[(i + rounds) % n];
        ++rounds;
    }
    out[i] = total;
    out[n + i] = rounds;
}

}  // namespace branches
