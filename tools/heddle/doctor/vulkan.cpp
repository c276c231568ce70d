// Vulkan's loader and the manifests by which it finds drivers, as Khronos's loader documents them
// (LoaderDriverInterface.md).
#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "checks.h"
#include "distribution.h"

namespace heddle::tool::doctor {

namespace {

constexpr const char* loader = "libvulkan.so.1";

void split(const std::string& list, std::vector<std::string>& to) {
    std::istringstream items(list);
    for (std::string item; std::getline(items, item, ':');)
        if (!item.empty()) to.push_back(item);
}

std::vector<std::string> manifest_directories(const Machine& machine) {
    std::vector<std::string> roots;
    const std::string home = machine.variable("HOME");
    const std::string config = machine.variable("XDG_CONFIG_HOME"), data = machine.variable("XDG_DATA_HOME");
    if (!config.empty() || !home.empty()) roots.push_back(config.empty() ? home + "/.config" : config);
    const std::string configs = machine.variable("XDG_CONFIG_DIRS");
    split(configs.empty() ? "/etc/xdg" : configs, roots);
    roots.emplace_back("/etc");
    if (!data.empty() || !home.empty()) roots.push_back(data.empty() ? home + "/.local/share" : data);
    const std::string datas = machine.variable("XDG_DATA_DIRS");
    split(datas.empty() ? "/usr/local/share:/usr/share" : datas, roots);
    std::vector<std::string> directories;
    for (const std::string& root : roots) directories.push_back(root + "/vulkan/icd.d");
    return directories;
}

void add_manifests(const Machine& machine, const std::string& path, std::vector<std::string>& manifests) {
    if (!machine.files.is_directory(path)) {
        manifests.push_back(path);
        return;
    }
    for (const std::string& name : machine.files.names(path))
        if (name.ends_with(".json")) manifests.push_back(path + "/" + name);
}

/// The manifests that the loader reads, and the variable that names them, if one does.
std::vector<std::string> find_manifests(const Machine& machine, std::string& variable) {
    std::vector<std::string> manifests, paths;
    for (const char* name : {"VK_DRIVER_FILES", "VK_ICD_FILENAMES"}) {
        if (machine.variable(name).empty()) continue;
        variable = name;
        split(machine.variable(name), paths);
        break;
    }
    if (variable.empty()) {
        split(machine.variable("VK_ADD_DRIVER_FILES"), paths);
        for (const std::string& directory : manifest_directories(machine))
            if (machine.files.is_directory(directory)) paths.push_back(directory);
    }
    for (const std::string& path : paths) add_manifests(machine, path, manifests);
    return manifests;
}

struct Driver {
    std::string manifest, library;
    bool is_usable = false;
    std::string problem;
};

Driver read_manifest(const Machine& machine, const std::string& path) {
    Driver driver{path, "", false, ""};
    const auto text = machine.files.text(path);
    if (!text) {
        driver.problem = "the file cannot be read";
        return driver;
    }
    const nlohmann::json document = nlohmann::json::parse(*text, nullptr, false);
    if (document.is_object() && document.contains("ICD") && document["ICD"].is_object())
        driver.library = document["ICD"].value("library_path", "");
    if (driver.library.empty()) {
        driver.problem = "it is no manifest of a driver: it has no ICD.library_path";
        return driver;
    }
    if (driver.library.find('/') == std::string::npos) {
        driver.is_usable = find_library(machine, driver.library) || machine.load(driver.library).empty();
    } else {
        const std::filesystem::path library =
            driver.library.front() == '/' ? std::filesystem::path(driver.library)
                                          : std::filesystem::path(path).parent_path() / driver.library;
        driver.is_usable = machine.files.exists(library.lexically_normal().string());
    }
    if (!driver.is_usable)
        driver.problem = fmt::format("the library that it names, {}, is not there", driver.library);
    return driver;
}

bool serves(const Driver& driver, Vendor vendor) {
    const std::string name = std::filesystem::path(driver.manifest).filename().string();
    const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
    if (vendor == Vendor::nvidia) return has("nvidia") || has("nouveau");
    if (vendor == Vendor::amd) return has("radeon") || has("amd");
    return has("intel");
}

/// GPUs that a kernel driver has made ready: those that a driver for Vulkan is worth installing for.
bool has_ready_gpu(const std::vector<Gpu>& gpus, Vendor vendor) {
    return std::any_of(gpus.begin(), gpus.end(), [vendor](const Gpu& gpu) {
        return gpu.vendor == vendor && !gpu.driver.empty() && gpu.driver != "vfio-pci" &&
               gpu.driver != "pci-stub";
    });
}

void check_vendor(const Machine& machine, const std::vector<Gpu>& gpus, const std::vector<Driver>& drivers,
                  Vendor vendor, std::string_view name, Part part, Findings& findings) {
    if (!has_ready_gpu(gpus, vendor)) return;
    if (std::any_of(drivers.begin(), drivers.end(),
                    [vendor](const Driver& driver) { return driver.is_usable && serves(driver, vendor); }))
        return;
    // For NVIDIA's there is CUDA; for the others Vulkan is the way.
    findings.push_back({vendor == Vendor::nvidia ? Level::note : Level::problem, "vulkan",
                        fmt::format("No Vulkan driver for the {} GPU is installed", name),
                        vendor == Vendor::nvidia ? "it comes with NVIDIA's driver; CUDA does not need it"
                                                 : "Vulkan is how Heddle reaches this GPU",
                        install_command(machine, part), manifest_directories(machine)});
}

void check_variables(const Machine& machine, Findings& findings) {
    for (const char* name : {"VK_LOADER_DRIVERS_DISABLE", "VK_LOADER_DRIVERS_SELECT"}) {
        const std::string value = machine.variable(name);
        if (!value.empty())
            findings.push_back({Level::note,
                                "vulkan",
                                fmt::format("{}={} hides Vulkan drivers", name, value),
                                "the loader passes over what it names",
                                fmt::format("unset {}", name),
                                {name}});
    }
}

}  // namespace

Findings check_vulkan(const Machine& machine, const std::vector<Gpu>& gpus) {
    Findings findings;
    const bool is_needed = has_ready_gpu(gpus, Vendor::amd) || has_ready_gpu(gpus, Vendor::intel);
    const Level missing = is_needed ? Level::problem : Level::note;
    if (const std::string message = machine.load(loader); !message.empty()) {
        findings.push_back({missing,
                            "vulkan",
                            fmt::format("The Vulkan loader {} cannot be loaded", loader),
                            message,
                            install_command(machine, Part::vulkan_loader),
                            {fmt::format("dlopen(\"{}\")", loader)}});
        return findings;
    }
    check_variables(machine, findings);
    std::string variable;
    const std::vector<std::string> manifests = find_manifests(machine, variable);
    if (!variable.empty())
        findings.push_back({Level::note,
                            "vulkan",
                            fmt::format("{}={}", variable, machine.variable(variable)),
                            "only these Vulkan drivers are looked at",
                            fmt::format("unset {}", variable),
                            {variable}});
    std::vector<Driver> drivers;
    for (const std::string& path : manifests) drivers.push_back(read_manifest(machine, path));
    std::vector<std::string> usable;
    for (const Driver& driver : drivers) {
        if (driver.is_usable)
            usable.push_back(driver.manifest);
        else
            findings.push_back(
                {Level::problem,
                 "vulkan",
                 fmt::format("{}: {}", driver.manifest, driver.problem),
                 "the loader passes over this driver: install its package anew, or remove the file",
                 "",
                 {driver.manifest}});
    }
    if (usable.empty()) {
        findings.push_back({missing, "vulkan", "The Vulkan loader has no driver",
                            "without one there is no Vulkan device",
                            install_command(machine, Part::vulkan_software),
                            variable.empty() ? manifest_directories(machine) : std::vector{variable}});
    } else {
        findings.push_back(
            {Level::ok, "vulkan",
             fmt::format("Vulkan: the loader and {} driver{}", usable.size(), usable.size() == 1 ? "" : "s"),
             "", "", usable});
    }
    if (!variable.empty()) return findings;  // what is hidden on purpose is not missing
    check_vendor(machine, gpus, drivers, Vendor::amd, "AMD", Part::vulkan_amd, findings);
    check_vendor(machine, gpus, drivers, Vendor::intel, "Intel", Part::vulkan_intel, findings);
    check_vendor(machine, gpus, drivers, Vendor::nvidia, "NVIDIA", Part::nvidia_driver, findings);
    return findings;
}

}  // namespace heddle::tool::doctor
