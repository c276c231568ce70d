// Records are JSON. The system's own list of libraries (/etc/ld.so.cache) is among the witnesses: a driver
// that is installed changes it.
#include "probe_record.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>

#include "log.h"

namespace heddle::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view format = "heddle-probe/1";
constexpr std::int64_t first_wait_s = 600, longest_wait_s = 86400;

std::string_view value_of(const DriverVariables& variables, std::string_view name) {
    for (const auto& [key, value] : variables)
        if (key == name) return value;
    return {};
}

std::vector<fs::path> paths_in(std::string_view list) {
    std::vector<fs::path> paths;
    while (!list.empty()) {
        const std::size_t colon = std::min(list.find(':'), list.size());
        if (colon != 0) paths.emplace_back(list.substr(0, colon));
        list.remove_prefix(std::min(colon + 1, list.size()));
    }
    return paths;
}

void add_with_files(std::vector<fs::path>& places, const fs::path& folder) {
    places.push_back(folder);
    std::error_code code;
    for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
        places.push_back(at->path());
}

void add_vulkan(std::vector<fs::path>& places, const DriverVariables& variables) {
    for (const char* const name : {"VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES",
                                   "VK_LAYER_PATH", "VK_ADD_LAYER_PATH", "VK_IMPLICIT_LAYER_PATH"})
        for (const fs::path& path : paths_in(value_of(variables, name))) add_with_files(places, path);
    std::vector<fs::path> roots = {"/etc", "/etc/xdg", "/usr/local/etc", "/usr/local/share", "/usr/share"};
    for (const char* const name : {"XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_DATA_DIRS"})
        for (fs::path& path : paths_in(value_of(variables, name))) roots.push_back(std::move(path));
    if (const fs::path home = value_of(variables, "HOME"); !home.empty()) {
        roots.push_back(home / ".config");
        roots.push_back(home / ".local/share");
    }
    for (const fs::path& root : roots)
        for (const char* const folder : {"icd.d", "implicit_layer.d"})
            add_with_files(places, root / "vulkan" / folder);
}

void add_opencl(std::vector<fs::path>& places, const DriverVariables& variables) {
    add_with_files(places, "/etc/OpenCL/vendors");
    for (const char* const name : {"OCL_ICD_VENDORS", "OCL_ICD_FILENAMES", "OPENCL_VENDOR_PATH"})
        for (const fs::path& path : paths_in(value_of(variables, name)))
            if (path.is_absolute()) add_with_files(places, path);
}

/// Changes when the machine starts anew, and with it perhaps the drivers' part in the kernel.
std::string boot() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Witness Witness::of(fs::path path) {
    struct stat found{};
    Witness witness{std::move(path), 0, -1};
    if (::stat(witness.path.c_str(), &found) == 0) {
        witness.bytes = static_cast<std::uint64_t>(found.st_size);
        witness.modified_ns = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
    }
    return witness;
}

bool Witness::still_holds() const {
    return of(path) == *this;
}

std::string ProbeRecord::text() const {
    nlohmann::json json = {{"format", format}, {"fine", is_fine},      {"reason", reason},
                           {"when_s", when_s}, {"failures", failures}, {"files", nlohmann::json::array()}};
    for (const Witness& witness : witnesses)
        json["files"].push_back({witness.path.string(), witness.bytes, witness.modified_ns});
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<ProbeRecord> ProbeRecord::from(std::string_view text) {
    try {
        const nlohmann::json json = nlohmann::json::parse(text);
        if (json.at("format") != format) return std::nullopt;
        ProbeRecord record;
        record.is_fine = json.at("fine");
        record.reason = json.at("reason");
        record.when_s = json.at("when_s");
        record.failures = json.at("failures");
        for (const nlohmann::json& file : json.at("files"))
            record.witnesses.push_back({fs::path(file.at(0).get<std::string>()), file.at(1), file.at(2)});
        return record;
    } catch (const nlohmann::json::exception& error) {
        log().info("the record of a probe is damaged: {}", error.what());
        return std::nullopt;
    }
}

std::chrono::seconds ProbeRecord::wait() const {
    const unsigned doublings = std::min(failures == 0 ? 0 : failures - 1, 16U);
    return std::chrono::seconds(std::min(first_wait_s << doublings, longest_wait_s));
}

bool ProbeRecord::is_due(std::int64_t now_s) const {
    if (!is_fine && (now_s < when_s || now_s >= when_s + wait().count())) return true;
    return !std::all_of(witnesses.begin(), witnesses.end(),
                        [](const Witness& witness) { return witness.still_holds(); });
}

std::vector<fs::path> driver_places(std::string_view backend, const DriverVariables& variables) {
    const std::string_view library = backend == "cuda"     ? "libcuda.so.1"
                                     : backend == "vulkan" ? "libvulkan.so.1"
                                                           : "libOpenCL.so.1";
    std::vector<fs::path> places = {"/etc/ld.so.cache"};
    for (const fs::path& folder : paths_in(value_of(variables, "LD_LIBRARY_PATH")))
        places.push_back(folder / library);
    for (const char* const folder : {"/lib", "/usr/lib", "/lib64", "/usr/lib64"})
        places.push_back(fs::path(folder) / library);
    if (backend == "vulkan") add_vulkan(places, variables);
    if (backend == "opencl") add_opencl(places, variables);
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
}

Sha256Digest probe_key(std::string_view backend, const DriverVariables& variables, const fs::path& program) {
    std::string text =
        std::string(format) + '\0' + std::string(backend) + '\0' + boot() + '\0' + program.string() + '\0';
    for (const auto& [name, value] : variables) text += name + '=' + value + '\0';
    return sha256(std::as_bytes(std::span(text.data(), text.size())));
}

ProbeRecord record_of(const ProbeOutcome& outcome, const std::vector<fs::path>& places, std::int64_t now_s,
                      const std::optional<ProbeRecord>& earlier) {
    ProbeRecord record;
    record.is_fine = outcome.kind == ProbeOutcome::Kind::answered;
    record.reason = outcome.reason;
    record.when_s = now_s;
    std::vector<fs::path> files = places;
    files.insert(files.end(), outcome.libraries.begin(), outcome.libraries.end());
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    for (fs::path& file : files) record.witnesses.push_back(Witness::of(std::move(file)));
    // Other files are another driver, which starts anew.
    const bool is_again = earlier && !earlier->is_fine && earlier->witnesses == record.witnesses;
    if (!record.is_fine) record.failures = is_again ? earlier->failures + 1 : 1;
    return record;
}

}  // namespace heddle::runtime
