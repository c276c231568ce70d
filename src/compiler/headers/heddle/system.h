// What a kernel says to the outside: printf, assert, traps, clocks and waiting.
#pragma once

#include <heddle/keywords.h>

extern "C" __attribute__((device)) int vprintf(const char* format, const char* arguments);
// Clang packs the arguments and calls vprintf.
extern "C" __attribute__((device)) int printf(const char* format, ...) __attribute__((format(printf, 1, 2)));

// The C library's assert calls this name. The lane ends; not noreturn, so that control flow keeps its shape.
__HEDDLE_EFFECT void __assert_fail(const char* message, const char* file, unsigned line,
                                   const char* function) __asm__("heddle.assert.fail");
__HEDDLE_EFFECT void __trap() __asm__("heddle.trap");
__HEDDLE_INLINE void __brkpt() {}

__HEDDLE_EFFECT long long clock64() __asm__("heddle.clock64");
__HEDDLE_EFFECT unsigned long long __heddle_globaltimer() __asm__("heddle.globaltimer");
__HEDDLE_EFFECT void __nanosleep(unsigned nanoseconds) __asm__("heddle.nanosleep");
__HEDDLE_INLINE long clock() {
    return (long)clock64();
}
