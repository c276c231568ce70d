// CUDA's name for the types of the run-time API.
#pragma once

#include <heddle/runtime_types.h>
