// Made by scripts/device_maths_coefficients.py: polynomials and split constants of the error and gamma
// functions.
#pragma once

#include "arithmetic.h"

namespace heddle::device_maths {

// 2 / sqrt(pi)
template <class T>
inline constexpr int two_over_root_pi = 0;
template <>
inline constexpr Pair<float> two_over_root_pi<float>{0x1.20dd760000000p+0f, -0x1.f7ac920000000p-25f};
template <>
inline constexpr Pair<double> two_over_root_pi<double>{0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56};

// erf(x) / x - 1 in z = x^2; errors relative to erf(x)
template <class T>
inline constexpr int erf_tail = 0;
// z in [0.0, 1.0]: error 2^-29.6, with rounded coefficients 2^-29.3
template <>
inline constexpr Polynomial<float, 7> erf_tail<float>{
    {0x1.06eba80000000p-3f, -0x1.81273e0000000p-2f, 0x1.ce2cf80000000p-4f, -0x1.b7f9160000000p-6f,
     0x1.5405ee0000000p-8f, -0x1.a3f8820000000p-11f, 0x1.496de00000000p-14f}};
// z in [0.0, 1.0]: error 2^-62.7, with rounded coefficients 2^-56.3
template <>
inline constexpr Polynomial<double, 13> erf_tail<double>{
    {0x1.06eba8214db69p-3, -0x1.812746b0379e6p-2, 0x1.ce2f21a042b21p-4, -0x1.b82ce312849bep-6,
     0x1.565bcd0db0803p-8, -0x1.c02db3d8fbbd7p-11, 0x1.f9a321a2bfc32p-14, -0x1.f4d1df57e52d1p-17,
     0x1.b9def31b6345dp-20, -0x1.5f1d430134c4ep-23, 0x1.f7a491b6e2825p-27, -0x1.386c3e1c9ec46p-30,
     0x1.057d905fea66cp-34}};

// (1 + 2 x) exp(x^2) erfc(x) in t = (x - 4) / (x + 4); relative errors
template <class T>
inline constexpr int erfcx_scaled = 0;
// t in [-0.7778, 1.0]: error 2^-57.9, with rounded coefficients 2^-54.2
template <>
inline constexpr Polynomial<double, 23> erfcx_scaled<double>{
    {0x1.3ba5916e9fd7fp+0,   -0x1.1df1ad154a28dp-3,  0x1.f7f5df66fdb59p-7,   0x1.16ecefcfa5209p-4,
     -0x1.9ddb23c3eac19p-4,  0x1.7fee004e16307p-4,   -0x1.0fb06dfe213eep-4,  0x1.3079edf5f0176p-5,
     -0x1.0962388c9e310p-6,  0x1.49c672b78a555p-8,   -0x1.8d4a933e15bfbp-11, -0x1.a1df4e9330b4fp-13,
     0x1.3bdfc73a8bf99p-13,  -0x1.9953bb1c63432p-16, -0x1.786f814ffe484p-17, 0x1.7eea2fff85fd1p-18,
     0x1.34a275e1ff238p-22,  -0x1.b77c912db2632p-21, 0x1.60b5d92f8760ep-24,  0x1.b855739922924p-24,
     -0x1.89a20b7d2871ap-26, -0x1.42df471d7309ep-27, 0x1.c377cfa483f09p-29}};

// (1/2 + x) exp(x^2) erfc(x) in t = (x - 2) / (x + 2), for all x >= 0; relative errors
template <class T>
inline constexpr int erfcx_scaled_from_zero = 0;
// t in [-1.0, 1.0]: error 2^-26.6, with rounded coefficients 2^-24.8
template <>
inline constexpr Polynomial<float, 12> erfcx_scaled_from_zero<float>{
    {0x1.46e80e0000000p-1f, -0x1.7bf5ce0000000p-5f, -0x1.5408160000000p-4f, 0x1.4ff8ae0000000p-4f,
     -0x1.bc1b800000000p-6f, -0x1.0699140000000p-8f, 0x1.1cc2540000000p-8f, 0x1.3c1b700000000p-11f,
     -0x1.6e2a140000000p-11f, -0x1.6b4a780000000p-13f, 0x1.52201e0000000p-14f, 0x1.f0df800000000p-16f}};

// erfinv(x) / x - 1 in v = -log(1 - x^2) - 2.5; relative errors
template <class T>
inline constexpr int erfinv_central = 0;
// v in [-2.5, 2.5]: error 2^-27.4, with rounded coefficients 2^-25.8
template <>
inline constexpr Polynomial<float, 10> erfinv_central<float>{
    {0x1.00b8ba0000000p-1f, 0x1.f91e8a0000000p-3f, -0x1.11c4ec0000000p-8f, -0x1.4866160000000p-10f,
     0x1.c9e6c60000000p-13f, -0x1.4d15bc0000000p-18f, -0x1.d0c17c0000000p-19f, 0x1.f48c4a0000000p-22f,
     0x1.8f20aa0000000p-26f, -0x1.2e0fac0000000p-27f}};

// The same in v = -log(1 - x^2) - 3.125
template <class T>
inline constexpr int erfinv_middle = 0;
// v in [-3.125, 3.125]: error 2^-55.5, with rounded coefficients 2^-54.4
template <>
inline constexpr Polynomial<double, 24> erfinv_middle<double>{
    {0x1.4eabcf9335d0cp-1,   0x1.ebd80d9b13df7p-3,   -0x1.8b6c33114ee40p-8,  -0x1.8457694834112p-11,
     0x1.879c2a20d6b86p-13,  -0x1.d1d1f7cb07e04p-17, -0x1.6e8a53ee31fa5p-20, 0x1.c6b4f8af2d3d3p-22,
     -0x1.f36ce542aed61p-26, -0x1.1a9eb6f31b477p-28, 0x1.20f4eb2ac8277p-30,  -0x1.dc3dd2d8eaa6ap-35,
     -0x1.c8960d3039d6fp-37, 0x1.72308292afe76p-39,  -0x1.6d8ead73470acp-44, -0x1.683221ef2ab30p-45,
     0x1.db329f7aff8c3p-48,  -0x1.8b608dcd34721p-55, -0x1.2bd9398a711e4p-53, 0x1.22b7fbc9d45b3p-56,
     0x1.51c3a97d3f77dp-60,  -0x1.a6207414c344cp-62, -0x1.30da858094061p-70, 0x1.fe25347d4e7d4p-69}};

// erfinv(x) / s in u = 1 / s, s = sqrt(-log(1 - x^2)); relative errors; the variable less 0.25
template <class T>
inline constexpr int erfinv_tail = 0;
// u in [-0.1535, 0.1975]: error 2^-27.9, with rounded coefficients 2^-25.3
template <>
inline constexpr Polynomial<float, 11> erfinv_tail<float>{
    {0x1.eb7e080000000p-1f, -0x1.95e7e20000000p-3f, 0x1.4896940000000p-4f, 0x1.1b7bde0000000p-1f,
     -0x1.be1c280000000p-1f, 0x1.c340ca0000000p-1f, -0x1.d4ac520000000p+1f, -0x1.36d9760000000p+1f,
     0x1.07eb780000000p+3f, 0x1.1ad0380000000p+7f, -0x1.3c8b120000000p+8f}};
// u in [-0.09, 0.1503]: error 2^-55.5, with rounded coefficients 2^-53.5
template <>
inline constexpr Polynomial<double, 24> erfinv_tail<double>{
    {0x1.eb7e0744d23eap-1,   -0x1.95e7d8ae96558p-3, 0x1.489feee3cd6a6p-4,   0x1.1b73d89f71d76p-1,
     -0x1.bfe746dba81c6p-1,  0x1.cbb57e2243689p-1,  -0x1.91f889ab879b8p+1,  -0x1.1caf2774c7ea7p+2,
     -0x1.e9c57e71888dcp+4,  0x1.0ceeeadb4b926p+8,  0x1.6e325fd7f8e51p+10,  -0x1.262b880b9e2d0p+12,
     -0x1.ff0964fc1ac45p+15, 0x1.305311d1bdb64p+17, 0x1.1767b1aec0ee0p+21,  -0x1.d4022516794c5p+22,
     -0x1.f9f316a06e24cp+25, 0x1.6a494df3b5e08p+28, 0x1.ef76ca0a508d9p+29,  -0x1.79b82232cd1f0p+33,
     0x1.9ccbfe403a690p+33,  0x1.56f15906f8316p+37, -0x1.6bee01c799f57p+39, 0x1.cc1c14d778ca6p+39}};

// The same for s beyond 6.25; the variable less 0.09375
template <class T>
inline constexpr int erfinv_far = 0;
// u in [-0.05775, 0.06635]: error 2^-55.5, with rounded coefficients 2^-54.9
template <>
inline constexpr Polynomial<double, 24> erfinv_far<double>{
    {0x1.faeedd22eae73p-1,   -0x1.50eeeecea2028p-3, -0x1.86b495652a449p-2,  0x1.bff943c42d12bp+0,
     -0x1.3100fc950eed8p+2,  0x1.3d9f2e765bb9cp+4,  -0x1.af4af316b265bp+6,  0x1.49d876752a4fap+9,
     -0x1.12b1ffac86bc3p+12, 0x1.e836d97ac607fp+14, -0x1.c7cd19982f0a3p+17, 0x1.b7b06b4bc989cp+20,
     -0x1.b326f3623697dp+23, 0x1.d7735a6aa3631p+26, -0x1.0dc327d247706p+30, 0x1.7fa12b1e31321p+32,
     -0x1.7975c3d873afdp+33, 0x1.080e7db4dd419p+40, -0x1.509b6bd83442ap+44, 0x1.6ecabbe748f62p+41,
     0x1.1dc76d555b5ccp+51,  0x1.72fe84920e04fp+48, -0x1.02bf860ad59f5p+58, 0x1.55297ef2520bbp+60}};

// sqrt(2 pi)
template <class T>
inline constexpr int root_two_pi = 0;
template <>
inline constexpr Pair<float> root_two_pi<float>{0x1.40d9320000000p+1f, -0x1.3b1f4e0000000p-32f};
template <>
inline constexpr Pair<double> root_two_pi<double>{0x1.40d931ff62706p+1, -0x1.a6a0d6f814637p-53};

// log(2 pi) / 2 - 1/2
template <class T>
inline constexpr int stirling_offset = 0;
template <>
inline constexpr Pair<float> stirling_offset<float>{0x1.acfe3a0000000p-2f, -0x1.e6d0520000000p-27f};
template <>
inline constexpr Pair<double> stirling_offset<double>{0x1.acfe390c97d69p-2, 0x1.3494bc9001442p-56};

// (gamma(2 + z) - 1) / z; errors relative to gamma
template <class T>
inline constexpr int gamma_unit = 0;
// z in [0.0, 1.0]: error 2^-32.6, with rounded coefficients 2^-28.5
template <>
inline constexpr Polynomial<float, 8> gamma_unit<float>{
    {0x1.b0ee620000000p-2f, 0x1.a5b9400000000p-2f, 0x1.4e30080000000p-4f, 0x1.2fc8fe0000000p-4f,
     0x1.047fd60000000p-14f, 0x1.53190a0000000p-7f, -0x1.a062a00000000p-10f, 0x1.a2dcfa0000000p-11f}};
// z in [0.0, 1.0]: error 2^-60.2, with rounded coefficients 2^-57.9
template <>
inline constexpr Polynomial<double, 17> gamma_unit<double>{
    {0x1.b0ee6072093d4p-2, 0x1.a5b978b96bb74p-2, 0x1.4e2399848cf70p-4, 0x1.301fbb0b4cfa6p-4,
     -0x1.17f33b31b2dc3p-12, 0x1.6d7ed982fe60cp-7, -0x1.75e51496a1f35p-9, 0x1.13bb4b6f88752p-9,
     -0x1.e19b61d7f183dp-11, 0x1.ff5953b1698bfp-12, -0x1.ed105d5219402p-13, 0x1.d5d080a55f5e2p-14,
     -0x1.9534fab8b94a6p-15, 0x1.2a60ffa083ea8p-16, -0x1.522082eb7446cp-18, 0x1.fe578dc6f7b8fp-21,
     -0x1.785830920e60bp-24}};

// (gamma(x) / (sqrt(2 pi / x) (x / e)^x) - 1) x in u = 1 / x; errors relative to gamma
template <class T>
inline constexpr int gamma_stirling = 0;
// u in [0.0, 0.2]: error 2^-28.8, with rounded coefficients 2^-28.7
template <>
inline constexpr Polynomial<float, 3> gamma_stirling<float>{
    {0x1.55557e0000000p-4f, 0x1.c6c2880000000p-9f, -0x1.602cee0000000p-9f}};
// u in [0.0, 0.1]: error 2^-57.4, with rounded coefficients 2^-57.3
template <>
inline constexpr Polynomial<double, 8> gamma_stirling<double>{
    {0x1.55555555553d4p-4, 0x1.c71c71cafa476p-9, -0x1.5f726aa03651ep-9, -0x1.e1371d547fde0p-13,
     0x1.9ae44be851075p-11, 0x1.3ca3cedaf88bfp-14, -0x1.55d9005ec65dcp-11, 0x1.2efe293d229c0p-12}};

// lgamma(1 + z) / z; relative errors
template <class T>
inline constexpr int lgamma_one = 0;
// z in [-0.3001, 0.2501]: error 2^-29.7, with rounded coefficients 2^-25.0
template <>
inline constexpr Polynomial<float, 10> lgamma_one<float>{
    {-0x1.2788d00000000p-1f, 0x1.a51a660000000p-1f, -0x1.9a4d420000000p-2f, 0x1.1512160000000p-2f,
     -0x1.a8c9440000000p-3f, 0x1.5bbf860000000p-3f, -0x1.24c3540000000p-3f, 0x1.eb85680000000p-4f,
     -0x1.0716700000000p-3f, 0x1.2d33c80000000p-3f}};
// z in [-0.3001, 0.2501]: error 2^-58.6, with rounded coefficients 2^-54.7
template <>
inline constexpr Polynomial<double, 20> lgamma_one<double>{
    {-0x1.2788cfc6fb619p-1, 0x1.a51a6625307d2p-1, -0x1.9a4d55beab2cdp-2, 0x1.151322ac7de2dp-2,
     -0x1.a8b9c17aa86b2p-3, 0x1.5b40cb0f4d74fp-3, -0x1.2703a1db668f9p-3, 0x1.010b3707d5c72p-3,
     -0x1.c806714eefed3p-4, 0x1.9a01b6d1c85e1p-4, -0x1.748c143de9bdbp-4, 0x1.55718ebb97226p-4,
     -0x1.3b1ef58dfbe5cp-4, 0x1.23f857954fbf0p-4, -0x1.11330f1c23826p-4, 0x1.08dad252d101ep-4,
     -0x1.d89fa72fbb429p-5, 0x1.37e958b8bcda8p-5, -0x1.0c52acc55247fp-4, 0x1.d9eb9054e15b4p-4}};

// lgamma(2 + z) / z; relative errors; the variable less 0.125
template <class T>
inline constexpr int lgamma_two = 0;
// z in [-0.8751, 0.875]: error 2^-28.6, with rounded coefficients 2^-24.4
template <>
inline constexpr Polynomial<float, 12> lgamma_two<float>{
    {0x1.d92b300000000p-2f, 0x1.39e5700000000p-2f, -0x1.edc4e80000000p-5f, 0x1.1b66c20000000p-6f,
     -0x1.7dd4940000000p-8f, 0x1.1851160000000p-9f, -0x1.b5e4420000000p-11f, 0x1.67b76a0000000p-12f,
     -0x1.054b1c0000000p-13f, 0x1.6210320000000p-15f, -0x1.408f6a0000000p-15f, 0x1.63668e0000000p-16f}};
// z in [-0.8751, 0.875]: error 2^-58.4, with rounded coefficients 2^-53.6
template <>
inline constexpr Polynomial<double, 25> lgamma_two<double>{
    {0x1.d92b302b074fbp-2,   0x1.39e570a69df00p-2,  -0x1.edc4caa896a6bp-5,  0x1.1b653d1be8c05p-6,
     -0x1.7de37a38c48c9p-8,  0x1.18b178a46be68p-9,  -0x1.b33ce23660cd4p-11, 0x1.5d92eee9ba001p-12,
     -0x1.1fcd5521b9fcbp-13, 0x1.e287fde1bbc29p-15, -0x1.9a12b36a4fed3p-16, 0x1.603b4a95fb04cp-17,
     -0x1.3125e7b6f7c42p-18, 0x1.0a173220bd883p-19, -0x1.d271488f24c71p-21, 0x1.9d75d85028781p-22,
     -0x1.720ec505c1957p-23, 0x1.376acb169793fp-24, -0x1.ffaf29fa93dc7p-26, 0x1.407baac9de9aap-26,
     -0x1.6aead0f89e8bdp-27, 0x1.2070ad13eece5p-32, 0x1.0d3e9772b377ap-30,  0x1.db730b0fb9074p-30,
     -0x1.1898c09fa5affp-30}};

// (lgamma(x) - (x - 1/2) log(x) + x - log(2 pi) / 2) x in v = 1 / x^2; absolute errors
template <class T>
inline constexpr int lgamma_stirling = 0;
// v in [1.0e-7, 0.015626]: error 2^-33.8, with rounded coefficients 2^-28.5
template <>
inline constexpr Polynomial<float, 3> lgamma_stirling<float>{
    {0x1.5555560000000p-4f, -0x1.6c141c0000000p-9f, 0x1.98f98a0000000p-11f}};
// v in [1.0e-7, 0.015626]: error 2^-54.6, with rounded coefficients 2^-54.5
template <>
inline constexpr Polynomial<double, 6> lgamma_stirling<double>{
    {0x1.5555555555553p-4, -0x1.6c16c16bb844bp-9, 0x1.a019fd449269cp-11, -0x1.380ec8f4f7abcp-11,
     0x1.b6fd8d53b2e2fp-11, -0x1.b161c49b46d35p-10}};

}  // namespace heddle::device_maths
