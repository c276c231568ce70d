// CUDA's name for threadIdx, blockIdx, blockDim and gridDim.
#pragma once

#include <heddle/index.h>
