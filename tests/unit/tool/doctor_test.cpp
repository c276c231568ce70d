// The checks of `heddle doctor`, over recorded and made-up machines.
#include "heddle/doctor/checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "heddle/doctor/distribution.h"
#include "unit/recorded_files.h"

namespace heddle::tool::doctor {
namespace {

using heddle::testing::RecordedFiles;

/// A machine in which nothing is but what a test puts there.
struct Recorded {
    RecordedFiles tree;
    std::map<std::string, std::string> variables;
    std::map<std::string, NodeAccess> nodes;
    std::set<std::string> libraries;  ///< that can be loaded
    std::function<CommandResult(const std::vector<std::string>&, const Variables&)> answer;

    Machine machine() const {
        Machine made;
        made.files = tree.files();
        made.environment = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            if (found == variables.end()) return std::nullopt;
            return found->second;
        };
        made.node = [this](const std::string& path) {
            const auto found = nodes.find(path);
            return found == nodes.end() ? NodeAccess{} : found->second;
        };
        made.load = [this](const std::string& library) {
            return libraries.contains(library) ? "" : library + ": cannot open shared object file";
        };
        made.run = [this](const std::vector<std::string>& command, const Variables& more,
                          std::chrono::seconds) { return answer ? answer(command, more) : CommandResult{}; };
        made.heddle = "/usr/bin/heddle";
        made.user = "ada";
        return made;
    }
    void add_gpu(const std::string& address, const std::string& vendor, const std::string& driver,
                 const std::string& device_class = "0x030000") {
        const std::string folder = "/sys/bus/pci/devices/" + address;
        tree.add(folder + "/class", device_class + "\n");
        tree.add(folder + "/vendor", vendor + "\n");
        tree.add(folder + "/device", "0x2330\n");
        if (!driver.empty()) tree.add_link(folder + "/driver", "../../../bus/pci/drivers/" + driver);
    }
    void add_system(const std::string& id, const std::string& like = "") {
        tree.add("/etc/os-release",
                 "NAME=\"Some\"\nID=" + id + "\nID_LIKE=\"" + like + "\"\nPRETTY_NAME=\"Some Linux 1\"\n");
    }
    std::vector<Gpu> gpus() const { return find_gpus(machine()); }
};

constexpr const char* module_text =
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024\n"
    "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n";

Recorded nvidia_machine() {
    Recorded recorded;
    recorded.add_system("debian");
    recorded.add_gpu("0000:01:00.0", "0x10de", "nvidia", "0x030200");
    recorded.tree.add("/proc/driver/nvidia/version", module_text);
    recorded.tree.add("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "");
    recorded.tree.add("/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.14", "");
    for (const char* node : {"/dev/nvidiactl", "/dev/nvidia-uvm"})
        recorded.nodes[node] = {true, true, "root"};
    recorded.libraries = {"libcuda.so.1"};
    return recorded;
}

const Finding* find(const Findings& findings, Level level) {
    const auto found = std::find_if(findings.begin(), findings.end(),
                                    [level](const Finding& finding) { return finding.level == level; });
    return found == findings.end() ? nullptr : &*found;
}

/// The only problem; fails the test when there is none or more than one.
Finding problem_of(const Findings& findings) {
    EXPECT_EQ(std::count_if(findings.begin(), findings.end(),
                            [](const Finding& finding) { return finding.level == Level::problem; }),
              1);
    const Finding* const problem = find(findings, Level::problem);
    if (problem == nullptr) return {};
    EXPECT_FALSE(problem->evidence.empty()) << problem->what;
    return *problem;
}

void expect_no_problem(const Findings& findings) {
    const Finding* const problem = find(findings, Level::problem);
    EXPECT_EQ(problem, nullptr) << (problem != nullptr ? problem->what : "");
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(DoctorDistribution, PackageCommands) {
    const auto command = [](const std::string& id, const std::string& like, Part part) {
        Recorded recorded;
        recorded.add_system(id, like);
        return install_command(recorded.machine(), part);
    };
    EXPECT_EQ(command("debian", "", Part::vulkan_loader), "sudo apt install libvulkan1");
    EXPECT_EQ(command("linuxmint", "ubuntu debian", Part::opencl_software),
              "sudo apt install pocl-opencl-icd");
    EXPECT_EQ(command("ubuntu", "debian", Part::nvidia_driver), "sudo ubuntu-drivers install");
    EXPECT_EQ(command("rocky", "rhel centos fedora", Part::vulkan_amd),
              "sudo dnf install mesa-vulkan-drivers");
    EXPECT_EQ(command("manjaro", "arch", Part::vulkan_intel), "sudo pacman -S vulkan-intel");
    EXPECT_EQ(command("opensuse-leap", "suse opensuse", Part::opencl_loader),
              "sudo zypper install libOpenCL1");
    EXPECT_EQ(command("alpine", "", Part::vulkan_loader), "sudo apk add vulkan-loader");
    EXPECT_EQ(command("alpine", "", Part::nvidia_driver), "");
    EXPECT_EQ(command("plan9", "", Part::vulkan_loader), "");
    EXPECT_EQ(install_command(Recorded().machine(), Part::vulkan_loader), "");
}

TEST(DoctorGpus, AreFoundByTheirClass) {
    Recorded recorded;
    recorded.add_gpu("0000:00:1f.3", "0x8086", "snd_hda_intel", "0x040300");
    recorded.add_gpu("0000:01:00.0", "0x10de", "nvidia", "0x030200");
    recorded.add_gpu("0000:02:00.0", "0x1002", "amdgpu", "0x120000");
    recorded.add_gpu("0000:03:00.0", "0x1a03", "ast");
    recorded.add_gpu("0000:04:00.0", "0xbeef", "");
    const auto gpus = recorded.gpus();
    ASSERT_EQ(gpus.size(), 4U);
    EXPECT_EQ(gpus[0].vendor, Vendor::nvidia);
    EXPECT_EQ(gpus[0].driver, "nvidia");
    EXPECT_EQ(gpus[1].vendor_name, "AMD");
    EXPECT_EQ(gpus[2].vendor, Vendor::other);
    EXPECT_EQ(gpus[3].vendor_name, "0xbeef");
    EXPECT_EQ(gpus[3].driver, "");
}

TEST(DoctorGpus, NoGpuIsANote) {
    Recorded recorded;
    expect_no_problem(check_gpus(recorded.machine(), {}));
    EXPECT_TRUE(has(check_gpus(recorded.machine(), {}).front().what, "No GPU"));
    recorded.nodes["/dev/dxg"] = {true, true, ""};
    EXPECT_TRUE(has(check_gpus(recorded.machine(), {}).front().what, "Windows"));
}

TEST(DoctorGpus, NvidiaWithoutItsDriver) {
    Recorded recorded;
    recorded.add_system("debian");
    recorded.add_gpu("0000:01:00.0", "0x10de", "");
    EXPECT_EQ(problem_of(check_gpus(recorded.machine(), recorded.gpus())).command,
              "sudo apt install nvidia-driver");
    recorded.tree.add("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    recorded.tree.add("/lib/modules/6.1.0-18-amd64/modules.dep",
                      "updates/dkms/nvidia.ko: kernel/drivers/x.ko\n");
    EXPECT_EQ(problem_of(check_gpus(recorded.machine(), recorded.gpus())).command, "sudo modprobe nvidia");
    expect_no_problem(check_nvidia(recorded.machine(), recorded.gpus()));
}

TEST(DoctorGpus, OtherDrivers) {
    Recorded nouveau;
    nouveau.add_system("fedora");
    nouveau.add_gpu("0000:01:00.0", "0x10de", "nouveau");
    const Finding problem = problem_of(check_gpus(nouveau.machine(), nouveau.gpus()));
    EXPECT_TRUE(has(problem.what, "nouveau"));
    EXPECT_EQ(problem.command, "sudo dnf install akmod-nvidia");
    Recorded passed;
    passed.add_gpu("0000:01:00.0", "0x10de", "vfio-pci");
    passed.add_gpu("0000:02:00.0", "0x1a03", "ast");
    expect_no_problem(check_gpus(passed.machine(), passed.gpus()));
}

TEST(DoctorGpus, RightsAndNodesOfAmd) {
    Recorded recorded;
    recorded.add_gpu("0000:03:00.0", "0x1002", "amdgpu");
    const Finding missing = problem_of(check_gpus(recorded.machine(), recorded.gpus()));
    EXPECT_TRUE(has(missing.what, "renderD"));
    EXPECT_EQ(missing.command, "");
    recorded.tree.add("/.dockerenv", "");
    EXPECT_EQ(problem_of(check_gpus(recorded.machine(), recorded.gpus())).command,
              "docker run --device /dev/kfd --device /dev/dri ...");
    recorded.tree.add("/dev/dri/renderD128", "");
    recorded.tree.add("/dev/dri/card0", "");
    recorded.nodes["/dev/dri/renderD128"] = {true, true, "render"};
    recorded.nodes["/dev/kfd"] = {true, false, "render"};
    const Finding forbidden = problem_of(check_gpus(recorded.machine(), recorded.gpus()));
    EXPECT_EQ(forbidden.command, "sudo usermod -aG render ada");
    EXPECT_EQ(forbidden.evidence, std::vector<std::string>{"/dev/kfd"});
    recorded.nodes["/dev/kfd"].is_usable = true;
    expect_no_problem(check_gpus(recorded.machine(), recorded.gpus()));
}

TEST(DoctorContainer, Kinds) {
    const auto kind = [](auto prepare) {
        Recorded recorded;
        prepare(recorded);
        return find_container(recorded.machine()).kind;
    };
    EXPECT_EQ(kind([](Recorded&) {}), "");
    EXPECT_EQ(kind([](Recorded& r) { r.tree.add("/.dockerenv", ""); }), "docker");
    EXPECT_EQ(kind([](Recorded& r) { r.tree.add("/run/.containerenv", ""); }), "podman");
    EXPECT_EQ(kind([](Recorded& r) { r.variables["KUBERNETES_SERVICE_HOST"] = "10.0.0.1"; }), "kubernetes");
    EXPECT_EQ(kind([](Recorded& r) { r.tree.add("/proc/self/cgroup", "0::/kubepods/pod1\n"); }),
              "kubernetes");
    EXPECT_EQ(kind([](Recorded& r) { r.tree.add("/proc/self/cgroup", "0::/user.slice\n"); }), "");
    EXPECT_EQ(container_command({"podman", ""}, Vendor::nvidia),
              "podman run --device nvidia.com/gpu=all ...");
    EXPECT_EQ(container_command({"docker", ""}, Vendor::intel), "docker run --device /dev/dri ...");
    EXPECT_TRUE(has(container_command({"kubernetes", ""}, Vendor::nvidia), "nvidia.com/gpu: 1"));
}

TEST(DoctorNvidia, AllIsWell) {
    const Recorded recorded = nvidia_machine();
    const Findings findings = check_nvidia(recorded.machine(), recorded.gpus());
    expect_no_problem(findings);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_TRUE(has(findings[0].what, "550.54.14"));
}

TEST(DoctorNvidia, VersionsThatDiffer) {
    Recorded recorded = nvidia_machine();
    recorded.tree.add("/proc/driver/nvidia/version",
                      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  535.161.07  Release Build\n");
    Finding problem = problem_of(check_nvidia(recorded.machine(), recorded.gpus()));
    EXPECT_TRUE(has(problem.what, "535.161.07")) << problem.what;
    EXPECT_TRUE(has(problem.what, "550.54.14"));
    EXPECT_EQ(problem.command, "sudo reboot");
    recorded.tree.add("/.dockerenv", "");
    EXPECT_EQ(problem_of(check_nvidia(recorded.machine(), recorded.gpus())).command,
              "docker run --gpus all ...");
}

TEST(DoctorNvidia, NodesAndLibraries) {
    Recorded recorded = nvidia_machine();
    recorded.nodes.clear();
    EXPECT_EQ(problem_of(check_nvidia(recorded.machine(), recorded.gpus())).command,
              "sudo nvidia-modprobe -c 0 -u");
    recorded.tree.add("/.dockerenv", "");
    EXPECT_EQ(problem_of(check_nvidia(recorded.machine(), recorded.gpus())).command,
              "docker run --gpus all ...");
    Recorded bare = nvidia_machine();
    bare.libraries.clear();
    EXPECT_EQ(problem_of(check_nvidia(bare.machine(), bare.gpus())).command, "sudo apt install libcuda1");
    Recorded forbidden = nvidia_machine();
    forbidden.nodes["/dev/nvidiactl"] = {true, false, "video"};
    EXPECT_EQ(problem_of(check_nvidia(forbidden.machine(), forbidden.gpus())).command,
              "sudo usermod -aG video ada");
}

TEST(DoctorNvidia, ContainerWithoutGraphics) {
    Recorded recorded = nvidia_machine();
    recorded.tree.add("/.dockerenv", "");
    recorded.variables["NVIDIA_DRIVER_CAPABILITIES"] = "compute,utility";
    const Findings findings = check_nvidia(recorded.machine(), recorded.gpus());
    expect_no_problem(findings);
    ASSERT_NE(find(findings, Level::note), nullptr);
    EXPECT_TRUE(has(find(findings, Level::note)->why, "Vulkan"));
    recorded.variables["NVIDIA_DRIVER_CAPABILITIES"] = "all";
    EXPECT_EQ(find(check_nvidia(recorded.machine(), recorded.gpus()), Level::note), nullptr);
}

constexpr const char* lavapipe = R"({"ICD": {"library_path": "/usr/lib/libvulkan_lvp.so"}})";

TEST(DoctorVulkan, LoaderAndDrivers) {
    Recorded recorded;
    recorded.add_system("debian");
    Findings findings = check_vulkan(recorded.machine(), {});
    expect_no_problem(findings);  // nothing here would use it
    EXPECT_EQ(findings.front().command, "sudo apt install libvulkan1");
    recorded.libraries.insert("libvulkan.so.1");
    findings = check_vulkan(recorded.machine(), {});
    expect_no_problem(findings);
    EXPECT_EQ(findings.front().command, "sudo apt install mesa-vulkan-drivers");
    recorded.tree.add("/usr/share/vulkan/icd.d/lvp_icd.json", lavapipe);
    EXPECT_TRUE(has(problem_of(check_vulkan(recorded.machine(), {})).what,
                    "/usr/lib/libvulkan_lvp.so, is not there"));
    recorded.tree.add("/usr/lib/libvulkan_lvp.so", "");
    findings = check_vulkan(recorded.machine(), {});
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].level, Level::ok);
    recorded.tree.add("/etc/vulkan/icd.d/broken.json", "{");
    EXPECT_TRUE(has(problem_of(check_vulkan(recorded.machine(), {})).what, "no manifest"));
}

TEST(DoctorVulkan, RelativeAndPlainNames) {
    Recorded recorded;
    recorded.libraries = {"libvulkan.so.1", "libloaded.so"};
    recorded.variables["HOME"] = "/home/ada";
    recorded.tree.add("/home/ada/.local/share/vulkan/icd.d/a.json",
                      R"({"ICD": {"library_path": "../../x/liba.so"}})");
    recorded.tree.add("/home/ada/.local/share/x/liba.so", "");
    recorded.tree.add("/usr/share/vulkan/icd.d/b.json", R"({"ICD": {"library_path": "libloaded.so"}})");
    recorded.tree.add("/usr/share/vulkan/icd.d/c.json", R"({"ICD": {"library_path": "libfound.so"}})");
    recorded.tree.add("/usr/lib64/libfound.so", "");
    const Findings findings = check_vulkan(recorded.machine(), {});
    expect_no_problem(findings);
    EXPECT_TRUE(has(findings.front().what, "3 drivers"));
}

TEST(DoctorVulkan, VariablesThatHideDrivers) {
    Recorded recorded;
    recorded.libraries.insert("libvulkan.so.1");
    recorded.tree.add("/usr/share/vulkan/icd.d/lvp_icd.json", lavapipe);
    recorded.tree.add("/usr/lib/libvulkan_lvp.so", "");
    recorded.variables["VK_LOADER_DRIVERS_DISABLE"] = "*intel*";
    EXPECT_EQ(find(check_vulkan(recorded.machine(), {}), Level::note)->command,
              "unset VK_LOADER_DRIVERS_DISABLE");
    recorded.variables["VK_ICD_FILENAMES"] = "/opt/none.json";
    EXPECT_TRUE(has(problem_of(check_vulkan(recorded.machine(), {})).what,
                    "/opt/none.json: the file cannot be read"));
}

TEST(DoctorVulkan, DriverForTheGpuThatIsThere) {
    Recorded recorded;
    recorded.add_system("arch");
    recorded.add_gpu("0000:00:02.0", "0x8086", "i915");
    recorded.libraries.insert("libvulkan.so.1");
    recorded.tree.add("/usr/share/vulkan/icd.d/lvp_icd.json", lavapipe);
    recorded.tree.add("/usr/lib/libvulkan_lvp.so", "");
    EXPECT_EQ(problem_of(check_vulkan(recorded.machine(), recorded.gpus())).command,
              "sudo pacman -S vulkan-intel");
    recorded.tree.add("/usr/share/vulkan/icd.d/intel_icd.json",
                      R"({"ICD": {"library_path": "/usr/lib/libvulkan_lvp.so"}})");
    expect_no_problem(check_vulkan(recorded.machine(), recorded.gpus()));
}

TEST(DoctorOpenCl, LoaderAndDrivers) {
    Recorded recorded;
    recorded.add_system("debian");
    EXPECT_EQ(check_opencl(recorded.machine(), {}).front().command, "sudo apt install ocl-icd-libopencl1");
    recorded.libraries = {"libOpenCL.so.1", "libpocl.so.2"};
    EXPECT_EQ(check_opencl(recorded.machine(), {}).front().command, "sudo apt install pocl-opencl-icd");
    recorded.tree.add("/etc/OpenCL/vendors/pocl.icd", "libpocl.so.2");
    EXPECT_EQ(check_opencl(recorded.machine(), {}).front().level, Level::ok);
    recorded.tree.add("/etc/OpenCL/vendors/gone.icd", "/opt/libgone.so\n");
    EXPECT_TRUE(has(problem_of(check_opencl(recorded.machine(), {})).what, "/opt/libgone.so"));
    recorded.variables["OCL_ICD_VENDORS"] = "/nowhere";
    const Findings findings = check_opencl(recorded.machine(), {});
    expect_no_problem(findings);
    EXPECT_EQ(findings.front().command, "unset OCL_ICD_VENDORS");
}

TEST(DoctorSurroundings, Environment) {
    Recorded recorded;
    EXPECT_TRUE(check_environment(recorded.machine()).empty());
    recorded.variables = {{"HEDDLE_DISABLE", "vulkan"}, {"HEDDLE_DEVICES", ""}, {"CUDA_VISIBLE_DEVICES", ""}};
    const Findings findings = check_environment(recorded.machine());
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].what, "HEDDLE_DISABLE=vulkan");
    EXPECT_TRUE(has(findings[1].why, "hides every GPU"));
    expect_no_problem(findings);
}

TEST(DoctorSurroundings, Limits) {
    Recorded recorded;
    EXPECT_EQ(check_limits(recorded.machine()).front().level, Level::ok);
    recorded.tree.add("/proc/self/cgroup", "0::/\n");
    recorded.tree.add("/proc/meminfo", "MemTotal: 16384000 kB\n");
    recorded.tree.add("/sys/devices/system/cpu/online", "0-15\n");
    recorded.tree.add("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    recorded.tree.add("/sys/fs/cgroup/memory.max", "1073741824\n");
    recorded.tree.add("/sys/fs/cgroup/memory.current", "0\n");
    const Findings findings = check_limits(recorded.machine());
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].what, "The control group allows 1.5 processors of 16");
    EXPECT_EQ(findings[0].evidence, std::vector<std::string>{"/sys/fs/cgroup/cpu.max"});
    EXPECT_TRUE(has(findings[1].what, "1.0 GiB")) << findings[1].what;
}

TEST(DoctorSurroundings, Compiler) {
    Recorded recorded;
    const std::string path = "/usr/lib/libheddle-compiler.so";
    Finding problem = problem_of(check_compiler(recorded.machine(), path));
    EXPECT_TRUE(has(problem.command, "HEDDLE_COMPILER"));
    recorded.tree.add(path, "");
    recorded.answer = [&](const std::vector<std::string>& command, const Variables&) {
        EXPECT_EQ(command, (std::vector<std::string>{"ldd", path}));
        return CommandResult{
            true, false, 0, 0, "\tlibLLVM.so.19.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x7f)\n", ""};
    };
    problem = problem_of(check_compiler(recorded.machine(), path));
    EXPECT_EQ(problem.why, "it needs libLLVM.so.19.1, which is not there");
    recorded.libraries.insert(path);
    EXPECT_EQ(check_compiler(recorded.machine(), path).front().level, Level::ok);
}

TEST(DoctorSurroundings, Cache) {
    Recorded recorded;
    recorded.tree.add("/home/ada/.cache/heddle/x.entry", "12345");
    EXPECT_TRUE(
        has(check_cache(recorded.machine(), "/home/ada/.cache/heddle", true).front().what, "1 files, 5 B"));
    EXPECT_EQ(check_cache(recorded.machine(), "/home/ada/new/place", true).front().level, Level::ok);
    EXPECT_EQ(check_cache(recorded.machine(), "", true).front().level, Level::note);
    EXPECT_EQ(check_cache(recorded.machine(), "/home/ada", false).front().command, "unset HEDDLE_CACHE");
    // A file where the directory should be.
    EXPECT_EQ(check_cache(recorded.machine(), "/home/ada/.cache/heddle/x.entry/deeper", true).front().level,
              Level::problem);
}

constexpr const char* listing = R"({"devices": [{"id": "cpu:0", "kind": "cpu", "pci": ""},
    {"id": "cuda:0", "kind": "discrete", "pci": "0000:01:00.0"}],
    "unavailable": [{"backend": "vulkan", "reason": "no Vulkan driver is installed"}], "status": "ok"})";

CommandResult document(const std::string& text, int exit_code = 0) {
    return {true, false, exit_code, 0, text, ""};
}

TEST(DoctorDevices, Listing) {
    Recorded recorded = nvidia_machine();
    recorded.answer = [](const std::vector<std::string>&, const Variables&) { return document(listing); };
    const DeviceList list = list_devices(recorded.machine(), std::chrono::seconds(1));
    EXPECT_EQ(list.devices.size(), 2U);
    EXPECT_TRUE(list.findings.empty());
    const Findings findings = check_backends(recorded.machine(), recorded.gpus(), list);
    expect_no_problem(findings);  // the GPU is reached through CUDA
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].why, "no Vulkan driver is installed");
    recorded.answer = [](const std::vector<std::string>&, const Variables&) {
        return document(R"({"status": "failed", "error": "HEDDLE_DEVICES: '?' names no device"})", 2);
    };
    EXPECT_TRUE(
        has(problem_of(list_devices(recorded.machine(), std::chrono::seconds(1)).findings).why, "'?'"));
}

TEST(DoctorDevices, DriverThatTakesTheProcessDown) {
    Recorded recorded;
    recorded.answer = [](const std::vector<std::string>&, const Variables& more) {
        if (more.empty() || more[0].second == "vulkan") return CommandResult{true, false, -1, 11, "", ""};
        if (more[0].second == "cpu") return document(R"({"devices": [{"id": "cpu:0"}]})");
        return document(R"({"devices": []})");
    };
    const DeviceList list = list_devices(recorded.machine(), std::chrono::seconds(1));
    EXPECT_EQ(list.devices.size(), 1U);
    const Finding problem = problem_of(list.findings);
    EXPECT_EQ(problem.command, "export HEDDLE_DISABLE=vulkan");
    EXPECT_TRUE(has(problem.why, "signal 11"));
}

TEST(DoctorDevices, GpuThatNoBackendReaches) {
    Recorded recorded = nvidia_machine();
    DeviceList list;
    list.devices = {{{"id", "cpu:0"}, {"kind", "cpu"}, {"pci", ""}}};
    EXPECT_TRUE(
        has(problem_of(check_backends(recorded.machine(), recorded.gpus(), list)).what, "0000:01:00.0"));
    recorded.variables["CUDA_VISIBLE_DEVICES"] = "";
    expect_no_problem(check_backends(recorded.machine(), recorded.gpus(), list));
    list.unavailable = {
        {{"backend", "cuda"}, {"reason", "libcuda.so.1 has no function cuX: the driver is too old"}}};
    EXPECT_TRUE(
        has(problem_of(check_backends(recorded.machine(), recorded.gpus(), list)).why, "a newer driver"));
    list.unavailable = {{{"backend", "cuda"}, {"reason", "switched off by HEDDLE_DISABLE"}}};
    expect_no_problem(check_backends(recorded.machine(), recorded.gpus(), list));
}

TEST(DoctorDevices, TestKernel) {
    Recorded recorded;
    const auto check = [&](const CommandResult& result) {
        recorded.answer = [result](const std::vector<std::string>& command, const Variables&) {
            EXPECT_EQ(command.at(0), "/usr/bin/heddle");
            EXPECT_EQ(command.back(), "--json");
            return result;
        };
        return check_device(recorded.machine(), "cuda:0", std::chrono::seconds(9));
    };
    const auto report = [](const std::string& digest) {
        return document(R"({"runs": [{"status": "ok", "outputs": {"out": {"sha256": ")" + digest +
                        R"("}}}]})");
    };
    EXPECT_EQ(check(report("c1e67a21e2d4d1a0")).what, "cuda:0: the test kernel gave a wrong result");
    CommandResult slow = report("");
    slow.is_timed_out = true;
    EXPECT_EQ(check(slow).why, "it did not end within 9 seconds");
    EXPECT_TRUE(has(check({true, false, -1, 6, "", ""}).why, "signal 6"));
    EXPECT_TRUE(has(check({}).why, "could not be started"));
    EXPECT_TRUE(has(check(document("no JSON", 1)).why, "exit code 1"));
    const Finding old = check(document(
        R"({"runs": [{"status": "failed", "error": "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"}], "error": "x"})",
        1));
    EXPECT_EQ(old.level, Level::problem);
    EXPECT_TRUE(has(old.why, "a newer driver is needed"));
}

// The real runner, with programs that every system has.
TEST(DoctorMachine, RunsProgramsWithALimit) {
    const Machine machine = this_machine();
    const CommandResult said = machine.run({"sh", "-c", "echo $WORD; echo no >&2; exit 3"}, {{"WORD", "yes"}},
                                           std::chrono::seconds(20));
    EXPECT_EQ(said.output, "yes\n");
    EXPECT_EQ(said.errors, "no\n");
    EXPECT_EQ(said.exit_code, 3);
    EXPECT_EQ(machine.run({"sh", "-c", "kill -9 $$"}, {}, std::chrono::seconds(20)).signal, 9);
    EXPECT_TRUE(machine.run({"sleep", "60"}, {}, std::chrono::seconds(1)).is_timed_out);
    EXPECT_FALSE(machine.run({"no-such-program-here"}, {}, std::chrono::seconds(1)).is_started);
    EXPECT_EQ(machine.load("libc.so.6"), "");
    EXPECT_NE(machine.load("libnosuch.so.9"), "");
}

}  // namespace
}  // namespace heddle::tool::doctor
