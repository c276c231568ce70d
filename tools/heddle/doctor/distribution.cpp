// Reads /etc/os-release (os-release(5)) and knows the names of packages.
#include "distribution.h"

#include <array>
#include <optional>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

namespace heddle::tool::doctor {

namespace {

std::string value_of(const std::string& table, std::string_view key) {
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != '=') continue;
        std::string value(runtime::without_spaces(std::string_view(line).substr(key.size() + 1)));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
            value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        return value;
    }
    return {};
}

struct Family {
    std::string_view id, manager;
};
constexpr std::array families = {Family{"debian", "apt"},
                                 Family{"ubuntu", "apt"},
                                 Family{"fedora", "dnf"},
                                 Family{"rhel", "dnf"},
                                 Family{"centos", "dnf"},
                                 Family{"arch", "pacman"},
                                 Family{"suse", "zypper"},
                                 Family{"opensuse", "zypper"},
                                 Family{"alpine", "apk"},
                                 Family{"opensuse-leap", "zypper"},
                                 Family{"opensuse-tumbleweed", "zypper"}};

/// Package names, in the order apt, dnf, pacman, zypper, apk; empty where there is none.
struct Packages {
    Part part;
    std::array<std::string_view, 5> names;
};
constexpr std::array<std::string_view, 5> managers = {"apt", "dnf", "pacman", "zypper", "apk"};
constexpr std::array<std::string_view, 5> verbs = {"apt install", "dnf install", "pacman -S",
                                                   "zypper install", "apk add"};
constexpr std::array packages = {
    Packages{Part::vulkan_loader,
             {"libvulkan1", "vulkan-loader", "vulkan-icd-loader", "libvulkan1", "vulkan-loader"}},
    Packages{Part::vulkan_software,
             {"mesa-vulkan-drivers", "mesa-vulkan-drivers", "vulkan-swrast", "libvulkan_lvp",
              "mesa-vulkan-swrast"}},
    Packages{Part::vulkan_amd,
             {"mesa-vulkan-drivers", "mesa-vulkan-drivers", "vulkan-radeon", "libvulkan_radeon",
              "mesa-vulkan-ati"}},
    Packages{Part::vulkan_intel,
             {"mesa-vulkan-drivers", "mesa-vulkan-drivers", "vulkan-intel", "libvulkan_intel",
              "mesa-vulkan-intel"}},
    Packages{Part::opencl_loader,
             {"ocl-icd-libopencl1", "ocl-icd", "ocl-icd", "libOpenCL1", "opencl-icd-loader"}},
    Packages{Part::opencl_software, {"pocl-opencl-icd", "pocl", "pocl", "pocl", ""}},
    Packages{Part::opencl_intel,
             {"intel-opencl-icd", "intel-compute-runtime", "intel-compute-runtime", "intel-opencl", ""}},
    Packages{Part::nvidia_driver, {"nvidia-driver", "akmod-nvidia", "nvidia-open", "", ""}},
    Packages{Part::nvidia_library, {"libcuda1", "xorg-x11-drv-nvidia-cuda-libs", "nvidia-utils", "", ""}}};

}  // namespace

Distribution identify_distribution(const Machine& machine) {
    Distribution distribution;
    const auto table = machine.files.text("/etc/os-release");
    if (!table) return distribution;
    distribution.name = value_of(*table, "PRETTY_NAME");
    distribution.id = value_of(*table, "ID");
    std::istringstream names(distribution.id + " " + value_of(*table, "ID_LIKE"));
    for (std::string each; distribution.manager.empty() && names >> each;)
        for (const Family& family : families)
            if (family.id == each) distribution.manager = family.manager;
    return distribution;
}

std::string install_command(const Machine& machine, Part part) {
    const Distribution distribution = identify_distribution(machine);
    if (part == Part::nvidia_driver && distribution.id == "ubuntu") return "sudo ubuntu-drivers install";
    for (std::size_t manager = 0; manager < managers.size(); ++manager) {
        if (managers[manager] != distribution.manager) continue;
        for (const Packages& each : packages)
            if (each.part == part && !each.names[manager].empty())
                return fmt::format("sudo {} {}", verbs[manager], each.names[manager]);
    }
    return {};
}

}  // namespace heddle::tool::doctor
