// The checks of `heddle doctor`. Each takes the machine and gives what it found; none changes anything, none
// throws for what it finds. docs/reference/doctor.md lists them for users.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "finding.h"
#include "machine.h"

namespace heddle::tool::doctor {

enum class Vendor { nvidia, amd, intel, other };

/// A graphics or compute adapter on the PCI bus.
struct Gpu {
    std::string address;  ///< "0000:01:00.0"
    Vendor vendor = Vendor::other;
    std::string vendor_name;  ///< "NVIDIA"; the number when nobody knows it
    std::string device;       ///< its number, "0x2330"
    std::string driver;       ///< the kernel's driver that is bound; empty when none is
};

/// From /sys/bus/pci/devices.
std::vector<Gpu> find_gpus(const Machine& machine);

/// What isolates this process from the machine's devices.
struct Container {
    std::string kind;      ///< "docker", "podman", "kubernetes", "container" (some other); empty: none
    std::string evidence;  ///< file or variable that tells
};
Container find_container(const Machine& machine);
/// How a container of that kind is given the GPUs of a vendor.
std::string container_command(const Container& container, Vendor vendor);

/// GPUs, the kernel drivers bound to them, device nodes and the right to use them.
Findings check_gpus(const Machine& machine, const std::vector<Gpu>& gpus);
/// NVIDIA's kernel module, its nodes, and the user libraries beside it.
Findings check_nvidia(const Machine& machine, const std::vector<Gpu>& gpus);
/// The Vulkan loader, its drivers' manifests and the variables that choose among them.
Findings check_vulkan(const Machine& machine, const std::vector<Gpu>& gpus);
/// The OpenCL loader and the drivers it is told of.
Findings check_opencl(const Machine& machine, const std::vector<Gpu>& gpus);
/// Environment variables that limit what is used.
Findings check_environment(const Machine& machine);
/// Processors and memory that the process may use.
Findings check_limits(const Machine& machine);
/// libheddle-compiler.so and what it needs. `path`: where it is or should be.
Findings check_compiler(const Machine& machine, const std::string& path);
/// The cache's directory; empty when there is no place for one.
Findings check_cache(const Machine& machine, const std::string& directory, bool is_enabled);

/// What `heddle devices --json` says, asked in a process of its own, since a driver may crash or hang.
struct DeviceList {
    nlohmann::json devices = nlohmann::json::array(), unavailable = nlohmann::json::array();
    Findings findings;  ///< about the listing itself
};
DeviceList list_devices(const Machine& machine, std::chrono::seconds limit);
/// Backends that offer nothing, and GPUs that no backend reaches.
Findings check_backends(const Machine& machine, const std::vector<Gpu>& gpus, const DeviceList& list);
/// Runs a small kernel on the device named `id`, in a process of its own, and compares its result.
Finding check_device(const Machine& machine, const std::string& id, std::chrono::seconds limit);

}  // namespace heddle::tool::doctor
