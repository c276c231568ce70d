// Batches as packages, made where the compiler is and run where it is not: there a device of the CPU computes
// what the others are compared with.
#pragma once

#include <vector>

#include "batch.h"

namespace heddle::fuzz {

/// Compiles the batch for settings.targets into a file of settings.write_packages.
void write_packaged(const Settings& settings, const Batch& batch, Progress& progress);
/// Runs a batch, or what is left of one, from the files of settings.packages.
void run_packaged(const Settings& settings, const Batch& batch, Progress& progress);

/// What the packages of settings.packages hold, in order. Throws heddle::Error (not_found) when there are
/// none.
std::vector<Batch> packaged_batches(const Settings& settings);
/// The dialect stands beside the packages.
void write_dialect(const Settings& settings);
Dialect read_dialect(const Settings& settings);

}  // namespace heddle::fuzz
