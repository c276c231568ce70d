// Which distribution this is, and how its package manager installs what is missing.
#pragma once

#include <string>

#include "machine.h"

namespace heddle::tool::doctor {

/// What a machine may lack.
enum class Part {
    vulkan_loader,
    vulkan_software,  ///< Mesa's Vulkan device on the processor
    vulkan_amd,
    vulkan_intel,
    opencl_loader,
    opencl_software,  ///< PoCL
    opencl_intel,
    nvidia_driver,
    nvidia_library,  ///< libcuda.so.1
};

struct Distribution {
    std::string name;     ///< PRETTY_NAME, for people; empty when unknown
    std::string id;       ///< ID
    std::string manager;  ///< "apt", "dnf", "pacman", "zypper", "apk"; empty when unknown
};

/// From /etc/os-release.
Distribution identify_distribution(const Machine& machine);

/// The command that installs the part, as root; empty where none is known.
std::string install_command(const Machine& machine, Part part);

}  // namespace heddle::tool::doctor
