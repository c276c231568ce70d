// CUDA's name for textures and surfaces, whose use Heddle refuses.
#pragma once

#include <heddle/unsupported.h>
