// The name that older code includes for the definitions of cuda_bf16.h.
#pragma once
#include <cuda_bf16.h>
