// CUDA's name for the run-time API and the device language.
#pragma once

#include <heddle/device.h>
#include <heddle/runtime_api.h>
