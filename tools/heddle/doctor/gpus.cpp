// What is on the PCI bus, which kernel driver has it, and whether this process may open it.
#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "checks.h"
#include "distribution.h"

namespace heddle::tool::doctor {

namespace {

struct VendorName {
    std::string_view number;
    Vendor vendor;
    std::string_view name;
};
// PCI-SIG's numbers of those whose adapters are met.
constexpr std::array vendors = {
    VendorName{"0x10de", Vendor::nvidia, "NVIDIA"},      VendorName{"0x1002", Vendor::amd, "AMD"},
    VendorName{"0x8086", Vendor::intel, "Intel"},        VendorName{"0x1a03", Vendor::other, "ASPEED"},
    VendorName{"0x102b", Vendor::other, "Matrox"},       VendorName{"0x1af4", Vendor::other, "virtio"},
    VendorName{"0x1b36", Vendor::other, "Red Hat"},      VendorName{"0x1234", Vendor::other, "QEMU"},
    VendorName{"0x15ad", Vendor::other, "VMware"},       VendorName{"0x80ee", Vendor::other, "VirtualBox"},
    VendorName{"0x1414", Vendor::other, "Microsoft"},    VendorName{"0x1013", Vendor::other, "Cirrus Logic"},
    VendorName{"0x1ed5", Vendor::other, "Moore Threads"}};

bool is_adapter(std::string_view device_class, std::string_view vendor) {
    // Processing accelerators: AMD's Instinct cards are no display controllers.
    return device_class.starts_with("0x03") || (device_class.starts_with("0x1200") && vendor == "0x1002");
}

std::string title(const Gpu& gpu) {
    return fmt::format("{} GPU {} ({})", gpu.vendor_name, gpu.device, gpu.address);
}

std::vector<std::string> render_nodes(const Machine& machine) {
    std::vector<std::string> nodes;
    for (const std::string& name : machine.files.names("/dev/dri"))
        if (name.starts_with("renderD")) nodes.push_back("/dev/dri/" + name);
    return nodes;
}

std::string group_command(const Machine& machine, const NodeAccess& access) {
    const std::string group = access.group.empty() ? "render" : access.group;
    return fmt::format("sudo usermod -aG {} {}", group, machine.user.empty() ? "$USER" : machine.user);
}

/// Nodes that a driver of AMD or Intel gives, and what is wrong with them.
void check_nodes(const Machine& machine, const Gpu& gpu, Findings& findings) {
    std::vector<std::string> nodes = render_nodes(machine);
    if (nodes.empty()) {
        const Container container = find_container(machine);
        Finding finding{Level::problem,
                        "gpu",
                        title(gpu) + " has no node /dev/dri/renderD*",
                        fmt::format("its driver {} is bound, but nothing can open it", gpu.driver),
                        "",
                        {"/dev/dri"}};
        if (!container.kind.empty()) {
            finding.why = "this is a container that was not given the node";
            finding.command = container_command(container, gpu.vendor);
            finding.evidence.push_back(container.evidence);
        }
        findings.push_back(std::move(finding));
        return;
    }
    if (gpu.vendor == Vendor::amd && machine.node("/dev/kfd").exists) nodes.emplace_back("/dev/kfd");
    bool is_fine = true;
    for (const std::string& path : nodes) {
        const NodeAccess access = machine.node(path);
        if (!access.exists || access.is_usable) continue;
        is_fine = false;
        findings.push_back({Level::problem,
                            "gpu",
                            fmt::format("{} may not be opened", path),
                            fmt::format("the user {} is not in the group {}; log in again after the command",
                                        machine.user, access.group),
                            group_command(machine, access),
                            {path}});
    }
    if (is_fine)
        findings.push_back({Level::ok,
                            "gpu",
                            fmt::format("{}: driver {}", title(gpu), gpu.driver),
                            "",
                            "",
                            {"/sys/bus/pci/devices/" + gpu.address + "/driver", nodes.front()}});
}

void check_driver(const Machine& machine, const Gpu& gpu, Findings& findings) {
    const std::vector<std::string> evidence = {"/sys/bus/pci/devices/" + gpu.address + "/driver"};
    if (gpu.vendor == Vendor::other) {
        findings.push_back(
            {Level::note,
             "gpu",
             fmt::format("{} display adapter {} ({})", gpu.vendor_name, gpu.device, gpu.address),
             "not known to run kernels",
             "",
             {"/sys/bus/pci/devices/" + gpu.address + "/class"}});
    } else if (gpu.driver == "vfio-pci" || gpu.driver == "pci-stub") {
        findings.push_back({Level::note, "gpu", title(gpu) + " is set aside for virtual machines",
                            "the driver " + gpu.driver + " is bound to it", "", evidence});
    } else if (gpu.driver.empty()) {
        Finding finding{
            Level::problem, "gpu", title(gpu) + " has no driver", "the kernel has bound none to it", "",
            evidence};
        if (gpu.vendor == Vendor::nvidia) {
            const auto kernel = machine.files.line("/proc/sys/kernel/osrelease");
            const std::string list = "/lib/modules/" + kernel.value_or("") + "/modules.dep";
            const auto modules = kernel ? machine.files.text(list) : std::nullopt;
            if (modules && modules->find("/nvidia.ko") != std::string::npos) {
                finding.why = "the module nvidia is installed, but not loaded";
                finding.command = "sudo modprobe nvidia";
                finding.evidence.push_back(list);
            } else {
                finding.command = install_command(machine, Part::nvidia_driver);
            }
        } else {
            finding.command = gpu.vendor == Vendor::amd ? "sudo modprobe amdgpu" : "sudo modprobe i915";
        }
        findings.push_back(std::move(finding));
    } else if (gpu.vendor == Vendor::nvidia) {
        if (gpu.driver == "nouveau") {
            findings.push_back({Level::problem, "gpu", title(gpu) + " is driven by nouveau",
                                "CUDA needs NVIDIA's own driver; reboot after the command",
                                install_command(machine, Part::nvidia_driver), evidence});
        } else {
            findings.push_back(
                {Level::ok, "gpu", fmt::format("{}: driver {}", title(gpu), gpu.driver), "", "", evidence});
        }
    } else {
        check_nodes(machine, gpu, findings);
    }
}

}  // namespace

std::vector<Gpu> find_gpus(const Machine& machine) {
    std::vector<Gpu> gpus;
    for (const std::string& address : machine.files.names("/sys/bus/pci/devices")) {
        const std::string folder = "/sys/bus/pci/devices/" + address;
        const std::string vendor = machine.files.line(folder + "/vendor").value_or("");
        if (!is_adapter(machine.files.line(folder + "/class").value_or(""), vendor)) continue;
        Gpu gpu;
        gpu.address = address;
        gpu.vendor_name = vendor;
        for (const VendorName& known : vendors) {
            if (known.number != vendor) continue;
            gpu.vendor = known.vendor;
            gpu.vendor_name = known.name;
        }
        gpu.device = machine.files.line(folder + "/device").value_or("");
        const std::string driver = machine.files.link(folder + "/driver").value_or("");
        gpu.driver = driver.substr(driver.rfind('/') + 1);
        gpus.push_back(std::move(gpu));
    }
    return gpus;
}

Container find_container(const Machine& machine) {
    if (machine.environment("KUBERNETES_SERVICE_HOST")) return {"kubernetes", "KUBERNETES_SERVICE_HOST"};
    if (machine.files.exists("/run/.containerenv")) return {"podman", "/run/.containerenv"};
    if (machine.files.exists("/.dockerenv")) return {"docker", "/.dockerenv"};
    const std::string groups = machine.files.text("/proc/1/cgroup").value_or("") +
                               machine.files.text("/proc/self/cgroup").value_or("");
    for (const auto& [mark, kind] :
         {std::pair{"kubepods", "kubernetes"}, std::pair{"/docker", "docker"}, std::pair{"/libpod", "podman"},
          std::pair{"/lxc", "container"}, std::pair{"containerd", "container"}})
        if (groups.find(mark) != std::string::npos) return {kind, "/proc/self/cgroup"};
    return {};
}

std::string container_command(const Container& container, Vendor vendor) {
    if (container.kind == "kubernetes")
        return vendor == Vendor::nvidia ? "add to the container: resources: {limits: {nvidia.com/gpu: 1}}"
               : vendor == Vendor::amd  ? "add to the container: resources: {limits: {amd.com/gpu: 1}}"
                                       : "add to the container: resources: {limits: {gpu.intel.com/i915: 1}}";
    const std::string tool = container.kind == "podman" ? "podman" : "docker";
    if (vendor == Vendor::nvidia)
        return tool == "podman" ? "podman run --device nvidia.com/gpu=all ..." : "docker run --gpus all ...";
    return tool + (vendor == Vendor::amd ? " run --device /dev/kfd --device /dev/dri ..."
                                         : " run --device /dev/dri ...");
}

Findings check_gpus(const Machine& machine, const std::vector<Gpu>& gpus) {
    Findings findings;
    for (const Gpu& gpu : gpus) check_driver(machine, gpu, findings);
    if (gpus.empty()) {
        if (machine.node("/dev/dxg").exists)
            findings.push_back({Level::note,
                                "gpu",
                                "Windows lends its GPU to this system",
                                "under WSL no GPU is on the PCI bus",
                                "",
                                {"/dev/dxg"}});
        else
            findings.push_back({Level::note,
                                "gpu",
                                "No GPU is on the PCI bus",
                                "kernels run on the processor",
                                "",
                                {"/sys/bus/pci/devices"}});
    }
    return findings;
}

}  // namespace heddle::tool::doctor
