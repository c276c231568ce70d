// CUDA's name for the inclusive and exclusive scans of cooperative groups.
#pragma once

#include <heddle/cooperative_groups/scan.h>
