// CUDA's name for the collective reductions of cooperative groups.
#pragma once

#include <heddle/cooperative_groups/reduce.h>
