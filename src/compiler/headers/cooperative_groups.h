// CUDA's cooperative groups: the groups of threads and their partitions. Reductions, scans and copies have
// headers of their own below cooperative_groups/.
#pragma once

#include <heddle/cooperative_groups/groups.h>
#include <heddle/cooperative_groups/partitions.h>
