// CUDA's name for the declaration specifiers.
#pragma once

#include <heddle/keywords.h>
