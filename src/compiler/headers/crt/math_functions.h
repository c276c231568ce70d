// CUDA's name for the mathematical functions of device code.
#pragma once

#include <heddle/device.h>
