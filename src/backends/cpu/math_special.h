// Special functions that C's library lacks, in long double: accurate to double's last place once rounded.
#pragma once

namespace heddle::cpu {

long double erf_inverse(long double y);          ///< x with erf(x) = y
long double erfc_inverse(long double y);         ///< x with erfc(x) = y
long double erfc_scaled(long double x);          ///< exp(x^2) erfc(x)
long double normal_distribution(long double x);  ///< of the standard normal distribution
long double normal_quantile(long double p);
long double bessel_i0(long double x);  ///< modified, first kind
long double bessel_i1(long double x);
long double sine_of_pi(long double x);  ///< sin(pi x); x has at most 53 significant bits
long double cosine_of_pi(long double x);
long double tangent_of_pi(long double x);

}  // namespace heddle::cpu
