// References for mathematical functions, precise beyond double: what the C library has in extended precision,
// and the rest from series and Newton steps in that precision.
#pragma once

namespace heddle::conformance {

using Extended = long double;  ///< 64 bits of mantissa on x86-64, 113 on AArch64

Extended ref_sinpi(Extended x);
Extended ref_cospi(Extended x);
Extended ref_exp10(Extended x);
Extended ref_erfcx(Extended x);
Extended ref_erfinv(Extended y);
Extended ref_erfcinv(Extended y);
Extended ref_normcdf(Extended x);
Extended ref_normcdfinv(Extended p);
Extended ref_lgamma(Extended x);
Extended ref_tgamma(Extended x);
Extended ref_bessel_i0(Extended x);
Extended ref_bessel_i1(Extended x);
/// Bessel functions in quadruple precision where the platform has it: near their zeros 64 bits are too few.
Extended ref_j0(Extended x);
Extended ref_j1(Extended x);
Extended ref_y0(Extended x);
Extended ref_y1(Extended x);
Extended ref_jn(int n, Extended x);
Extended ref_yn(int n, Extended x);

}  // namespace heddle::conformance
