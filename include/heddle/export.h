/* Marks what the shared library exports. C and C++. */
#ifndef HEDDLE_EXPORT_H
#define HEDDLE_EXPORT_H

#if defined(_WIN32)
#define HEDDLE_API __declspec(dllexport)
#else
#define HEDDLE_API __attribute__((visibility("default")))
#endif

#endif
