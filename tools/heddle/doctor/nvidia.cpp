// NVIDIA's driver: kernel module, device nodes and user libraries have to be there, and of one version.
#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checks.h"
#include "distribution.h"

namespace heddle::tool::doctor {

namespace {

constexpr const char* version_file = "/proc/driver/nvidia/version";

bool is_version(const std::string& word) {
    return word.find('.') != std::string::npos &&
           word.find_first_not_of("0123456789.") == std::string::npos && word.front() != '.';
}

/// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 ...": the first word of digits and
/// dots.
std::string module_version(const Machine& machine) {
    std::istringstream words(machine.files.line(version_file).value_or(""));
    for (std::string word; words >> word;)
        if (is_version(word)) return word;
    return {};
}

struct Library {
    std::string version, path;
};

std::vector<Library> driver_libraries(const Machine& machine) {
    constexpr std::string_view stem = "libcuda.so.";
    std::vector<Library> found;
    for (const std::string& directory : library_directories(machine)) {
        for (const std::string& name : machine.files.names(directory)) {
            if (!name.starts_with(stem)) continue;
            const std::string version = name.substr(stem.size());
            if (is_version(version)) found.push_back({version, directory + "/" + name});
        }
    }
    return found;
}

void check_libraries(const Machine& machine, const std::string& module, const Container& container,
                     Findings& findings) {
    const std::string message = machine.load("libcuda.so.1");
    const std::vector<Library> libraries = driver_libraries(machine);
    if (!message.empty()) {
        Finding finding{Level::problem,
                        "nvidia",
                        "NVIDIA's user library libcuda.so.1 cannot be loaded",
                        message,
                        install_command(machine, Part::nvidia_library),
                        {"dlopen(\"libcuda.so.1\")"}};
        if (!container.kind.empty()) {
            finding.why +=
                "; a container gets it from NVIDIA's container toolkit, with "
                "NVIDIA_DRIVER_CAPABILITIES=compute,utility";
            finding.command = container_command(container, Vendor::nvidia);
            finding.evidence.push_back(container.evidence);
        }
        findings.push_back(std::move(finding));
        return;
    }
    if (module.empty() || libraries.empty()) return;
    const bool is_matched = std::any_of(libraries.begin(), libraries.end(),
                                        [&](const Library& library) { return library.version == module; });
    const Library& library = libraries.front();
    if (is_matched) {
        findings.push_back({Level::ok,
                            "nvidia",
                            "NVIDIA's module and library are both of version " + module,
                            "",
                            "",
                            {version_file, library.path}});
        return;
    }
    findings.push_back({Level::problem,
                        "nvidia",
                        fmt::format("NVIDIA's kernel module is {}, its library {}", module, library.version),
                        container.kind.empty()
                            ? "the library was updated, and the old module still runs: CUDA refuses to start"
                            : "the container holds a library of its own: it must be the host's",
                        container.kind.empty() ? "sudo reboot" : container_command(container, Vendor::nvidia),
                        {version_file, library.path}});
}

void check_nodes(const Machine& machine, const Container& container, Findings& findings) {
    bool is_missing = false;
    for (const char* path : {"/dev/nvidiactl", "/dev/nvidia-uvm"}) {
        const NodeAccess access = machine.node(path);
        if (access.exists && !access.is_usable) {
            findings.push_back(
                {Level::problem,
                 "nvidia",
                 fmt::format("{} may not be opened", path),
                 fmt::format("it belongs to the group {}; log in again after the command", access.group),
                 fmt::format("sudo usermod -aG {} {}", access.group.empty() ? "video" : access.group,
                             machine.user.empty() ? "$USER" : machine.user),
                 {path}});
        }
        if (access.exists || is_missing) continue;
        is_missing = true;  // one missing node says it all
        Finding finding{Level::problem,
                        "nvidia",
                        fmt::format("{} is not there", path),
                        "the driver is loaded, but its device nodes are not made",
                        "sudo nvidia-modprobe -c 0 -u",
                        {path}};
        if (!container.kind.empty()) {
            finding.why = "this is a container that was not given the GPU";
            finding.command = container_command(container, Vendor::nvidia);
            finding.evidence.push_back(container.evidence);
        }
        findings.push_back(std::move(finding));
    }
}

}  // namespace

Findings check_nvidia(const Machine& machine, const std::vector<Gpu>& gpus) {
    Findings findings;
    const bool is_bound = std::any_of(gpus.begin(), gpus.end(), [](const Gpu& gpu) {
        return gpu.vendor == Vendor::nvidia && gpu.driver == "nvidia";
    });
    const std::string module = module_version(machine);
    // Some sandboxes show the nodes and no PCI bus.
    if (!is_bound && module.empty() && !machine.node("/dev/nvidiactl").exists) return findings;
    const Container container = find_container(machine);
    check_nodes(machine, container, findings);
    check_libraries(machine, module, container, findings);
    const auto capabilities = machine.environment("NVIDIA_DRIVER_CAPABILITIES");
    if (capabilities && !container.kind.empty() && capabilities->find("all") == std::string::npos &&
        capabilities->find("graphics") == std::string::npos)
        findings.push_back({Level::note,
                            "nvidia",
                            "NVIDIA_DRIVER_CAPABILITIES is '" + *capabilities + "', without graphics",
                            "the container has no Vulkan for the GPU",
                            "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all ...",
                            {"NVIDIA_DRIVER_CAPABILITIES"}});
    return findings;
}

}  // namespace heddle::tool::doctor
