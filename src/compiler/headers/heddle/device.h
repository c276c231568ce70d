// Included before every CUDA source file: the device language and what nvcc makes known to host code without
// an #include. heddle/language.h, nearly all of it, may come from a precompiled header.
#pragma once

#include <heddle/language.h>

#include <heddle/host_library.h>
