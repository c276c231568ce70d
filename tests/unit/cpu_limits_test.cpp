// What the CPU devices may use, over the recorded files of many kinds of machine.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <heddle/heddle.hpp>

#include "backends/cpu/limits.h"
#include "backends/cpu/processor.h"
#include "runtime/control_group.h"
#include "unit/recorded_files.h"
#include "unit/runtime/fake_device.h"

namespace heddle::cpu {
namespace {

using heddle::testing::error_of;
using heddle::testing::RecordedFiles;
using runtime::control_group_limits;
using runtime::ControlGroupLimits;
using Numbers = std::vector<unsigned>;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;
constexpr const char* memory_table =
    "MemTotal:       16384000 kB\nMemFree:         1000000 kB\nMemAvailable:    8192000 kB\n";

Numbers first(unsigned count) {
    Numbers numbers;
    for (unsigned i = 0; i < count; ++i) numbers.push_back(i);
    return numbers;
}

TEST(SystemFiles, ListsOfProcessors) {
    EXPECT_EQ(runtime::processor_list("0-3\n"), (Numbers{0, 1, 2, 3}));
    EXPECT_EQ(runtime::processor_list("8,0-1,1"), (Numbers{0, 1, 8}));
    EXPECT_EQ(runtime::processor_list("x,2,3-y"), (Numbers{2}));
    EXPECT_EQ(runtime::processor_list(""), Numbers{});
    EXPECT_EQ(runtime::processor_list("4000000000-4294967295"), Numbers{});
}

TEST(ControlGroup, Quotas) {
    EXPECT_FALSE(runtime::processors_of_cpu_max("max 100000\n"));
    EXPECT_EQ(runtime::processors_of_cpu_max("200000 100000\n"), 2.0);
    EXPECT_EQ(runtime::processors_of_cpu_max("150000 100000\n"), 1.5);
    EXPECT_EQ(runtime::processors_of_cpu_max("1000 100000\n"), 0.01);
    EXPECT_FALSE(runtime::processors_of_cpu_max(""));
    EXPECT_FALSE(runtime::processors_of_cpu_max("5"));
    EXPECT_FALSE(runtime::processors_of_cpu_max("5 0"));
}

TEST(ControlGroup, DockerWithVersion2) {
    RecordedFiles machine;
    machine.add("/proc/self/cgroup", "0::/\n");
    machine.add("/proc/self/mountinfo",
                "30 23 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - cgroup2 cgroup rw,nsdelegate\n");
    machine.add("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    machine.add("/sys/fs/cgroup/memory.max", "536870912\n");
    machine.add("/sys/fs/cgroup/memory.current", "104857600\n");
    machine.add("/sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 52428800\nactive_file 7\n");
    machine.add("/proc/meminfo", memory_table);
    const ControlGroupLimits limits = control_group_limits(machine.files());
    EXPECT_EQ(limits.processors, 1.5);
    EXPECT_EQ(limits.processors_file, "/sys/fs/cgroup/cpu.max");
    EXPECT_EQ(limits.memory_bytes, 512 * mib);
    EXPECT_EQ(limits.memory_available, 462 * mib);
    const MemoryState memory = memory_state(machine.files());
    EXPECT_EQ(memory.total, 512 * mib);
    EXPECT_EQ(memory.available, 462 * mib);
}

// The pod's limit stands above the container's own group, which is wider.
TEST(ControlGroup, NestedGroupsOfKubernetes) {
    RecordedFiles machine;
    machine.add("/proc/self/cgroup", "0::/kubepods.slice/kubepods-pod7.slice/cri-containerd-9.scope\n");
    const std::string root = "/sys/fs/cgroup/kubepods.slice";
    machine.add(root + "/cpu.max", "max 100000\n");
    machine.add(root + "/memory.max", "max\n");
    machine.add(root + "/kubepods-pod7.slice/cpu.max", "50000 100000\n");
    machine.add(root + "/kubepods-pod7.slice/memory.max", "1073741824\n");
    machine.add(root + "/kubepods-pod7.slice/memory.current", "1073741824\n");
    machine.add(root + "/kubepods-pod7.slice/cri-containerd-9.scope/cpu.max", "400000 100000\n");
    machine.add(root + "/kubepods-pod7.slice/cri-containerd-9.scope/memory.max", "2147483648\n");
    machine.add(root + "/kubepods-pod7.slice/cri-containerd-9.scope/memory.current", "10485760\n");
    const ControlGroupLimits limits = control_group_limits(machine.files());
    EXPECT_EQ(limits.processors, 0.5);
    EXPECT_EQ(limits.processors_file, root + "/kubepods-pod7.slice/cpu.max");
    EXPECT_EQ(limits.memory_bytes, 1024 * mib);
    EXPECT_EQ(limits.memory_available, 0U);
}

// Version 1 in a container without a name space of groups: the mount shows the container's own group.
TEST(ControlGroup, Version1) {
    RecordedFiles machine;
    machine.add("/proc/self/cgroup",
                "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n");
    machine.add(
        "/proc/self/mountinfo",
        "40 31 0:30 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro,relatime - cgroup cgroup rw,cpu,cpuacct\n"
        "41 31 0:31 /docker/abc /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory\n");
    machine.add("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "250000\n");
    machine.add("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    machine.add("/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");
    machine.add("/sys/fs/cgroup/memory/memory.usage_in_bytes", "134217728\n");
    machine.add("/sys/fs/cgroup/memory/memory.stat", "cache 9\ntotal_inactive_file 33554432\n");
    const ControlGroupLimits limits = control_group_limits(machine.files());
    EXPECT_EQ(limits.processors, 2.5);
    EXPECT_EQ(limits.memory_bytes, 256 * mib);
    EXPECT_EQ(limits.memory_available, 160 * mib);
}

TEST(ControlGroup, Version1WithoutLimits) {
    RecordedFiles machine;
    machine.add("/proc/self/cgroup", "5:memory:/\n4:cpu:/\n0::/\n");
    machine.add("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    machine.add("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    machine.add("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    machine.add("/sys/fs/cgroup/memory/memory.usage_in_bytes", "12\n");
    machine.add("/proc/meminfo", memory_table);
    const ControlGroupLimits limits = control_group_limits(machine.files());
    EXPECT_FALSE(limits.processors);
    EXPECT_FALSE(limits.memory_bytes);
    EXPECT_EQ(memory_state(machine.files()).total, 16384000ULL * 1024);
    EXPECT_EQ(memory_state(machine.files()).available, 8192000ULL * 1024);
}

TEST(ControlGroup, None) {
    const RecordedFiles machine;
    const ControlGroupLimits limits = control_group_limits(machine.files());
    EXPECT_FALSE(limits.processors);
    EXPECT_FALSE(limits.memory_bytes);
    EXPECT_EQ(memory_state(machine.files()).total, 0U);
}

CpuBudget decide(const CpuQuestion& question, const RecordedFiles& machine) {
    return decide_cpu_budget(question, machine.files());
}

TEST(CpuLimits, ProcessorsQuotaAndVariables) {
    const RecordedFiles machine;
    CpuQuestion question;
    question.allowed = first(8);
    EXPECT_EQ(decide(question, machine).limits.threads, 8U);
    EXPECT_EQ(decide(question, machine).limits.power, PowerPreference::high_performance);
    question.quota = 1.5;
    EXPECT_EQ(decide(question, machine).limits.threads, 2U);
    EXPECT_EQ(decide(question, machine).reason, "the control group's quota");
    question.quota = 0.01;
    EXPECT_EQ(decide(question, machine).limits.threads, 1U);
    question.quota = 64;
    EXPECT_EQ(decide(question, machine).limits.threads, 8U);
    question.threads = 20;
    EXPECT_EQ(decide(question, machine).limits.threads, 20U);
    question.asked.threads = 3;
    EXPECT_EQ(decide(question, machine).limits.threads, 3U);
    question.allowed.clear();
    question = {};
    EXPECT_EQ(decide(question, machine).limits.threads, 1U);
}

TEST(CpuLimits, ProcessorsAskedFor) {
    const RecordedFiles machine;
    CpuQuestion question;
    question.allowed = {2, 3, 4};
    question.asked.processors = {4, 9, 3, 3};
    const CpuBudget budget = decide(question, machine);
    EXPECT_EQ(budget.limits.processors, (Numbers{3, 4}));
    EXPECT_EQ(budget.limits.threads, 2U);
    question.asked.processors = {0, 9};
    EXPECT_EQ(error_of([&] { (void)decide(question, machine); }).code(), ErrorCode::invalid_argument);
}

TEST(CpuLimits, LowPowerOnAHybridProcessor) {
    RecordedFiles machine;
    machine.add("/sys/devices/cpu_core/cpus", "0-7\n");
    machine.add("/sys/devices/cpu_atom/cpus", "8-11\n");
    CpuQuestion question;
    question.allowed = first(12);
    EXPECT_EQ(decide(question, machine).limits.threads, 12U);
    question.power = PowerPreference::low_power;
    CpuBudget budget = decide(question, machine);
    EXPECT_EQ(budget.limits.processors, (Numbers{8, 9, 10, 11}));
    EXPECT_EQ(budget.limits.threads, 4U);
    // Only efficient cores are allowed: all of them.
    question.allowed = {8, 9};
    EXPECT_EQ(decide(question, machine).limits.threads, 2U);
    // None is allowed: half of the others.
    question.allowed = first(8);
    EXPECT_EQ(decide(question, machine).limits.threads, 4U);
    EXPECT_TRUE(decide(question, machine).limits.processors.empty());
    // The program decides over the environment.
    question.asked.power = PowerPreference::high_performance;
    EXPECT_EQ(decide(question, machine).limits.threads, 8U);
}

TEST(CpuLimits, LowPowerByCapacityAndByHalf) {
    RecordedFiles arm;
    for (unsigned i = 0; i < 8; ++i)
        arm.add("/sys/devices/system/cpu/cpu" + std::to_string(i) + "/cpu_capacity", i < 4   ? "446\n"
                                                                                     : i < 7 ? "1000\n"
                                                                                             : "1024\n");
    arm.add("/sys/devices/system/cpu/cpufreq/policy0", "");
    EXPECT_EQ(efficient_processors(arm.files()), first(4));
    const RecordedFiles plain;
    EXPECT_TRUE(efficient_processors(plain.files()).empty());
    CpuQuestion question;
    question.allowed = first(5);
    question.power = PowerPreference::low_power;
    EXPECT_EQ(decide(question, plain).limits.threads, 3U);
    question.quota = 2;
    EXPECT_EQ(decide(question, plain).limits.threads, 2U);
    question.allowed = first(1);
    EXPECT_EQ(decide(question, plain).limits.threads, 1U);
}

// In a process of its own: the limits hold for the whole process.
void limit_this_process() {
    CpuLimits limits;
    limits.threads = 5000;
    if (error_of([&] { set_cpu_limits(limits); }).code() != ErrorCode::invalid_argument) std::exit(1);
    limits.threads = 3;
    set_cpu_limits(limits);
    if (cpu_limits().threads != 3 || usable_threads() != 3) std::exit(2);
    const Queue queue = device("cpu").create_queue();
    const Error late = error_of([&] { set_cpu_limits(limits); });
    if (late.code() != ErrorCode::invalid_argument) std::exit(3);
    std::exit(cpu_limits().threads == 3 ? 0 : 4);
}

TEST(CpuLimitsDeathTest, HoldForTheProcess) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(limit_this_process(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace heddle::cpu
