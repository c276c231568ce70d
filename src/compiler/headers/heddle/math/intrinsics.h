// CUDA's fast single-precision intrinsics (`__sinf` ...): each is a heddle.fast.* function that a target may
// answer with its quickest instruction, within the error that CUDA documents.
#pragma once

#define __HEDDLE_FAST(name, function) \
    __HEDDLE_EXTERN float name(float) __asm__("heddle.fast." function ".f32");
__HEDDLE_FAST(__sinf, "sin")
__HEDDLE_FAST(__cosf, "cos")
__HEDDLE_FAST(__tanf, "tan")
__HEDDLE_FAST(__expf, "exp")
__HEDDLE_FAST(__exp10f, "exp10")
__HEDDLE_FAST(__logf, "log")
__HEDDLE_FAST(__log2f, "log2")
__HEDDLE_FAST(__log10f, "log10")
#undef __HEDDLE_FAST
__HEDDLE_EXTERN float __powf(float, float) __asm__("heddle.fast.pow.f32");
__HEDDLE_EXTERN float __fdividef(float, float) __asm__("heddle.fast.div.f32");
__HEDDLE_MATH float fdividef(float x, float y) {
    return x / y;
}
__HEDDLE_MATH double fdivide(double x, double y) {
    return x / y;
}
__HEDDLE_MATH float fdivide(float x, float y) {
    return x / y;
}
__HEDDLE_MATH float __tanhf(float x) {
    return tanhf(x);
}
__HEDDLE_MATH void __sincosf(float x, float* s, float* c) {
    *s = __sinf(x), *c = __cosf(x);
}
// NaN gives 0, as the order of the comparisons says.
__HEDDLE_MATH float __saturatef(float x) {
    return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f;
}
