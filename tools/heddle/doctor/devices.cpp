// The devices themselves: listed and tried in processes of their own, which a broken driver may take down.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "checks.h"
#include "runtime/sha256.h"

namespace heddle::tool::doctor {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// Deleted with what is in it.
class Folder {
  public:
    Folder() {
        std::error_code code;
        std::string pattern = (fs::temp_directory_path(code) / "heddle-doctor-XXXXXX").string();
        if (!code && ::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

/// How a process of ours ended badly; empty when it gave a document, which is then in `document`.
std::string failure_of(const CommandResult& result, std::chrono::seconds limit, Json& document) {
    if (!result.is_started) return "it could not be started: " + result.errors;
    if (result.is_timed_out) return fmt::format("it did not end within {} seconds", limit.count());
    if (result.signal != 0) return fmt::format("it was ended by signal {}", result.signal);
    document = Json::parse(result.output, nullptr, false);
    if (!document.is_object())
        return fmt::format("it ended with exit code {} and without a report", result.exit_code);
    return {};
}

std::string text_of(const Json& object, const char* key) {
    return object.is_object() && object.contains(key) && object[key].is_string()
               ? object[key].get<std::string>()
               : "";
}

constexpr std::size_t blocks = 16, threads = 64;
constexpr std::uint32_t seed = 7;

/// Arithmetic, shared memory and a barrier.
constexpr std::string_view kernel = R"(extern "C" __global__ void doctor(unsigned* out, unsigned seed) {
    __shared__ unsigned tile[64];
    unsigned value = blockIdx.x * blockDim.x + threadIdx.x + seed;
    for (int k = 0; k < 16; ++k) value = value * 1664525u + 1013904223u;
    tile[threadIdx.x] = value ^ (value >> 16);
    __syncthreads();
    out[blockIdx.x * blockDim.x + threadIdx.x] = tile[63 - threadIdx.x];
}
)";

std::string expected_digest() {
    std::array<std::uint32_t, blocks * threads> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t from = i / threads * threads + (threads - 1 - i % threads);
        std::uint32_t value = static_cast<std::uint32_t>(from) + seed;
        for (int k = 0; k < 16; ++k) value = value * 1664525U + 1013904223U;
        values[i] = value ^ (value >> 16);
    }
    static_assert(std::endian::native == std::endian::little);
    return runtime::sha256_hex(std::as_bytes(std::span(values)));
}

bool is_switched_off(const std::string& reason) {
    return reason.find("HEDDLE_D") != std::string::npos;
}

bool is_ready(const Gpu& gpu) {
    return gpu.vendor != Vendor::other && !gpu.driver.empty() && gpu.driver != "vfio-pci" &&
           gpu.driver != "pci-stub" && gpu.driver != "nouveau";
}

/// What to do about the reason that a backend or a run gave, where that is known.
std::string advice_for(const std::string& reason) {
    const auto has = [&](std::string_view part) { return reason.find(part) != std::string::npos; };
    if (has("too old") || has("UNSUPPORTED_PTX_VERSION") || has("1.2 is needed") || has("2.0 is needed"))
        return "a newer driver is needed";
    if (has("compute capability")) return "this GPU is older than what Heddle makes code for";
    if (has("SYSTEM_DRIVER_MISMATCH")) return "the kernel module and the library are of different versions";
    return {};
}

}  // namespace

DeviceList list_devices(const Machine& machine, std::chrono::seconds limit) {
    DeviceList list;
    const std::vector<std::string> command = {machine.heddle, "devices", "--json"};
    Json document;
    const std::string failure = failure_of(machine.run(command, {}, limit), limit, document);
    if (failure.empty() && text_of(document, "error").empty()) {
        list.devices = document.value("devices", Json::array());
        list.unavailable = document.value("unavailable", Json::array());
        return list;
    }
    if (failure.empty()) {
        list.findings.push_back({Level::problem,
                                 "devices",
                                 "The devices cannot be listed",
                                 text_of(document, "error"),
                                 "",
                                 {"heddle devices --json"}});
        return list;
    }
    // A driver took it down: which one shows when each is asked alone.
    bool is_found = false;
    for (const char* backend : {"cpu", "scalar", "cuda", "vulkan", "opencl"}) {
        Json alone;
        const std::string trouble =
            failure_of(machine.run(command, {{"HEDDLE_DEVICES", backend}}, limit), limit, alone);
        if (trouble.empty()) {
            for (const Json& device : alone.value("devices", Json::array())) list.devices.push_back(device);
            continue;
        }
        is_found = true;
        list.findings.push_back({Level::problem,
                                 "devices",
                                 fmt::format("Listing the devices of {} takes the process down", backend),
                                 trouble,
                                 fmt::format("export HEDDLE_DISABLE={}", backend),
                                 {fmt::format("HEDDLE_DEVICES={} heddle devices --json", backend)}});
    }
    if (!is_found)
        list.findings.push_back({Level::problem,
                                 "devices",
                                 "Listing the devices takes the process down",
                                 failure + "; each backend alone works",
                                 "",
                                 {"heddle devices --json"}});
    return list;
}

Findings check_backends(const Machine& machine, const std::vector<Gpu>& gpus, const DeviceList& list) {
    Findings findings;
    const auto has_gpu = [&](Vendor vendor) {
        return std::any_of(gpus.begin(), gpus.end(),
                           [vendor](const Gpu& gpu) { return gpu.vendor == vendor && is_ready(gpu); });
    };
    bool is_limited = false;
    for (const Json& entry : list.unavailable) {
        const std::string backend = text_of(entry, "backend"), reason = text_of(entry, "reason");
        const std::string advice = advice_for(reason);
        Finding finding{Level::note,
                        "devices",
                        fmt::format("No device through {}", backend),
                        advice.empty() ? reason : reason + ": " + advice,
                        "",
                        {"heddle devices --json"}};
        if (is_switched_off(reason)) {
            is_limited = true;
        } else if ((backend == "cuda" && has_gpu(Vendor::nvidia)) ||
                   (backend == "vulkan" && (has_gpu(Vendor::amd) || has_gpu(Vendor::intel)))) {
            finding.level = Level::problem;
        } else if (backend == "cuda" && std::none_of(gpus.begin(), gpus.end(), [](const Gpu& gpu) {
                       return gpu.vendor == Vendor::nvidia;
                   })) {
            finding.why += "; no NVIDIA GPU is on the PCI bus";
        }
        findings.push_back(std::move(finding));
    }
    const bool is_hidden = is_limited || machine.environment("CUDA_VISIBLE_DEVICES").has_value() ||
                           !machine.variable("HEDDLE_DEVICES").empty() ||
                           !machine.variable("HEDDLE_DISABLE").empty();
    for (const Gpu& gpu : gpus) {
        if (!is_ready(gpu)) continue;
        // A device that does not tell its address may be this one.
        const bool is_reached =
            std::any_of(list.devices.begin(), list.devices.end(), [&](const Json& device) {
                const std::string kind = text_of(device, "kind"), address = text_of(device, "pci");
                return address == gpu.address ||
                       (address.empty() && (kind == "discrete" || kind == "integrated"));
            });
        if (is_reached) continue;
        findings.push_back(
            {is_hidden ? Level::note : Level::problem,
             "devices",
             fmt::format("No backend reaches the {} GPU {} ({})", gpu.vendor_name, gpu.device, gpu.address),
             is_hidden ? "the environment limits what is looked at"
                       : "its kernel driver is there; the findings above say what is missing",
             "",
             {"heddle devices --json", "/sys/bus/pci/devices/" + gpu.address}});
    }
    return findings;
}

Finding check_device(const Machine& machine, const std::string& id, std::chrono::seconds limit) {
    Finding finding{Level::problem, "run", fmt::format("{}: the test kernel failed", id), "", "", {}};
    const Folder folder;
    const fs::path source = folder.path() / "doctor.cu";
    std::ofstream file(source);
    file << kernel;
    file.close();
    if (folder.path().empty() || !file) {
        finding.level = Level::note;
        finding.what = fmt::format("{}: the test kernel was not run", id);
        finding.why = "no temporary file can be written";
        return finding;
    }
    const CommandResult result = machine.run(
        {machine.heddle, "run", source.string(), "--kernel", "doctor", "--grid", std::to_string(blocks),
         "--block", std::to_string(threads), "--arg", fmt::format("zeros:u32:{}", blocks * threads), "--arg",
         std::to_string(seed), "--device", id, "--json"},
        {}, limit);
    finding.evidence = {fmt::format("heddle run doctor.cu --device {}", id)};
    Json document;
    if (const std::string failure = failure_of(result, limit, document); !failure.empty()) {
        finding.why = failure;
        finding.command = fmt::format("export HEDDLE_DISABLE={}", id);
        return finding;
    }
    const Json runs = document.value("runs", Json::array());
    const Json run = runs.empty() ? Json::object() : runs.front();
    std::string error = text_of(run, "error");
    if (error.empty()) error = text_of(document, "error");
    if (!error.empty() || text_of(run, "status") != "ok") {
        const std::string advice = advice_for(error);
        finding.why = advice.empty() ? error : error + ": " + advice;
        return finding;
    }
    const Json outputs = run.value("outputs", Json::object());
    if (text_of(outputs.value("out", Json::object()), "sha256") != expected_digest()) {
        finding.what = fmt::format("{}: the test kernel gave a wrong result", id);
        finding.why = "its driver or the hardware miscalculates: use another device, and report it";
        finding.command = fmt::format("export HEDDLE_DISABLE={}", id);
        return finding;
    }
    finding.level = Level::ok;
    finding.what = fmt::format("{}: the test kernel ran, and its result is right", id);
    return finding;
}

}  // namespace heddle::tool::doctor
