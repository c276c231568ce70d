/* Checks written in C: each gives NULL, or what went wrong. */
#ifndef HEDDLE_TESTS_C_API_TEST_H
#define HEDDLE_TESTS_C_API_TEST_H

#ifdef __cplusplus
extern "C" {
#endif

const char* c_api_check_devices(void);
const char* c_api_check_buffers(void);
/* `has_compiler` becomes 0 when there is no libheddle-compiler.so, and what needs it was left out. */
const char* c_api_check_programs(int* has_compiler);

#ifdef __cplusplus
}
#endif

#endif
