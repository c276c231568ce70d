// Arithmetic and comparisons in every type, with CUDA's meaning where C++ leaves a hole: division by zero,
// overflow, over-wide shifts, conversions that saturate.

#define INDEX (int)(blockIdx.x * blockDim.x + threadIdx.x)

// out: 16 results an element, result r of element i at out[r * n + i]
template <class T>
__global__ void integer_arithmetic(const T* a, const T* b, T* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const T x = a[i], y = b[i];
    T* r = out + i;
    *r = x + y, r += n;
    *r = x - y, r += n;
    *r = x * y, r += n;
    *r = x & y, r += n;
    *r = x | y, r += n;
    *r = x ^ y, r += n;
    *r = ~x, r += n;
    *r = -x, r += n;
    *r = x == y, r += n;
    *r = x != y, r += n;
    *r = x < y, r += n;
    *r = x <= y, r += n;
    *r = !x, r += n;
    *r = x && y, r += n;
    *r = x < y ? x : y, r += n;
    *r = x > y ? x : y;
}
// Division by zero gives all ones, its remainder the dividend; the least number divided by -1 is itself.
template <class T>
__global__ void integer_division(const T* a, const T* b, T* quotients, T* remainders, int n) {
    const int i = INDEX;
    if (i >= n) return;
    quotients[i] = a[i] / b[i];
    remainders[i] = a[i] % b[i];
}
// What is done after a division must not be compiled as if its divisor could not be zero.
template <class T>
__global__ void divide_then_test(const T* a, const T* b, T* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    T quotient = a[i] / b[i];
    if (b[i] == 0) quotient = 77;
    out[i] = quotient;
}
#define DIVISION(T)                                                                \
    template __global__ void integer_division<T>(const T*, const T*, T*, T*, int); \
    template __global__ void divide_then_test<T>(const T*, const T*, T*, int);
DIVISION(signed char)
DIVISION(unsigned char)
DIVISION(short)
DIVISION(unsigned short)
DIVISION(int)
DIVISION(unsigned int)
DIVISION(long long)
DIVISION(unsigned long long)
template __global__ void integer_arithmetic<signed char>(const signed char*, const signed char*, signed char*,
                                                         int);
template __global__ void integer_arithmetic<unsigned char>(const unsigned char*, const unsigned char*,
                                                           unsigned char*, int);
template __global__ void integer_arithmetic<short>(const short*, const short*, short*, int);
template __global__ void integer_arithmetic<unsigned short>(const unsigned short*, const unsigned short*,
                                                            unsigned short*, int);
template __global__ void integer_arithmetic<int>(const int*, const int*, int*, int);
template __global__ void integer_arithmetic<unsigned int>(const unsigned int*, const unsigned int*,
                                                          unsigned int*, int);
template __global__ void integer_arithmetic<long long>(const long long*, const long long*, long long*, int);
template __global__ void integer_arithmetic<unsigned long long>(const unsigned long long*,
                                                                const unsigned long long*,
                                                                unsigned long long*, int);

// Shifts by 0 .. 100, in the type after promotion.
template <class T>
__global__ void shifts(const T* a, const unsigned* by, T* left, T* right, int n) {
    const int i = INDEX;
    if (i >= n) return;
    left[i] = a[i] << by[i];
    right[i] = a[i] >> by[i];
}
template __global__ void shifts<int>(const int*, const unsigned*, int*, int*, int);
template __global__ void shifts<unsigned int>(const unsigned*, const unsigned*, unsigned*, unsigned*, int);
template __global__ void shifts<long long>(const long long*, const unsigned*, long long*, long long*, int);
template __global__ void shifts<unsigned long long>(const unsigned long long*, const unsigned*,
                                                    unsigned long long*, unsigned long long*, int);

// 10 results an element
template <class T>
__global__ void float_arithmetic(const T* a, const T* b, T* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const T x = a[i], y = b[i];
    T* r = out + i;
    *r = x + y, r += n;
    *r = x - y, r += n;
    *r = x * y, r += n;
    *r = x / y, r += n;
    *r = -x, r += n;
    *r = x < y, r += n;
    *r = x >= y, r += n;
    *r = x == y, r += n;
    *r = x != y, r += n;
    *r = x > y ? x : y;
}
template __global__ void float_arithmetic<float>(const float*, const float*, float*, int);
template __global__ void float_arithmetic<double>(const double*, const double*, double*, int);

// Conversions between every pair of a floating type and an integer type.
template <class From, class To>
__global__ void convert(const From* in, To* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = (To)in[i];
}
#define FROM_FLOATING(To)                                                  \
    template __global__ void convert<float, To>(const float*, To*, int);   \
    template __global__ void convert<double, To>(const double*, To*, int); \
    template __global__ void convert<To, float>(const To*, float*, int);   \
    template __global__ void convert<To, double>(const To*, double*, int);
FROM_FLOATING(signed char)
FROM_FLOATING(unsigned char)
FROM_FLOATING(short)
FROM_FLOATING(unsigned short)
FROM_FLOATING(int)
FROM_FLOATING(unsigned int)
FROM_FLOATING(long long)
FROM_FLOATING(unsigned long long)
template __global__ void convert<float, double>(const float*, double*, int);
template __global__ void convert<double, float>(const double*, float*, int);
template __global__ void convert<int, signed char>(const int*, signed char*, int);
template __global__ void convert<int, unsigned short>(const int*, unsigned short*, int);
template __global__ void convert<signed char, unsigned long long>(const signed char*, unsigned long long*,
                                                                  int);
template __global__ void convert<unsigned char, long long>(const unsigned char*, long long*, int);
template __global__ void convert<long long, int>(const long long*, int*, int);
template __global__ void convert<unsigned int, long long>(const unsigned int*, long long*, int);

// CUDA's named conversions with a rounding direction.
#define NAMED(name, From, To)                                                 \
    extern "C" __global__ void named_##name(const From* in, To* out, int n) { \
        const int i = INDEX;                                                  \
        if (i < n) out[i] = __##name(in[i]);                                  \
    }
NAMED(float2int_rn, float, int)
NAMED(float2int_rz, float, int)
NAMED(float2int_ru, float, int)
NAMED(float2int_rd, float, int)
NAMED(float2uint_rn, float, unsigned)
NAMED(float2uint_rd, float, unsigned)
NAMED(float2ll_rn, float, long long)
NAMED(float2ull_ru, float, unsigned long long)
NAMED(double2int_rn, double, int)
NAMED(double2int_rd, double, int)
NAMED(double2uint_ru, double, unsigned)
NAMED(double2ll_rz, double, long long)
NAMED(double2ull_rn, double, unsigned long long)
NAMED(double2float_rn, double, float)
NAMED(double2float_rz, double, float)
NAMED(double2float_ru, double, float)
NAMED(double2float_rd, double, float)
NAMED(int2float_rn, int, float)
NAMED(int2float_rz, int, float)
NAMED(int2float_ru, int, float)
NAMED(int2float_rd, int, float)
NAMED(uint2float_rz, unsigned, float)
NAMED(ll2float_rd, long long, float)
NAMED(ull2float_ru, unsigned long long, float)
NAMED(ll2double_rz, long long, double)
NAMED(ll2double_ru, long long, double)
NAMED(ull2double_rd, unsigned long long, double)
NAMED(float_as_int, float, int)
NAMED(int_as_float, int, float)
NAMED(double_as_longlong, double, long long)
NAMED(longlong_as_double, long long, double)

extern "C" {

__global__ void mixed_signedness(const int* a, const unsigned* b, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    int bits = 0;
    bits |= (a[i] < b[i]) << 0;  // compares as unsigned
    bits |= (a[i] < (long long)b[i]) << 1;
    bits |= ((a[i] + b[i]) > 0) << 2;
    bits |= ((short)a[i] < (unsigned short)b[i]) << 3;  // compares as int
    bits |= (a[i] * 1u / 2 == (unsigned)(a[i] / 2)) << 4;
    bits |= ((signed char)a[i] == (unsigned char)a[i]) << 5;
    out[i] = bits;
}
__global__ void promotions(const unsigned char* a, const unsigned char* b, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    out[i] = (a[i] + b[i]) * 2 - (unsigned char)(a[i] + b[i]) + (a[i] - b[i]) / 2 + (~a[i] >> 1);
}
__global__ void booleans(const int* a, unsigned char* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    bool x = a[i];  // any bit set is true
    bool y = a[i] & 256;
    bool z = (a[i] % 7) != 0;
    bool stored[3] = {x, y, z};
    x ^= y;
    int sum = x + y + z + true;
    sum += stored[(unsigned)a[i] % 3] ? 10 : 20;
    out[i] = (unsigned char)(sum * 4 + !x * 2 + (y || z));
}
__global__ void bool_array(const bool* in, bool* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = !in[i] || i % 5 == 0;
}
__global__ void increments(int* data, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    int v = data[i];
    int r = v++ * 2;
    r += ++v;
    r -= v--;
    v += r;
    v <<= 2;
    v ^= r;
    v %= 1000;
    data[i] = v;
    out[i] = r;
}
__global__ void enums(const int* in, int* out, int n) {
    enum class Colour : unsigned char { red = 1, green = 200, blue };
    enum Plain { zero, one, many = -5 };
    const int i = INDEX;
    if (i >= n) return;
    const Colour c = in[i] % 3 == 0 ? Colour::red : in[i] % 3 == 1 ? Colour::green : Colour::blue;
    const Plain p = in[i] & 4 ? many : in[i] & 2 ? one : zero;
    out[i] = (int)c * 10 + p;
}
__global__ void wide_products(const long long* a, const long long* b, long long* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = a[i] * b[i] + (a[i] >> 7) - (long long)((unsigned long long)b[i] % 1000003ull);
}
__global__ void int128(const unsigned long long* a, const unsigned long long* b, unsigned long long* low,
                       unsigned long long* high, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const unsigned __int128 p = (unsigned __int128)a[i] * b[i] + a[i];
    low[i] = (unsigned long long)p;
    high[i] = (unsigned long long)(p >> 64);
}
__global__ void int128_sums(const unsigned long long* a, const unsigned long long* b, unsigned long long* low,
                            unsigned long long* high, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const unsigned __int128 x = (unsigned __int128)a[i] << 64 | b[i];
    __int128 s = (__int128)x;
    unsigned __int128 t = 0;
    for (int k = 0; k < 4; ++k) {
        t += x - (unsigned __int128)b[(i + k) % n] * 3;
        t ^= (unsigned __int128)(s >> (b[i] % 128));
        if (s < (__int128)t) s = -s;
    }
    t = t * x + (t >> 100) + (x << (a[i] % 128));
    t = s > (__int128)x ? t & x : t | x;
    low[i] = (unsigned long long)t;
    high[i] = (unsigned long long)(t >> 64);
}
__device__ void put_halves(unsigned long long* out, unsigned __int128 value) {
    out[0] = (unsigned long long)value;
    out[1] = (unsigned long long)(value >> 64);
}
__global__ void int128_divisions(const unsigned long long* a, const unsigned long long* b,
                                 unsigned long long* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    // Of every size: what fits into 64 bits, what does not, divisors larger than the dividend.
    const unsigned __int128 x = ((unsigned __int128)a[i] << 64 | b[i]) >> (a[i] % 128);
    unsigned __int128 y = ((unsigned __int128)b[i] << 64 | a[i]) >> (b[i] % 128);
    if (y == 0) y = 7;
    const __int128 s = i % 2 ? -(__int128)(x >> 1) : (__int128)(x >> 1);
    const __int128 t = i % 3 ? -(__int128)((y >> 1) + 1) : (__int128)((y >> 2) + 1);
    out += 12 * i;
    put_halves(out, x / y);
    put_halves(out + 2, x % y);
    put_halves(out + 4, (unsigned __int128)(s / t));
    put_halves(out + 6, (unsigned __int128)(s % t));
    put_halves(out + 8, x / 1000003);
    put_halves(out + 10, y % 10);
}
__global__ void division_by_constants(const int* a, int* out, int n) {
    const int i = INDEX;
    if (i >= n) return;
    const unsigned u = (unsigned)a[i];
    out[i] = a[i] / 7 + a[i] % 10 + a[i] / -16 + a[i] % 64 + (int)(u / 3) + (int)(u % 1000) + (int)(u / 641);
}
__global__ void float_in_place(float* data, int n) {
    const int i = INDEX;
    if (i >= n) return;
    data[i] += 1.5f;
    data[i] *= -2.0f;
    data[i] -= 0.25f;
    data[i] /= 4.0f;
}
// Each product must be rounded before the sum only when the source forbids contraction.
__global__ void contraction(const float* a, const float* b, const float* c, float* fused, float* separate,
                            int n) {
    const int i = INDEX;
    if (i >= n) return;
    fused[i] = fmaf(a[i], b[i], c[i]);
    separate[i] = __fadd_rn(__fmul_rn(a[i], b[i]), c[i]);
}
__global__ void subnormals(const float* a, const float* b, float* out, int n) {
    const int i = INDEX;
    if (i < n) out[i] = a[i] * b[i];  // no flush to zero
}
}
