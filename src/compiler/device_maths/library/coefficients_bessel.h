// Made by scripts/device_maths_coefficients.py: polynomials and zeros of the Bessel functions.
#pragma once

#include "arithmetic.h"

namespace heddle::device_maths {

// The zero of j0 near 2.4048
template <class T>
inline constexpr int j0_zero_1 = 0;
template <>
inline constexpr Pair<float> j0_zero_1<float>{0x1.33d1520000000p+1f, 0x1.d2e3680000000p-24f};
template <>
inline constexpr Pair<double> j0_zero_1<double>{0x1.33d152e971b40p+1, -0x1.0f539d7da258ep-53};

// The zero of j0 near 5.5201
template <class T>
inline constexpr int j0_zero_2 = 0;
template <>
inline constexpr Pair<float> j0_zero_2<float>{0x1.6148f60000000p+2f, -0x1.34f46e0000000p-24f};
template <>
inline constexpr Pair<double> j0_zero_2<double>{0x1.6148f5b2c2e45p+2, 0x1.75054cd60a517p-54};

// The zero of j1 near 3.8317
template <class T>
inline constexpr int j1_zero_1 = 0;
template <>
inline constexpr Pair<float> j1_zero_1<float>{0x1.ea75580000000p+1f, -0x1.4a121e0000000p-24f};
template <>
inline constexpr Pair<double> j1_zero_1<double>{0x1.ea75575af6f09p+1, -0x1.60155a9d1b256p-53};

// The zero of j1 near 7.0156
template <class T>
inline constexpr int j1_zero_2 = 0;
template <>
inline constexpr Pair<float> j1_zero_2<float>{0x1.c0ff600000000p+2f, -0x1.8971b60000000p-23f};
template <>
inline constexpr Pair<double> j1_zero_2<double>{0x1.c0ff5f3b47250p+2, -0x1.b226d9d243827p-54};

// The zero of y0 near 0.8936
template <class T>
inline constexpr int y0_zero_1 = 0;
template <>
inline constexpr Pair<float> y0_zero_1<float>{0x1.c982ec0000000p-1f, -0x1.cafa060000000p-27f};
template <>
inline constexpr Pair<double> y0_zero_1<double>{0x1.c982eb8d417eap-1, 0x1.ea9d270347f83p-56};

// The zero of y0 near 3.9577
template <class T>
inline constexpr int y0_zero_2 = 0;
template <>
inline constexpr Pair<float> y0_zero_2<float>{0x1.fa95340000000p+1f, 0x1.b30ad40000000p-24f};
template <>
inline constexpr Pair<double> y0_zero_2<double>{0x1.fa9534d98569cp+1, -0x1.f06ae7804384ep-54};

// The zero of y0 near 7.0861
template <class T>
inline constexpr int y0_zero_3 = 0;
template <>
inline constexpr Pair<float> y0_zero_3<float>{0x1.c581dc0000000p+2f, 0x1.39c8400000000p-24f};
template <>
inline constexpr Pair<double> y0_zero_3<double>{0x1.c581dc4e72103p+2, -0x1.9774a495f56cfp-54};

// The zero of y1 near 2.1971
template <class T>
inline constexpr int y1_zero_1 = 0;
template <>
inline constexpr Pair<float> y1_zero_1<float>{0x1.193bee0000000p+1f, -0x1.6401b80000000p-24f};
template <>
inline constexpr Pair<double> y1_zero_1<double>{0x1.193bed4dff243p+1, -0x1.bd1e50d219bfdp-55};

// The zero of y1 near 5.4297
template <class T>
inline constexpr int y1_zero_2 = 0;
template <>
inline constexpr Pair<float> y1_zero_2<float>{0x1.5b7fe40000000p+2f, 0x1.d0f6060000000p-23f};
template <>
inline constexpr Pair<double> y1_zero_2<double>{0x1.5b7fe4e87b02ep+2, 0x1.dfe7bac228e8cp-52};

// Its logarithm, for y0_zero_1
template <class T>
inline constexpr int log_y0_zero_1 = 0;
template <>
inline constexpr Pair<float> log_y0_zero_1<float>{-0x1.cce4b80000000p-4f, 0x1.8321fc0000000p-29f};
template <>
inline constexpr Pair<double> log_y0_zero_1<double>{-0x1.cce4b73e6f025p-4, -0x1.4297c34fad727p-58};

// Its logarithm, for y1_zero_1
template <class T>
inline constexpr int log_y1_zero_1 = 0;
template <>
inline constexpr Pair<float> log_y1_zero_1<float>{0x1.9306420000000p-1f, -0x1.6779700000000p-33f};
template <>
inline constexpr Pair<double> log_y1_zero_1<double>{0x1.930641fe98869p-1, -0x1.86dff1066eceap-58};

// j0(x) / (x^2 - zero^2) in v = x^2; relative errors; the variable less 8
template <class T>
inline constexpr int j0_first = 0;
// v in [-8.0, 8.0]: error 2^-28.4, with rounded coefficients 2^-22.4
template <>
inline constexpr Polynomial<float, 7> j0_first<float>{
    {-0x1.6b29480000000p-4f, 0x1.08d9040000000p-7f, -0x1.17056e0000000p-12f, 0x1.33f9960000000p-18f,
     -0x1.a4b68a0000000p-25f, 0x1.888b3a0000000p-32f, -0x1.061d8c0000000p-39f}};
// v in [-8.0, 8.0]: error 2^-62.7, with rounded coefficients 2^-54.4
template <>
inline constexpr Polynomial<double, 12> j0_first<double>{
    {-0x1.6b2948e843e2bp-4, 0x1.08d902d0bf620p-7, -0x1.17057235d9c2bp-12, 0x1.33fa04134f0a7p-18,
     -0x1.a4b2380ccc147p-25, 0x1.87a4ac4405552p-32, -0x1.08c6212623678p-39, 0x1.0fff1f79b5975p-47,
     -0x1.b72e601e8241ap-56, 0x1.1e1438c539fc9p-64, -0x1.33442fe921317p-73, 0x1.134e6f99f05d1p-82}};

// j0(x) / (x - zero) in t = x - 6; relative errors
template <class T>
inline constexpr int j0_second = 0;
// t in [-2.0, 2.0]: error 2^-28.1, with rounded coefficients 2^-23.2
template <>
inline constexpr Polynomial<float, 11> j0_second<float>{
    {0x1.416dca0000000p-2f, -0x1.3d97020000000p-4f, -0x1.63c75e0000000p-5f, 0x1.1561580000000p-7f,
     0x1.bb350a0000000p-10f, -0x1.3077820000000p-12f, -0x1.1033ac0000000p-15f, 0x1.5184b60000000p-18f,
     0x1.91031e0000000p-22f, -0x1.a94c6e0000000p-25f, -0x1.5907fe0000000p-29f}};
// t in [-2.0, 2.0]: error 2^-57.3, with rounded coefficients 2^-51.1
template <>
inline constexpr Polynomial<double, 18> j0_second<double>{
    {0x1.416dc96e57c0ep-2, -0x1.3d97028754e56p-4, -0x1.63c76276a6e5fp-5, 0x1.15618767e6bf1p-7,
     0x1.bb360f4dabbc9p-10, -0x1.307fa1bf6ff75p-12, -0x1.104aed845369cp-15, 0x1.52a757fc3973cp-18,
     0x1.949f15846d553p-22, -0x1.cd44e16bdeeb0p-25, -0x1.950fee1c7ea8ep-29, 0x1.aab8916d547b8p-32,
     0x1.246851b55140dp-36, -0x1.1e6bc1eef0f5cp-39, -0x1.3ec7cdec2666ap-44, 0x1.23f8ba378e0dbp-47,
     0x1.03a51f8311e0ep-52, -0x1.c38855a5a6a39p-56}};

// j1(x) / (x (x^2 - zero^2)) in v = x^2; relative errors; the variable less 14.5
template <class T>
inline constexpr int j1_first = 0;
// v in [-14.5, 14.66]: error 2^-29.6, with rounded coefficients 2^-24.0
template <>
inline constexpr Polynomial<float, 8> j1_first<float>{
    {-0x1.c70c1c0000000p-7f, 0x1.ee87c60000000p-11f, -0x1.a1c0c40000000p-16f, 0x1.81e99c0000000p-22f,
     -0x1.c5e4340000000p-29f, 0x1.73595a0000000p-36f, -0x1.c1d2c80000000p-44f, 0x1.9787f40000000p-52f}};
// v in [-14.5, 14.66]: error 2^-61.4, with rounded coefficients 2^-51.7
template <>
inline constexpr Polynomial<double, 13> j1_first<double>{
    {-0x1.c70c1c649fdadp-7, 0x1.ee87c6a2e4820p-11, -0x1.a1c0c1bec1a7dp-16, 0x1.81e9b0df06471p-22,
     -0x1.c5e5f68c79fa3p-29, 0x1.734cf64ad8cbfp-36, -0x1.bff6656e7fceep-44, 0x1.9f91987c1bbafp-52,
     -0x1.31eae54a088ecp-60, 0x1.6e4e655bcaaacp-69, -0x1.6bdc67a527dcbp-78, 0x1.31145123032f0p-87,
     -0x1.b05300b6617fcp-97}};

// j1(x) / (x - zero) in t = x - 6.75; relative errors
template <class T>
inline constexpr int j1_second = 0;
// t in [-1.35, 1.25]: error 2^-29.0, with rounded coefficients 2^-24.7
template <>
inline constexpr Polynomial<float, 9> j1_second<float>{
    {0x1.35b19a0000000p-2f, 0x1.0a36f80000000p-8f, -0x1.8dbfc20000000p-5f, 0x1.af04b40000000p-11f,
     0x1.23686c0000000p-9f, -0x1.aa27cc0000000p-15f, -0x1.94fb0e0000000p-15f, 0x1.241c9e0000000p-20f,
     0x1.41266c0000000p-21f}};
// t in [-1.35, 1.25]: error 2^-57.9, with rounded coefficients 2^-53.4
template <>
inline constexpr Polynomial<double, 16> j1_second<double>{
    {0x1.35b199b15d40ap-2, 0x1.0a36e873499ebp-8, -0x1.8dbfc419d2c21p-5, 0x1.af08b39db6e57p-11,
     0x1.2368cd5cbd820p-9, -0x1.aab0ee32b424dp-15, -0x1.952a63c47da1cp-15, 0x1.31e546c4de8f9p-20,
     0x1.4acd59dc68a5cp-21, -0x1.e2e6ad8b6e20fp-27, -0x1.648613aad9d01p-28, 0x1.ec7e2b8ab9955p-34,
     0x1.10ff294727d38p-35, -0x1.60faddc495a6ep-41, -0x1.31e0bb4cc96abp-43, 0x1.3a7884febc5e8p-49}};

// (y0(x) - 2/pi j0(x) log(x / zero)) / (x^2 - zero^2) in v = x^2; errors relative to y0; the variable
// less 4.5
template <class T>
inline constexpr int y0_first = 0;
// v in [-4.5, 4.5]: error 2^-27.4, with rounded coefficients 2^-24.0
template <>
inline constexpr Polynomial<float, 6> y0_first<float>{{0x1.e0812c0000000p-4f, -0x1.9178b00000000p-7f,
                                                       0x1.ce032a0000000p-12f, -0x1.1016640000000p-17f,
                                                       0x1.877e020000000p-24f, -0x1.74e4860000000p-31f}};
// v in [-4.5, 4.5]: error 2^-56.4, with rounded coefficients 2^-54.1
template <>
inline constexpr Polynomial<double, 10> y0_first<double>{
    {0x1.e0812c72a76a9p-4, -0x1.9178b1dd77777p-7, 0x1.ce0346eae9cebp-12, -0x1.10142463fffb2p-17,
     0x1.871f595aae930p-24, -0x1.7bb0a10f1df9cp-31, 0x1.09f2911353605p-38, -0x1.19b16f56f9542p-46,
     0x1.d358540400531p-55, -0x1.3587f59e16820p-63}};

// y0(x) / (x - zero) in t = x - 4.25; relative errors
template <class T>
inline constexpr int y0_second = 0;
// t in [-1.25, 1.25]: error 2^-29.4, with rounded coefficients 2^-25.7
template <>
inline constexpr Polynomial<float, 9> y0_second<float>{
    {-0x1.880d000000000p-2f, 0x1.54653a0000000p-4f, 0x1.a5784e0000000p-5f, -0x1.2df26e0000000p-7f,
     -0x1.e19dae0000000p-10f, 0x1.20b4c00000000p-12f, 0x1.5071a40000000p-15f, -0x1.7443760000000p-18f,
     -0x1.027a260000000p-22f}};
// t in [-1.25, 1.25]: error 2^-56.4, with rounded coefficients 2^-53.9
template <>
inline constexpr Polynomial<double, 19> y0_second<double>{
    {-0x1.880cffe3a0941p-2, 0x1.54653b59c9e57p-4, 0x1.a57853aa7589dp-5, -0x1.2df296e9292a9p-7,
     -0x1.e1a13358cea01p-10, 0x1.20c250138b5b2p-12, 0x1.511e31b44d5efp-15, -0x1.77ab0b1ffe1f9p-18,
     -0x1.3863b5b53c892p-22, 0x1.52610ecaed0cep-26, 0x1.6688146b5a7c9p-27, -0x1.034bba5fae496p-29,
     0x1.5849ecc1f371fp-32, -0x1.3cfa7aa7b4492p-34, 0x1.21890948f9fd5p-36, -0x1.d44f6c8b3ea66p-39,
     0x1.9f53a2f6cec1fp-41, -0x1.292231e79f71ep-42, 0x1.0a69fc472164dp-44}};

// y0(x) / (x - zero) in t = x - 6.75; relative errors
template <class T>
inline constexpr int y0_third = 0;
// t in [-1.25, 1.25]: error 2^-29.3, with rounded coefficients 2^-24.0
template <>
inline constexpr Polynomial<float, 9> y0_third<float>{
    {0x1.34eee40000000p-2f, 0x1.858bbc0000000p-7f, -0x1.9860860000000p-5f, 0x1.1ba7c40000000p-12f,
     0x1.3191dc0000000p-9f, -0x1.66a3820000000p-15f, -0x1.a686b00000000p-15f, 0x1.0d5b8e0000000p-20f,
     0x1.4d7fd40000000p-21f}};
// t in [-1.25, 1.25]: error 2^-57.5, with rounded coefficients 2^-54.1
template <>
inline constexpr Polynomial<double, 15> y0_third<double>{
    {0x1.34eee4b2f27c7p-2, 0x1.858bb5a4fa6f8p-7, -0x1.986087c7fc3a4p-5, 0x1.1bae915954d29p-12,
     0x1.31928eb783e8ap-9, -0x1.671ee28d0c0d8p-15, -0x1.a6ce14e6c2898p-15, 0x1.1a6af666809dep-20,
     0x1.596ea9d180fe2p-21, -0x1.df487bdfafd0bp-27, -0x1.6f4ffed954e01p-28, 0x1.d3fc1f6c5815ep-34,
     0x1.1fe2d0794f8aep-35, -0x1.966898b28231bp-41, -0x1.19017bf543b74p-43}};

// (y1(x) - 2/pi j1(x) log(x / zero)) x / (x^2 - zero^2) in v = x^2; errors relative to y1; the variable less
// 8
template <class T>
inline constexpr int y1_first = 0;
// v in [-8.0, 8.0]: error 2^-31.3, with rounded coefficients 2^-24.9
template <>
inline constexpr Polynomial<float, 8> y1_first<float>{
    {0x1.7d2fc00000000p-3f, -0x1.92e6000000000p-12f, -0x1.5de3c20000000p-11f, 0x1.a160620000000p-16f,
     -0x1.c4e4da0000000p-22f, 0x1.26879c0000000p-28f, -0x1.0393d80000000p-35f, 0x1.4a54b40000000p-43f}};
// v in [-8.0, 8.0]: error 2^-58.6, with rounded coefficients 2^-54.1
template <>
inline constexpr Polynomial<double, 12> y1_first<double>{
    {0x1.7d2fc064fa737p-3, -0x1.92e600dff263cp-12, -0x1.5de3bfdf6b0b7p-11, 0x1.a1606356b989cp-16,
     -0x1.c4e5b1e6c07f1p-22, 0x1.26874783e68abp-28, -0x1.02ee4bf438eecp-35, 0x1.4a4ec0ad6d62cp-43,
     -0x1.40a3526b1f34fp-51, 0x1.ea6d4aec8df7dp-60, -0x1.2fa2530d3d4b8p-68, 0x1.3627c20ec5e1cp-77}};

// y1(x) / (x - zero) in t = x - 6; relative errors
template <class T>
inline constexpr int y1_second = 0;
// t in [-2.0, 2.0]: error 2^-27.9, with rounded coefficients 2^-21.8
template <>
inline constexpr Polynomial<float, 11> y1_second<float>{
    {-0x1.3a3a8c0000000p-2f, 0x1.5791520000000p-4f, 0x1.4739ea0000000p-5f, -0x1.155cc00000000p-7f,
     -0x1.94a6720000000p-10f, 0x1.2661c80000000p-12f, 0x1.00425c0000000p-15f, -0x1.4ab6b60000000p-18f,
     -0x1.6f812c0000000p-22f, 0x1.8858e20000000p-25f, 0x1.776d540000000p-29f}};
// t in [-2.0, 2.0]: error 2^-55.9, with rounded coefficients 2^-51.9
template <>
inline constexpr Polynomial<double, 21> y1_second<double>{
    {-0x1.3a3a8cefc7efcp-2,  0x1.579152b2072a2p-4,   0x1.4739eeba02f91p-5,  -0x1.155cf697f3c98p-7,
     -0x1.94a78f4d70365p-10, 0x1.266b1555c6733p-12,  0x1.005abac318486p-15, -0x1.4c0230b186a1ap-18,
     -0x1.72fed3885c32ep-22, 0x1.b0fa15e610e4cp-25,  0x1.a87446c649f5bp-29, -0x1.d36ba8b5f6d80p-32,
     -0x1.1253584574659p-37, 0x1.58e1ef7501abbp-41,  0x1.50ceb477a987cp-42, -0x1.b276616422cb7p-45,
     0x1.d0aba69e8f97ap-48,  -0x1.cbba1d6c82509p-51, 0x1.5799c37689a89p-53, -0x1.0837e7fde3662p-54,
     0x1.4df2d2a50500bp-57}};

// sqrt(pi x / 2 (j0^2 + y0^2)) in v = 1 / x^2
template <class T>
inline constexpr int amplitude_0 = 0;
// v in [1.0e-5, 0.015626]: error 2^-29.2, with rounded coefficients 2^-28.2
template <>
inline constexpr Polynomial<float, 4> amplitude_0<float>{
    {0x1.0000000000000p+0f, -0x1.fff8e00000000p-5f, 0x1.a343500000000p-4f, -0x1.a3f7f80000000p-2f}};
// v in [1.0e-5, 0.015626]: error 2^-55.8, with rounded coefficients 2^-54.6
template <>
inline constexpr Polynomial<double, 12> amplitude_0<double>{
    {0x1.0000000000000p+0, -0x1.fffffffff3c9fp-5, 0x1.a7ffffb386fefp-4, -0x1.15efd0106330fp-1,
     0x1.7641472a76439p+2, -0x1.a9f7f1d879a9cp+6, 0x1.65b8c7f2c91e9p+11, -0x1.788fdcf22ef7ap+16,
     0x1.92bc80cecf4dbp+21, -0x1.623dcaed446d5p+26, 0x1.9fbef7f542b08p+30, -0x1.d1e2765764930p+33}};

// (arg(j0 + i y0) - x + pi / 4) x in v = 1 / x^2
template <class T>
inline constexpr int phase_0 = 0;
// v in [1.0e-5, 0.015626]: error 2^-27.4, with rounded coefficients 2^-27.0
template <>
inline constexpr Polynomial<float, 4> phase_0<float>{
    {-0x1.fffffe0000000p-4f, 0x1.0a9dd20000000p-4f, -0x1.a4884e0000000p-3f, 0x1.23c8940000000p+0f}};
// v in [1.0e-5, 0.015626]: error 2^-52.7, with rounded coefficients 2^-52.7
template <>
inline constexpr Polynomial<double, 12> phase_0<double>{
    {-0x1.ffffffffffff4p-4, 0x1.0aaaaaaa7849dp-4, -0x1.ad3331f620666p-3, 0x1.a35781403a868p+0,
     -0x1.7778eab24a98fp+4, 0x1.0a25d825e3a65p+9, -0x1.0870c1d0046aap+14, 0x1.38c2e8ddb52a0p+19,
     -0x1.67490663fdc55p+24, 0x1.496fefbf99e10p+29, -0x1.8c4775bc8be56p+33, 0x1.c2f6273f0818fp+36}};

// sqrt(pi x / 2 (j1^2 + y1^2)) in v = 1 / x^2
template <class T>
inline constexpr int amplitude_1 = 0;
// v in [1.0e-5, 0.015626]: error 2^-28.8, with rounded coefficients 2^-27.8
template <>
inline constexpr Polynomial<float, 4> amplitude_1<float>{
    {0x1.0000000000000p+0f, 0x1.7ffd920000000p-3f, -0x1.88c9200000000p-3f, 0x1.40bd940000000p-1f}};
// v in [1.0e-5, 0.015626]: error 2^-55.6, with rounded coefficients 2^-54.4
template <>
inline constexpr Polynomial<double, 12> amplitude_1<double>{
    {0x1.0000000000000p+0, 0x1.7ffffffffc8c0p-3, -0x1.8bffffd4c618ap-3, 0x1.9c4fc9d8205c7p-1,
     -0x1.ef498d7d90f50p+2, 0x1.08a2304615c06p+7, -0x1.abf0ce7418b04p+11, 0x1.b87c02f6b8a73p+16,
     -0x1.d149532dbb875p+21, 0x1.96859d3a38bcap+26, -0x1.db4f816336d4cp+30, 0x1.09b719439d032p+34}};

// (arg(j1 + i y1) - x + 3 pi / 4) x in v = 1 / x^2
template <class T>
inline constexpr int phase_1 = 0;
// v in [1.0e-5, 0.015626]: error 2^-27.0, with rounded coefficients 2^-26.0
template <>
inline constexpr Polynomial<float, 4> phase_1<float>{
    {0x1.8000000000000p-2f, -0x1.4ff7580000000p-3f, 0x1.75fc580000000p-2f, -0x1.b4cbfe0000000p+0f}};
// v in [1.0e-5, 0.015626]: error 2^-52.5, with rounded coefficients 2^-52.4
template <>
inline constexpr Polynomial<double, 12> phase_1<double>{
    {0x1.7fffffffffffdp-2, -0x1.4fffffffe3883p-3, 0x1.7bcccc19bcfa0p-2, -0x1.2f47fce8774c4p+1,
     0x1.e9d681805e6c6p+4, -0x1.47b56c107a178p+9, 0x1.3a854beca7d8dp+14, -0x1.6c8e250c05ed4p+19,
     0x1.9e2a320d50f0ep+24, -0x1.7979322e0b86ap+29, 0x1.c4812068d3bb3p+33, -0x1.00ef08e53753ep+37}};

// (i0(x) - 1) / x^2 in v = x^2; errors relative to i0
template <class T>
inline constexpr int i0_near = 0;
// v in [0.0, 64.0]: error 2^-31.7, with rounded coefficients 2^-26.4
template <>
inline constexpr Polynomial<float, 10> i0_near<float>{
    {0x1.0000000000000p-2f, 0x1.0000020000000p-6f, 0x1.c71c400000000p-12f, 0x1.c71ec80000000p-18f,
     0x1.23364c0000000p-24f, 0x1.035b920000000p-31f, 0x1.4df5700000000p-39f, 0x1.6a5f2c0000000p-47f,
     0x1.711cd40000000p-56f, 0x1.3f8b140000000p-63f}};
// v in [0.0, 64.0]: error 2^-59.9, with rounded coefficients 2^-54.3
template <>
inline constexpr Polynomial<double, 15> i0_near<double>{
    {0x1.0000000000000p-2, 0x1.ffffffffffff5p-7, 0x1.c71c71c71c833p-12, 0x1.c71c71c71abecp-18,
     0x1.23456789c421fp-24, 0x1.02e85c06e1605p-31, 0x1.522a441fcf81fp-39, 0x1.522a413d70042p-47,
     0x1.0b3153137cbfcp-55, 0x1.55ff588295e0dp-64, 0x1.69e5b77d9d45ap-73, 0x1.40a882b7a34d7p-82,
     0x1.f28c360febe19p-92, 0x1.10c54ff45492dp-101, 0x1.1c6dd78812c88p-110}};

// (i1(x) / x - 1/2) / x^2 in v = x^2; errors relative to i1
template <class T>
inline constexpr int i1_near = 0;
// v in [0.0, 64.0]: error 2^-28.8, with rounded coefficients 2^-25.7
template <>
inline constexpr Polynomial<float, 9> i1_near<float>{
    {0x1.0000000000000p-4f, 0x1.55553a0000000p-9f, 0x1.c71e8e0000000p-15f, 0x1.6c040c0000000p-21f,
     0x1.850f6a0000000p-28f, 0x1.24043a0000000p-35f, 0x1.6bb55c0000000p-43f, 0x1.96c9a00000000p-52f,
     0x1.9495b40000000p-59f}};
// v in [0.0, 64.0]: error 2^-56.5, with rounded coefficients 2^-54.8
template <>
inline constexpr Polynomial<double, 14> i1_near<double>{
    {0x1.ffffffffffffbp-5, 0x1.55555555555dfp-9, 0x1.c71c71c71b0f6p-15, 0x1.6c16c16c32a7ep-21,
     0x1.845c8a0a5c22fp-28, 0x1.27e4fb9cd4ddap-35, 0x1.522a411890490p-43, 0x1.2c977fdfb054cp-51,
     0x1.ab7efdb109e02p-60, 0x1.f19e5f6675a88p-69, 0x1.e0e736988a45cp-78, 0x1.9586aa1148150p-87,
     0x1.da83db4628389p-97, 0x1.0c93ec6021cebp-105}};

// i0(x) exp(-x) sqrt(x) in u = 1 / x; relative errors; the variable less 0.0625
template <class T>
inline constexpr int i0_far = 0;
// u in [-0.0624, 0.06251]: error 2^-26.8, with rounded coefficients 2^-24.5
template <>
inline constexpr Polynomial<float, 6> i0_far<float>{{0x1.9bd4280000000p-2f, 0x1.b8799e0000000p-5f,
                                                     0x1.1d8a920000000p-5f, 0x1.7488dc0000000p-5f,
                                                     0x1.b7ce4a0000000p-4f, 0x1.8dd1020000000p-2f}};
// u in [-0.0624, 0.06251]: error 2^-55.6, with rounded coefficients 2^-53.8
template <>
inline constexpr Polynomial<double, 24> i0_far<double>{
    {0x1.9bd428ad249a5p-2,   0x1.b87969bb93b68p-5,  0x1.1daa72b5d3295p-5,   0x1.75e5ee723ba6fp-5,
     0x1.8e513befa3330p-4,   0x1.3f49a5b3d3531p-2,  0x1.7d0d4ba48305fp+0,   0x1.51cf3df67dc96p+3,
     0x1.727973d201d48p+6,   0x1.037ea0e621699p+9,  -0x1.d619c61f1f612p+12, -0x1.cc64c124ace59p+17,
     -0x1.5bec4bf572b72p+20, 0x1.02a491ad2d244p+25, 0x1.c605e9e663371p+28,  -0x1.dc061384aab84p+31,
     -0x1.3e50fe3715f7fp+36, 0x1.94fde13afb09fp+38, 0x1.33c6a03b51cd6p+43,  -0x1.287edf1e4bea2p+45,
     -0x1.7693b028c55dfp+49, 0x1.341cadf3c5fd6p+51, 0x1.aa67acd4d4182p+54,  -0x1.3e5d0a7a3a76fp+56}};

// i1(x) exp(-x) sqrt(x) in u = 1 / x; relative errors; the variable less 0.0625
template <class T>
inline constexpr int i1_far = 0;
// u in [-0.0624, 0.06251]: error 2^-26.6, with rounded coefficients 2^-26.4
template <>
inline constexpr Polynomial<float, 6> i1_far<float>{{0x1.8ebe780000000p-2f, -0x1.3f79720000000p-3f,
                                                     -0x1.cba1700000000p-5f, -0x1.f6fe000000000p-5f,
                                                     -0x1.0d9f5e0000000p-3f, -0x1.cfd7660000000p-2f}};
// u in [-0.0624, 0.06251]: error 2^-57.6, with rounded coefficients 2^-55.4
template <>
inline constexpr Polynomial<double, 25> i1_far<double>{
    {0x1.8ebe783a84030p-2,  -0x1.3f796198ee632p-3,  -0x1.cbc54df1e8d59p-5,  -0x1.f89c2305a018cp-5,
     -0x1.ec8e1077e433fp-4, -0x1.7613810cf3b03p-2,  -0x1.ad8d463be6b87p+0,  -0x1.7279725a905d7p+3,
     -0x1.9191f7a52cf84p+6, -0x1.21a49354b0d9dp+9,  0x1.cf057b1badc45p+12,  0x1.e27f0e77430e3p+17,
     0x1.99a385e5ac523p+20, -0x1.075bb58fc6d08p+25, -0x1.0ddaac4b7c175p+29, 0x1.dc5492d4c82f4p+31,
     0x1.a8f4341d2b069p+36, -0x1.97f9a9f8868aep+38, -0x1.004177766cf0dp+44, 0x1.3527b82cba417p+45,
     0x1.c2747c4d3ac53p+50, -0x1.51b09bf6e43b8p+51, -0x1.f6dc377ce5d24p+56, 0x1.6fd5be37ddc7dp+56,
     0x1.071627270e9bdp+62}};

}  // namespace heddle::device_maths
