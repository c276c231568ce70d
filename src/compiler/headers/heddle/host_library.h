// The part of the C library that host code beside kernels uses without an #include, because nvcc includes
// <math.h>, <stdlib.h>, <string.h> and <time.h> by itself: declared here as those headers do, at a small part
// of their cost.
#pragma once

#include <heddle/keywords.h>

#ifndef NULL
#define NULL __null
#endif
#define INFINITY (__builtin_inff())
#define NAN (__builtin_nanf(""))
#define HUGE_VAL (__builtin_huge_val())
#define HUGE_VALF (__builtin_huge_valf())
#define M_E 2.7182818284590452354
#define M_LOG2E 1.4426950408889634074
#define M_LOG10E 0.43429448190325182765
#define M_LN2 0.69314718055994530942
#define M_LN10 2.30258509299404568402
#define M_PI 3.14159265358979323846
#define M_PI_2 1.57079632679489661923
#define M_PI_4 0.78539816339744830962
#define M_1_PI 0.31830988618379067154
#define M_2_PI 0.63661977236758134308
#define M_2_SQRTPI 1.12837916709551257390
#define M_SQRT2 1.41421356237309504880
#define M_SQRT1_2 0.70710678118654752440
#define RAND_MAX 2147483647
#define EXIT_FAILURE 1
#define EXIT_SUCCESS 0

extern "C" {
void* malloc(size_t) noexcept;
void* calloc(size_t, size_t) noexcept;
void* realloc(void*, size_t) noexcept;
void free(void*) noexcept;
void exit(int) noexcept __attribute__((noreturn));
void abort() noexcept __attribute__((noreturn));
int atoi(const char*) noexcept;
long atol(const char*) noexcept;
double atof(const char*) noexcept;
char* getenv(const char*) noexcept;
int rand() noexcept;
void srand(unsigned) noexcept;
int abs(int) noexcept;
long labs(long) noexcept;
void* memcpy(void*, const void*, size_t) noexcept;
void* memmove(void*, const void*, size_t) noexcept;
void* memset(void*, int, size_t) noexcept;
int memcmp(const void*, const void*, size_t) noexcept;
size_t strlen(const char*) noexcept;
int strcmp(const char*, const char*) noexcept;
int strncmp(const char*, const char*, size_t) noexcept;
char* strcpy(char*, const char*) noexcept;
char* strcat(char*, const char*) noexcept;
long clock() noexcept;
long time(long*) noexcept;
}

#define __HEDDLE_HOST_UNARY(name)            \
    extern "C" double name(double) noexcept; \
    extern "C" float name##f(float) noexcept;
#define __HEDDLE_HOST_BINARY(name)                   \
    extern "C" double name(double, double) noexcept; \
    extern "C" float name##f(float, float) noexcept;
__HEDDLE_HOST_UNARY(sin)
__HEDDLE_HOST_UNARY(cos)
__HEDDLE_HOST_UNARY(tan)
__HEDDLE_HOST_UNARY(asin)
__HEDDLE_HOST_UNARY(acos)
__HEDDLE_HOST_UNARY(atan)
__HEDDLE_HOST_UNARY(sinh)
__HEDDLE_HOST_UNARY(cosh)
__HEDDLE_HOST_UNARY(tanh)
__HEDDLE_HOST_UNARY(exp)
__HEDDLE_HOST_UNARY(exp2)
__HEDDLE_HOST_UNARY(log)
__HEDDLE_HOST_UNARY(log2)
__HEDDLE_HOST_UNARY(log10)
__HEDDLE_HOST_UNARY(sqrt)
__HEDDLE_HOST_UNARY(cbrt)
__HEDDLE_HOST_UNARY(fabs)
__HEDDLE_HOST_UNARY(floor)
__HEDDLE_HOST_UNARY(ceil)
__HEDDLE_HOST_UNARY(round)
__HEDDLE_HOST_UNARY(trunc)
__HEDDLE_HOST_UNARY(rint)
__HEDDLE_HOST_UNARY(erf)
__HEDDLE_HOST_UNARY(erfc)
__HEDDLE_HOST_BINARY(pow)
__HEDDLE_HOST_BINARY(atan2)
__HEDDLE_HOST_BINARY(fmod)
__HEDDLE_HOST_BINARY(fmin)
__HEDDLE_HOST_BINARY(fmax)
__HEDDLE_HOST_BINARY(hypot)
#undef __HEDDLE_HOST_BINARY
#undef __HEDDLE_HOST_UNARY
