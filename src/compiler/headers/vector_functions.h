// CUDA's name for the vector types and their make_* functions.
#pragma once

#include <heddle/vectors.h>
