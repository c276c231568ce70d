// Comparisons, classification, minimum and maximum of one value of the 16-bit type H: a base class template,
// whose friends are compiled only when they are called. The plain comparisons are false where an operand is
// NaN, those ending in u true.
#pragma once

template <class H>
struct __heddle_comparisons {
#define __HEDDLE_COMPARE(name, operation)                                                              \
    __HEDDLE_FRIEND bool __h##name(H a, H b) { return a.__value() operation b.__value(); }             \
    __HEDDLE_FRIEND bool __h##name##u(H a, H b) {                                                      \
        return a.__value() operation b.__value() || __builtin_isunordered(a.__single(), b.__single()); \
    }
    __HEDDLE_COMPARE(eq, ==)
    __HEDDLE_COMPARE(lt, <)
    __HEDDLE_COMPARE(le, <=)
    __HEDDLE_COMPARE(gt, >)
    __HEDDLE_COMPARE(ge, >=)
#undef __HEDDLE_COMPARE
    __HEDDLE_FRIEND bool __hne(H a, H b) { return a.__value() < b.__value() || a.__value() > b.__value(); }
    __HEDDLE_FRIEND bool __hneu(H a, H b) { return a.__value() != b.__value(); }

    __HEDDLE_FRIEND bool operator==(const H& a, const H& b) { return __heq(a, b); }
    __HEDDLE_FRIEND bool operator!=(const H& a, const H& b) { return __hneu(a, b); }
    __HEDDLE_FRIEND bool operator<(const H& a, const H& b) { return __hlt(a, b); }
    __HEDDLE_FRIEND bool operator<=(const H& a, const H& b) { return __hle(a, b); }
    __HEDDLE_FRIEND bool operator>(const H& a, const H& b) { return __hgt(a, b); }
    __HEDDLE_FRIEND bool operator>=(const H& a, const H& b) { return __hge(a, b); }

    __HEDDLE_FRIEND bool __hisnan(H a) { return (a.__bits() & 0x7fff) > H::__infinity; }
    __HEDDLE_FRIEND int __hisinf(H a) {
        return a.__bits() == H::__infinity ? 1 : a.__bits() == (H::__infinity | 0x8000) ? -1 : 0;
    }

    // Of a number and NaN the number; of two NaNs CUDA's NaN. -0 is less than +0.
    __HEDDLE_FRIEND H __hmin(H a, H b) {
        if (__hisnan(a)) return __hisnan(b) ? H::__of_bits(0x7fff) : b;
        if (a.__value() == b.__value()) return (a.__bits() & 0x8000) ? a : b;
        return a.__value() > b.__value() ? b : a;
    }
    __HEDDLE_FRIEND H __hmax(H a, H b) {
        if (__hisnan(a)) return __hisnan(b) ? H::__of_bits(0x7fff) : b;
        if (a.__value() == b.__value()) return (a.__bits() & 0x8000) ? b : a;
        return a.__value() < b.__value() ? b : a;
    }
    __HEDDLE_FRIEND H __hmin_nan(H a, H b) {
        return __hisnan(a) || __hisnan(b) ? H::__of_bits(0x7fff) : __hmin(a, b);
    }
    __HEDDLE_FRIEND H __hmax_nan(H a, H b) {
        return __hisnan(a) || __hisnan(b) ? H::__of_bits(0x7fff) : __hmax(a, b);
    }
};
