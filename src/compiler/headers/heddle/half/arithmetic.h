// Arithmetic on one value of the 16-bit type H: a base class template, whose friends are compiled only when
// they are called. Each result is rounded once; forms named _rn are never contracted into a fused
// multiply-add, _sat clamps to [0, 1] with NaN to 0, _relu takes negatives to 0.
#pragma once

template <class H>
struct __heddle_arithmetic {
    __HEDDLE_FRIEND H __hadd(H a, H b) { return H::__of(a.__value() + b.__value()); }
    __HEDDLE_FRIEND H __hsub(H a, H b) { return H::__of(a.__value() - b.__value()); }
    __HEDDLE_FRIEND H __hmul(H a, H b) { return H::__of(a.__value() * b.__value()); }
    __HEDDLE_FRIEND H __hdiv(H a, H b) { return H::__of(a.__value() / b.__value()); }
    __HEDDLE_FRIEND H __hfma(H a, H b, H c) {
        return H::__of(__heddle_fma(a.__value(), b.__value(), c.__value()));
    }
    __HEDDLE_FRIEND H __hadd_rn(H a, H b) {
#pragma clang fp contract(off)
        return H::__of(a.__value() + b.__value());
    }
    __HEDDLE_FRIEND H __hsub_rn(H a, H b) {
#pragma clang fp contract(off)
        return H::__of(a.__value() - b.__value());
    }
    __HEDDLE_FRIEND H __hmul_rn(H a, H b) {
#pragma clang fp contract(off)
        return H::__of(a.__value() * b.__value());
    }
    __HEDDLE_FRIEND H __hneg(H a) { return H::__of_bits(a.__bits() ^ 0x8000); }
    __HEDDLE_FRIEND H __habs(H a) { return H::__of_bits(a.__bits() & 0x7fff); }

    __HEDDLE_FRIEND H __heddle_saturated(H a) {
        return a.__value() > 0 ? (a.__value() < 1 ? a : H::__of_bits(H::__one)) : H::__of_bits(0);
    }
    __HEDDLE_FRIEND H __heddle_rectified(H a) {
        return a.__value() > 0 ? a : H::__of_bits(a.__value() == a.__value() ? 0 : 0x7fff);
    }
    __HEDDLE_FRIEND H __hadd_sat(H a, H b) { return __heddle_saturated(__hadd(a, b)); }
    __HEDDLE_FRIEND H __hsub_sat(H a, H b) { return __heddle_saturated(__hsub(a, b)); }
    __HEDDLE_FRIEND H __hmul_sat(H a, H b) { return __heddle_saturated(__hmul(a, b)); }
    __HEDDLE_FRIEND H __hfma_sat(H a, H b, H c) { return __heddle_saturated(__hfma(a, b, c)); }
    __HEDDLE_FRIEND H __hfma_relu(H a, H b, H c) { return __heddle_rectified(__hfma(a, b, c)); }

    __HEDDLE_FRIEND H operator+(const H& a, const H& b) { return __hadd(a, b); }
    __HEDDLE_FRIEND H operator-(const H& a, const H& b) { return __hsub(a, b); }
    __HEDDLE_FRIEND H operator*(const H& a, const H& b) { return __hmul(a, b); }
    __HEDDLE_FRIEND H operator/(const H& a, const H& b) { return __hdiv(a, b); }
    __HEDDLE_FRIEND H& operator+=(H& a, const H& b) { return a = __hadd(a, b); }
    __HEDDLE_FRIEND H& operator-=(H& a, const H& b) { return a = __hsub(a, b); }
    __HEDDLE_FRIEND H& operator*=(H& a, const H& b) { return a = __hmul(a, b); }
    __HEDDLE_FRIEND H& operator/=(H& a, const H& b) { return a = __hdiv(a, b); }
    __HEDDLE_FRIEND H operator+(const H& a) { return a; }
    __HEDDLE_FRIEND H operator-(const H& a) { return __hneg(a); }
    __HEDDLE_FRIEND H& operator++(H& a) { return a = __hadd(a, H::__of_bits(H::__one)); }
    __HEDDLE_FRIEND H& operator--(H& a) { return a = __hsub(a, H::__of_bits(H::__one)); }
    __HEDDLE_FRIEND H operator++(H& a, int) {
        const H before = a;
        ++a;
        return before;
    }
    __HEDDLE_FRIEND H operator--(H& a, int) {
        const H before = a;
        --a;
        return before;
    }
};
