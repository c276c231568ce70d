// Made by scripts/device_maths_coefficients.py: polynomials and split constants of the elementary functions.
#pragma once

#include "arithmetic.h"

namespace heddle::device_maths {

// log(2)
template <class T>
inline constexpr int ln2 = 0;
template <>
inline constexpr Pair<float> ln2<float>{0x1.62e4300000000p-1f, -0x1.05c6100000000p-29f};
template <>
inline constexpr Pair<double> ln2<double>{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};

// 1 / log(2)
template <class T>
inline constexpr int log2_of_e = 0;
template <>
inline constexpr Pair<float> log2_of_e<float>{0x1.7154760000000p+0f, 0x1.4ae0c00000000p-26f};
template <>
inline constexpr Pair<double> log2_of_e<double>{0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};

// log(10) / log(2)
template <class T>
inline constexpr int log2_of_10 = 0;
template <>
inline constexpr Pair<float> log2_of_10<float>{0x1.a934f00000000p+1f, 0x1.2f346e0000000p-24f};
template <>
inline constexpr Pair<double> log2_of_10<double>{0x1.a934f0979a371p+1, 0x1.7f2495fb7fa6dp-53};

// log(2) / log(10)
template <class T>
inline constexpr int log10_of_2 = 0;
template <>
inline constexpr Pair<float> log10_of_2<float>{0x1.3441360000000p-2f, -0x1.ec10c00000000p-27f};
template <>
inline constexpr Pair<double> log10_of_2<double>{0x1.34413509f79ffp-2, -0x1.9dc1da994fd21p-59};

// 1 / log(10)
template <class T>
inline constexpr int log10_of_e = 0;
template <>
inline constexpr Pair<float> log10_of_e<float>{0x1.bcb7b20000000p-2f, -0x1.5b235e0000000p-27f};
template <>
inline constexpr Pair<double> log10_of_e<double>{0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};

// pi / 2
template <class T>
inline constexpr int half_pi = 0;
template <>
inline constexpr Triple<float> half_pi<float>{0x1.921fb60000000p+0f, -0x1.777a5c0000000p-25f,
                                              -0x1.ee59da0000000p-50f};
template <>
inline constexpr Triple<double> half_pi<double>{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54,
                                                -0x1.f1976b7ed8fbcp-110};

// pi
template <class T>
inline constexpr int pi = 0;
template <>
inline constexpr Pair<float> pi<float>{0x1.921fb60000000p+1f, -0x1.777a5c0000000p-24f};
template <>
inline constexpr Pair<double> pi<double>{0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};

// 2 / log(2)
template <class T>
inline constexpr int two_log2_of_e = 0;
template <>
inline constexpr Pair<float> two_log2_of_e<float>{0x1.7154760000000p+1f, 0x1.4ae0c00000000p-25f};
template <>
inline constexpr Pair<double> two_log2_of_e<double>{0x1.71547652b82fep+1, 0x1.777d0ffda0d24p-55};

// 2 / (3 log(2)): the second coefficient of log2((1 + s) / (1 - s))
template <class T>
inline constexpr int log2_cubic = 0;
template <>
inline constexpr Pair<float> log2_cubic<float>{0x1.ec709e0000000p-1f, -0x1.e2fe020000000p-28f};
template <>
inline constexpr Pair<double> log2_cubic<double>{0x1.ec709dc3a03fdp-1, 0x1.d27f05548af0cp-55};

// The first 1216 bits of 2 / pi behind the binary point, after 64 zeros.
inline constexpr u64 two_over_pi[20] = {
    0x0000000000000000ull, 0xa2f9836e4e441529ull, 0xfc2757d1f534ddc0ull, 0xdb6295993c439041ull,
    0xfe5163abdebbc561ull, 0xb7246e3a424dd2e0ull, 0x06492eea09d1921cull, 0xfe1deb1cb129a73eull,
    0xe88235f52ebb4484ull, 0xe99c7026b45f7e41ull, 0x3991d639835339f4ull, 0x9c845f8bbdf9283bull,
    0x1ff897ffde05980full, 0xef2f118b5a0a6d1full, 0x6d367ecf27cb09b7ull, 0x4f463f669e5fea2dull,
    0x7527bac7ebe5f17bull, 0x3d0739f78a5292eaull, 0x6bfb5fb11f8d5d08ull, 0x56033046fc7b6babull};

// (exp(r) - 1 - r) / r^2; errors relative to expm1
template <class T>
inline constexpr int exp_tail = 0;
// r in [-0.347, 0.347]: error 2^-31.9, with rounded coefficients 2^-28.7
template <>
inline constexpr Polynomial<float, 6> exp_tail<float>{{0x1.0000000000000p-1f, 0x1.5555540000000p-3f,
                                                       0x1.5554b00000000p-5f, 0x1.11118c0000000p-7f,
                                                       0x1.6d72ba0000000p-10f, 0x1.a030de0000000p-13f}};
// r in [-0.347, 0.347]: error 2^-61.7, with rounded coefficients 2^-59.8
template <>
inline constexpr Polynomial<double, 11> exp_tail<double>{
    {0x1.0000000000000p-1, 0x1.5555555555559p-3, 0x1.555555555553ep-5, 0x1.111111110f69dp-7,
     0x1.6c16c16c1f17ap-10, 0x1.a01a01afef3b6p-13, 0x1.a01a017b96e52p-16, 0x1.71ddf8326e307p-19,
     0x1.27e53650b1277p-22, 0x1.af5f05d425948p-26, 0x1.1ee8b165c7989p-29}};

// (2^r - 1) / r; errors relative to 2^r
template <class T>
inline constexpr int exp2_tail = 0;
// r in [-0.501, 0.501]: error 2^-28.9, with rounded coefficients 2^-25.9
template <>
inline constexpr Polynomial<float, 6> exp2_tail<float>{{0x1.62e4300000000p-1f, 0x1.ebfbdc0000000p-3f,
                                                        0x1.c6aee60000000p-5f, 0x1.3b2d560000000p-7f,
                                                        0x1.5f40060000000p-10f, 0x1.41f8e00000000p-13f}};
// r in [-0.501, 0.501]: error 2^-58.0, with rounded coefficients 2^-54.7
template <>
inline constexpr Polynomial<double, 11> exp2_tail<double>{
    {0x1.62e42fefa39efp-1, 0x1.ebfbdff82c5a5p-3, 0x1.c6b08d7049fe4p-5, 0x1.3b2ab6fb9ffddp-7,
     0x1.5d87fe78cdfeap-10, 0x1.4309130f1d97fp-13, 0x1.ffcbfba7a0d46p-17, 0x1.62bfc6e424c2ap-20,
     0x1.b5267f053a422p-24, 0x1.e61ca26f73ba9p-28, 0x1.e79b0d63b9127p-32}};

// (10^r - 1) / r; errors relative to 10^r
template <class T>
inline constexpr int exp10_tail = 0;
// r in [-0.1507, 0.1507]: error 2^-28.9, with rounded coefficients 2^-26.3
template <>
inline constexpr Polynomial<float, 6> exp10_tail<float>{{0x1.26bb1c0000000p+1f, 0x1.53524a0000000p+1f,
                                                         0x1.046f660000000p+1f, 0x1.2bd9dc0000000p+0f,
                                                         0x1.1585240000000p-1f, 0x1.a688c80000000p-3f}};
// r in [-0.1507, 0.1507]: error 2^-58.0, with rounded coefficients 2^-54.7
template <>
inline constexpr Polynomial<double, 11> exp10_tail<double>{
    {0x1.26bb1bbb55516p+1, 0x1.53524c73cea78p+1, 0x1.0470591de2c28p+1, 0x1.2bd7609fd4e71p+0,
     0x1.1429ffd1f3e50p-1, 0x1.a7ed70a221084p-3, 0x1.16e4df633d092p-4, 0x1.41165df52aa34p-6,
     0x1.4898b58303d1bp-8, 0x1.2f74ec9fde6d7p-10, 0x1.f995649231f75p-13}};

// (log(1 + f) - f) / f^2; errors relative to log(1 + f)
template <class T>
inline constexpr int log1p_square = 0;
// f in [-0.2929, 0.41422]: error 2^-27.9, with rounded coefficients 2^-27.7
template <>
inline constexpr Polynomial<float, 9> log1p_square<float>{
    {-0x1.fffff80000000p-2f, 0x1.5555500000000p-2f, -0x1.0004280000000p-2f, 0x1.99a4020000000p-3f,
     -0x1.5427460000000p-3f, 0x1.22709a0000000p-3f, -0x1.0f37c00000000p-3f, 0x1.084de40000000p-3f,
     -0x1.383a340000000p-4f}};

// (2 atanh(s) / s - 2) / s^2 in z = s^2; errors relative to 2 atanh(s)
template <class T>
inline constexpr int log1p_atanh = 0;
// z in [0.0, 0.029438]: error 2^-66.7, with rounded coefficients 2^-61.6
template <>
inline constexpr Polynomial<double, 8> log1p_atanh<double>{
    {0x1.5555555555555p-1, 0x1.9999999999df8p-2, 0x1.249249242bbc8p-2, 0x1.c71c725877b49p-3,
     0x1.745cde5c5b7e1p-3, 0x1.3b20a56c23dc4p-3, 0x1.0f5d49ed0f2cdp-3, 0x1.0f5ec9a5bb81fp-3}};

// (log2((1 + s) / (1 - s)) - 2 s / log(2)) / s^3 in z = s^2; errors relative to the logarithm
template <class T>
inline constexpr int log2_tail = 0;
// z in [0.0, 0.029438]: error 2^-37.6, with rounded coefficients 2^-32.1
template <>
inline constexpr Polynomial<float, 4> log2_tail<float>{
    {0x1.ec709e0000000p-1f, 0x1.2777680000000p-1f, 0x1.a5965a0000000p-2f, 0x1.5c62400000000p-2f}};

// The same without its first coefficient, over z
template <class T>
inline constexpr int log2_quintic = 0;
// z in [0.0, 0.029438]: error 2^-73.5, with rounded coefficients 2^-65.9
template <>
inline constexpr Polynomial<double, 8> log2_quintic<double>{
    {0x1.2776c50ef9bfcp-1, 0x1.a61762a7aef9ap-2, 0x1.484b13d6974ffp-2, 0x1.0c9a8543b7506p-2,
     0x1.c68ee55425b81p-3, 0x1.8a0a4108b7a78p-3, 0x1.58f3121b2f7a4p-3, 0x1.623a199561897p-3}};

// (sin(r) - r) / r^3 in z = r^2; errors relative to sin(r)
template <class T>
inline constexpr int sin_tail = 0;
// z in [0.0, 0.6276]: error 2^-27.9, with rounded coefficients 2^-27.5
template <>
inline constexpr Polynomial<float, 3> sin_tail<float>{
    {-0x1.5555440000000p-3f, 0x1.1106e20000000p-7f, -0x1.9925740000000p-13f}};
// z in [0.0, 0.6171]: error 2^-68.7, with rounded coefficients 2^-57.1
template <>
inline constexpr Polynomial<double, 7> sin_tail<double>{
    {-0x1.5555555555555p-3, 0x1.111111111110bp-7, -0x1.a01a01a018a67p-13, 0x1.71de3a5330039p-19,
     -0x1.ae64528cb8226p-26, 0x1.61208bbd1fe9bp-33, -0x1.aaa1fcbbcf8a7p-41}};

// (cos(r) - 1 + r^2 / 2) / r^4 in z = r^2; errors relative to cos(r)
template <class T>
inline constexpr int cos_tail = 0;
// z in [0.0, 0.6276]: error 2^-32.9, with rounded coefficients 2^-30.5
template <>
inline constexpr Polynomial<float, 3> cos_tail<float>{
    {0x1.55554a0000000p-5f, -0x1.6c0bd60000000p-10f, 0x1.99d0140000000p-16f}};
// z in [0.0, 0.6171]: error 2^-64.0, with rounded coefficients 2^-59.6
template <>
inline constexpr Polynomial<double, 6> cos_tail<double>{{0x1.555555555554bp-5, -0x1.6c16c16c14f85p-10,
                                                         0x1.a01a019c82ffdp-16, -0x1.27e4f7e9c5c10p-22,
                                                         0x1.1ee9d6fff26c1p-29, -0x1.8fa438cac0765p-37}};

// (sin(pi r) - pi r) / r^3 in z = r^2; errors relative to sin(pi r)
template <class T>
inline constexpr int sinpi_tail = 0;
// z in [0.0, 0.0625]: error 2^-37.5, with rounded coefficients 2^-29.0
template <>
inline constexpr Polynomial<float, 4> sinpi_tail<float>{
    {-0x1.4abbce0000000p+2f, 0x1.466bbc0000000p+1f, -0x1.32cb0e0000000p-1f, 0x1.4be0a20000000p-4f}};
// z in [0.0, 0.0625]: error 2^-68.7, with rounded coefficients 2^-57.4
template <>
inline constexpr Polynomial<double, 7> sinpi_tail<double>{
    {-0x1.4abbce625be53p+2, 0x1.466bc6775aadap+1, -0x1.32d2cce62ad8ep-1, 0x1.50783485e6914p-4,
     -0x1.e3074b71b465dp-8, 0x1.e8eee6f5f5a53p-12, -0x1.6c612a099ee33p-16}};

// (cos(pi r) - 1) / r^2 in z = r^2; errors relative to cos(pi r)
template <class T>
inline constexpr int cospi_tail = 0;
// z in [0.0, 0.0625]: error 2^-33.9, with rounded coefficients 2^-26.5
template <>
inline constexpr Polynomial<float, 4> cospi_tail<float>{
    {-0x1.3bd3cc0000000p+2f, 0x1.03c1de0000000p+2f, -0x1.55c5e00000000p+0f, 0x1.d9d58a0000000p-3f}};
// z in [0.0, 0.0625]: error 2^-64.5, with rounded coefficients 2^-55.3
template <>
inline constexpr Polynomial<double, 7> cospi_tail<double>{
    {-0x1.3bd3cc9be45dep+2, 0x1.03c1f081b5aaep+2, -0x1.55d3c7e3c9289p+0, 0x1.e1f5068368804p-3,
     -0x1.a6d1ec7e993e6p-6, 0x1.f9cc410af0603p-10, -0x1.b263db857e31fp-14}};

// (atan(x) - x) / x^3 in z = x^2; errors relative to atan(x)
template <class T>
inline constexpr int atan_tail = 0;
// z in [0.0, 1.0]: error 2^-28.5, with rounded coefficients 2^-25.8
template <>
inline constexpr Polynomial<float, 9> atan_tail<float>{
    {-0x1.55553e0000000p-2f, 0x1.9991fe0000000p-3f, -0x1.2421b40000000p-3f, 0x1.c099ee0000000p-4f,
     -0x1.58345e0000000p-4f, 0x1.dac9300000000p-5f, -0x1.fecff20000000p-6f, 0x1.65a4d20000000p-7f,
     -0x1.d62d380000000p-10f}};
// z in [0.0, 1.0]: error 2^-57.6, with rounded coefficients 2^-53.9
template <>
inline constexpr Polynomial<double, 20> atan_tail<double>{
    {-0x1.5555555555525p-2, 0x1.999999999553ep-3,  -0x1.249249237e08fp-3,  0x1.c71c717f8f7a0p-4,
     -0x1.745d11aaa38a1p-4, 0x1.3b136672ad0eep-4,  -0x1.110e500394a29p-4,  0x1.e1bb9a020da1fp-5,
     -0x1.ae5e3f805b0eep-5, 0x1.82da34bb39a86p-5,  -0x1.59a26c75c724fp-5,  0x1.2c2b52173b325p-5,
     -0x1.e9f0d9413f062p-6, 0x1.6831f1c5407b2p-6,  -0x1.c77c239967661p-7,  0x1.d79e41a01ec49p-8,
     -0x1.7a1ec56f25e66p-9, 0x1.b3d5f8c7d1f0cp-11, -0x1.3f173cc86b57cp-13, 0x1.bbbd102468e85p-17}};

// (asin(x) - x) / x^3 in z = x^2; errors relative to asin(x)
template <class T>
inline constexpr int asin_tail = 0;
// z in [0.0, 0.25]: error 2^-31.8, with rounded coefficients 2^-30.2
template <>
inline constexpr Polynomial<float, 6> asin_tail<float>{{0x1.55554c0000000p-3f, 0x1.33387c0000000p-4f,
                                                        0x1.6caf000000000p-5f, 0x1.04904a0000000p-5f,
                                                        0x1.d931120000000p-7f, 0x1.33509c0000000p-5f}};
// z in [0.0, 0.25]: error 2^-59.9, with rounded coefficients 2^-59.2
template <>
inline constexpr Polynomial<double, 13> asin_tail<double>{
    {0x1.5555555555577p-3, 0x1.333333332e0fcp-4, 0x1.6db6db721458ap-5, 0x1.f1c71a9459a3ep-6,
     0x1.6e8bdeee9799cp-6, 0x1.1c49ef7d00c4ep-6, 0x1.ca1f9ff3f6098p-7, 0x1.7585022b8f66fp-7,
     0x1.613f3a9b8bc0dp-7, 0x1.e5d0a1319edd1p-9, 0x1.63a6bf2787c4ep-6, -0x1.580af24dc4e93p-6,
     0x1.0b4aa60b8b4f1p-5}};

// (sinh(x) - x) / x^3 in z = x^2; errors relative to sinh(x)
template <class T>
inline constexpr int sinh_tail = 0;
// z in [0.0, 1.0]: error 2^-34.2, with rounded coefficients 2^-27.5
template <>
inline constexpr Polynomial<float, 4> sinh_tail<float>{
    {0x1.5555560000000p-3f, 0x1.1111340000000p-7f, 0x1.9ffe940000000p-13f, 0x1.7a15aa0000000p-19f}};
// z in [0.0, 1.0]: error 2^-63.3, with rounded coefficients 2^-56.6
template <>
inline constexpr Polynomial<double, 7> sinh_tail<double>{
    {0x1.5555555555556p-3, 0x1.11111111110a6p-7, 0x1.a01a01a028922p-13, 0x1.71de3a4660246p-19,
     0x1.ae646717d5c49p-26, 0x1.611a5724ea4e3p-33, 0x1.b4c71a6c13fcbp-41}};

// (tanh(x) - x) / x^3 in z = x^2; errors relative to tanh(x)
template <class T>
inline constexpr int tanh_tail = 0;
// z in [0.0, 0.3026]: error 2^-29.8, with rounded coefficients 2^-27.6
template <>
inline constexpr Polynomial<float, 5> tanh_tail<float>{{-0x1.55554a0000000p-2f, 0x1.110d260000000p-3f,
                                                        -0x1.b928520000000p-5f, 0x1.593b700000000p-6f,
                                                        -0x1.9b25ea0000000p-8f}};
// z in [0.0, 0.3026]: error 2^-60.6, with rounded coefficients 2^-60.0
template <>
inline constexpr Polynomial<double, 11> tanh_tail<double>{
    {-0x1.555555555554fp-2, 0x1.1111111110797p-3, -0x1.ba1ba1b97d185p-5, 0x1.664f485956d2fp-6,
     -0x1.226e2f1117067p-7, 0x1.d6d29b0a6330dp-9, -0x1.7d8fcc6dc96dcp-10, 0x1.3483716b38cd0p-11,
     -0x1.e96d483563909p-13, 0x1.5d6d0a0251521p-14, -0x1.46fe8e18f81a9p-16}};

// m^(-1/3), as first value of an iteration; relative errors
template <class T>
inline constexpr int inverse_cbrt_start = 0;
// m in [1.0, 2.0]: error 2^-9.1, with rounded coefficients 2^-9.1
template <>
inline constexpr Polynomial<float, 3> inverse_cbrt_start<float>{
    {0x1.6360600000000p+0f, -0x1.eef0d00000000p-2f, 0x1.7e8d120000000p-4f}};
// m in [1.0, 2.0]: error 2^-17.4, with rounded coefficients 2^-17.4
template <>
inline constexpr Polynomial<double, 6> inverse_cbrt_start<double>{
    {0x1.c7f3658899565p+0, -0x1.90e7476832f4bp+0, 0x1.3e68c97eb7b7ep+0, -0x1.321c7f403156dp-1,
     0x1.3fa2a3e5d329fp-3, -0x1.16d73dcdbb103p-6}};

// log2(1 + f) / f; relative errors
template <class T>
inline constexpr int fast_log2 = 0;
// f in [-0.2929, 0.41422]: error 2^-24.6, with rounded coefficients 2^-23.8
template <>
inline constexpr Polynomial<float, 9> fast_log2<float>{
    {0x1.7154760000000p+0f, -0x1.7154700000000p-1f, 0x1.ec73da0000000p-2f, -0x1.715c4c0000000p-2f,
     0x1.26d32e0000000p-2f, -0x1.e95be20000000p-3f, 0x1.b9cf700000000p-3f, -0x1.a8800a0000000p-3f,
     0x1.01aa580000000p-3f}};

}  // namespace heddle::device_maths
