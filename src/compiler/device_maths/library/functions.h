// The functions of the device maths library: heddle_F_T answers Kernel IR's heddle.F.T
// (docs/design/kernel-ir.md).
#pragma once

namespace heddle::device_maths {

extern "C" {
float heddle_sin_f32(float x);
double heddle_sin_f64(double x);
float heddle_cos_f32(float x);
double heddle_cos_f64(double x);
float heddle_tan_f32(float x);
double heddle_tan_f64(double x);
float heddle_asin_f32(float x);
double heddle_asin_f64(double x);
float heddle_acos_f32(float x);
double heddle_acos_f64(double x);
float heddle_atan_f32(float x);
double heddle_atan_f64(double x);
float heddle_sinh_f32(float x);
double heddle_sinh_f64(double x);
float heddle_cosh_f32(float x);
double heddle_cosh_f64(double x);
float heddle_tanh_f32(float x);
double heddle_tanh_f64(double x);
float heddle_asinh_f32(float x);
double heddle_asinh_f64(double x);
float heddle_acosh_f32(float x);
double heddle_acosh_f64(double x);
float heddle_atanh_f32(float x);
double heddle_atanh_f64(double x);
float heddle_sinpi_f32(float x);
double heddle_sinpi_f64(double x);
float heddle_cospi_f32(float x);
double heddle_cospi_f64(double x);
float heddle_tanpi_f32(float x);
double heddle_tanpi_f64(double x);
float heddle_exp_f32(float x);
double heddle_exp_f64(double x);
float heddle_exp2_f32(float x);
double heddle_exp2_f64(double x);
float heddle_exp10_f32(float x);
double heddle_exp10_f64(double x);
float heddle_expm1_f32(float x);
double heddle_expm1_f64(double x);
float heddle_log_f32(float x);
double heddle_log_f64(double x);
float heddle_log2_f32(float x);
double heddle_log2_f64(double x);
float heddle_log10_f32(float x);
double heddle_log10_f64(double x);
float heddle_log1p_f32(float x);
double heddle_log1p_f64(double x);
float heddle_cbrt_f32(float x);
double heddle_cbrt_f64(double x);
float heddle_rcbrt_f32(float x);
double heddle_rcbrt_f64(double x);
float heddle_erf_f32(float x);
double heddle_erf_f64(double x);
float heddle_erfc_f32(float x);
double heddle_erfc_f64(double x);
float heddle_erfinv_f32(float x);
double heddle_erfinv_f64(double x);
float heddle_erfcinv_f32(float x);
double heddle_erfcinv_f64(double x);
float heddle_erfcx_f32(float x);
double heddle_erfcx_f64(double x);
float heddle_normcdf_f32(float x);
double heddle_normcdf_f64(double x);
float heddle_normcdfinv_f32(float x);
double heddle_normcdfinv_f64(double x);
float heddle_tgamma_f32(float x);
double heddle_tgamma_f64(double x);
float heddle_lgamma_f32(float x);
double heddle_lgamma_f64(double x);
float heddle_j0_f32(float x);
double heddle_j0_f64(double x);
float heddle_j1_f32(float x);
double heddle_j1_f64(double x);
float heddle_y0_f32(float x);
double heddle_y0_f64(double x);
float heddle_y1_f32(float x);
double heddle_y1_f64(double x);
float heddle_i0_f32(float x);
double heddle_i0_f64(double x);
float heddle_i1_f32(float x);
double heddle_i1_f64(double x);
float heddle_logb_f32(float x);
double heddle_logb_f64(double x);

float heddle_atan2_f32(float y, float x);
double heddle_atan2_f64(double y, double x);
float heddle_pow_f32(float x, float y);
double heddle_pow_f64(double x, double y);
float heddle_hypot_f32(float x, float y);
double heddle_hypot_f64(double x, double y);
float heddle_rhypot_f32(float x, float y);
double heddle_rhypot_f64(double x, double y);
float heddle_fmod_f32(float x, float y);
double heddle_fmod_f64(double x, double y);
float heddle_remainder_f32(float x, float y);
double heddle_remainder_f64(double x, double y);
float heddle_nextafter_f32(float x, float towards);
double heddle_nextafter_f64(double x, double towards);
float heddle_fdim_f32(float x, float y);
double heddle_fdim_f64(double x, double y);

float heddle_jn_f32(int n, float x);
float heddle_yn_f32(int n, float x);
float heddle_ldexp_f32(float x, int n);
int heddle_ilogb_f32(float x);
double heddle_jn_f64(int n, double x);
double heddle_yn_f64(int n, double x);
double heddle_ldexp_f64(double x, int n);
int heddle_ilogb_f64(double x);

float heddle_fast_sin_f32(float x);
float heddle_fast_cos_f32(float x);
float heddle_fast_tan_f32(float x);
float heddle_fast_exp_f32(float x);
float heddle_fast_exp10_f32(float x);
float heddle_fast_log_f32(float x);
float heddle_fast_log2_f32(float x);
float heddle_fast_log10_f32(float x);
float heddle_fast_pow_f32(float x, float y);
float heddle_fast_div_f32(float x, float y);
}

}  // namespace heddle::device_maths
