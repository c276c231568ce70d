// What `heddle tune` has measured and executors have learned, on disk: one JSON file, keyed by device and
// driver. A damaged file counts as none.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runtime/executor/cost_model.h"

namespace heddle::executor {

struct Tuning {
    std::map<std::string, DeviceProfile> profiles;  ///< by device_key()
    std::vector<CostModel::Stored> timings;
};

/// Where it stands: tuning.json in the cache directory; empty when there is none.
std::filesystem::path tuning_path();
/// Never throws: a file that is missing, damaged or of another version is an empty Tuning, and a warning.
Tuning load_tuning();
/// Adds to what the file holds, under a lock, by writing another and renaming it. Throws io.
void store_tuning(const Tuning& tuning);

}  // namespace heddle::executor
