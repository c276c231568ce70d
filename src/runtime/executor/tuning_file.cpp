// Reads and writes the file as a JSON document of schema "heddle-tuning/1".
#include "runtime/executor/tuning_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>

#include <fmt/format.h>
#include <heddle/error.h>
#include <nlohmann/json.hpp>

#include "runtime/environment.h"
#include "runtime/log.h"

namespace heddle::executor {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view schema = "heddle-tuning/1";

Json to_json(const DeviceProfile& profile) {
    return {{"launch_us", profile.launch_us},
            {"upload_us", profile.upload_us},
            {"download_us", profile.download_us},
            {"upload_gb_s", profile.upload_gb_s},
            {"download_gb_s", profile.download_gb_s},
            {"memory_gb_s", profile.memory_gb_s},
            {"arithmetic_gops", profile.arithmetic_gops},
            {"shares_host_memory", profile.shares_host_memory}};
}

double positive(const Json& json, const char* name) {
    const double value = json.at(name).get<double>();
    if (!(value >= 0) || value > 1e15) throw std::out_of_range(name);
    return value;
}

DeviceProfile profile_from(const Json& json) {
    DeviceProfile profile;
    profile.launch_us = positive(json, "launch_us");
    profile.upload_us = positive(json, "upload_us");
    profile.download_us = positive(json, "download_us");
    profile.upload_gb_s = std::max(positive(json, "upload_gb_s"), 1e-6);
    profile.download_gb_s = std::max(positive(json, "download_gb_s"), 1e-6);
    profile.memory_gb_s = std::max(positive(json, "memory_gb_s"), 1e-6);
    profile.arithmetic_gops = std::max(positive(json, "arithmetic_gops"), 1e-6);
    profile.shares_host_memory = json.at("shares_host_memory").get<bool>();
    profile.is_measured = true;
    return profile;
}

Tuning read(const fs::path& path) {
    Tuning tuning;
    std::ifstream file(path);
    if (!file) return tuning;
    try {
        const Json document = Json::parse(file);
        if (document.at("schema") != schema) return tuning;
        for (const auto& [key, profile] : document.at("devices").items())
            tuning.profiles.emplace(key, profile_from(profile));
        for (const auto& [operation, devices] : document.at("operations").items())
            for (const auto& [device, samples] : devices.items())
                for (const Json& sample : samples)
                    tuning.timings.push_back(
                        {operation,
                         device,
                         {sample.at(0).get<double>(), sample.at(1).get<double>(), sample.at(2).get<double>(),
                          sample.at(3).get<double>(), sample.at(4).get<unsigned>()}});
    } catch (const std::exception& error) {
        runtime::log().warn("{} is not used: {}", path.string(), error.what());
        return {};
    }
    return tuning;
}

/// Held while the file is replaced, so that two processes do not lose each other's measurements.
class FileLock {
  public:
    explicit FileLock(const fs::path& path) : file_(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
        if (file_ >= 0) flock(file_, LOCK_EX);
    }
    ~FileLock() {
        if (file_ >= 0) close(file_);
    }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

  private:
    int file_;
};

}  // namespace

fs::path tuning_path() {
    const fs::path directory = environment::cache_directory();
    return directory.empty() ? fs::path() : directory / "tuning.json";
}

Tuning load_tuning() {
    const fs::path path = tuning_path();
    return path.empty() ? Tuning{} : read(path);
}

void store_tuning(const Tuning& tuning) {
    const fs::path path = tuning_path();
    if (path.empty())
        throw Error(ErrorCode::io, "there is no cache directory (HEDDLE_CACHE_DIR, HOME)",
                    "storing the tuning");
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    const FileLock lock(path.string() + ".lock");
    Tuning all = read(path);
    for (const auto& [key, profile] : tuning.profiles) all.profiles[key] = profile;
    CostModel merged;
    for (const CostModel::Stored& each : all.timings) merged.restore(each);
    for (const CostModel::Stored& each : tuning.timings) merged.restore(each);
    Json document{{"schema", schema}, {"devices", Json::object()}, {"operations", Json::object()}};
    for (const auto& [key, profile] : all.profiles) document["devices"][key] = to_json(profile);
    for (const CostModel::Stored& each : merged.stored())
        document["operations"][each.operation][each.device].push_back(
            {each.sample.threads, each.sample.copied, each.sample.bytes, each.sample.ms, each.sample.count});
    const fs::path temporary = fmt::format("{}.{}", path.string(), getpid());
    {
        std::ofstream file(temporary, std::ios::trunc);
        file << document.dump(1) << '\n';
        if (!file.flush())
            throw Error(ErrorCode::io, temporary.string() + " cannot be written", "storing the tuning");
    }
    fs::rename(temporary, path, error);
    if (error) throw Error(ErrorCode::io, path.string() + ": " + error.message(), "storing the tuning");
}

}  // namespace heddle::executor
