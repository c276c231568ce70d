// CUDA's name for a part of the run-time API.
#pragma once

#include <heddle/runtime_api.h>
