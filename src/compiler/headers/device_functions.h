// CUDA's name for a part of the device intrinsics; all of them are known without an #include.
#pragma once

#include <heddle/device.h>
