// CUDA's name for the asynchronous copies of cooperative groups.
#pragma once

#include <heddle/cooperative_groups/copy.h>
