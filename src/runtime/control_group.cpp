// Finds the directories of this process's groups and takes the tightest limit of each kind.
#include "control_group.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <vector>

namespace heddle::runtime {

namespace {

/// A mounted hierarchy: what part of it (`root`) is seen where (`point`).
struct Mount {
    std::string root, point;
};

bool has_item(std::string_view list, std::string_view item) {
    const std::string wanted = "," + std::string(item) + ",";
    return ("," + std::string(list) + ",").find(wanted) != std::string::npos;
}

/// The mount of a version 1 controller, or of version 2 for an empty name, as proc_pid_mountinfo(5)
/// describes.
std::optional<Mount> find_mount(std::string_view table, std::string_view controller) {
    std::istringstream lines{std::string(table)};
    for (std::string line; std::getline(lines, line);) {
        const std::size_t dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        std::istringstream front(line.substr(0, dash)), back(line.substr(dash + 3));
        std::string id, parent, device, type, source, options;
        Mount mount;
        front >> id >> parent >> device >> mount.root >> mount.point;
        back >> type >> source >> options;
        if (controller.empty() ? type == "cgroup2" : type == "cgroup" && has_item(options, controller))
            return mount;
    }
    return std::nullopt;
}

/// Directories of this process's group and of those above it, innermost first.
std::vector<std::string> directories(const SystemFiles& files, std::string_view controller) {
    std::vector<std::string> found;
    const auto membership = files.text("/proc/self/cgroup");
    if (!membership) return found;
    Mount mount{"/", "/sys/fs/cgroup" + (controller.empty() ? "" : "/" + std::string(controller))};
    if (const auto table = files.text("/proc/self/mountinfo"))
        if (auto known = find_mount(*table, controller)) mount = std::move(*known);
    std::istringstream lines(*membership);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string names = line.substr(first + 1, second - first - 1);
        if (controller.empty() ? !names.empty() : !has_item(names, controller)) continue;
        std::string path = line.substr(second + 1);
        // A container without a name space of its own for groups sees its own group at the mount's root.
        if (mount.root != "/" && path.starts_with(mount.root)) path.erase(0, mount.root.size());
        if (path.empty() || path.front() != '/') path.insert(0, 1, '/');
        for (;;) {
            found.push_back(path == "/" ? mount.point : mount.point + path);
            if (path == "/") break;
            const std::size_t slash = path.rfind('/');
            path = slash == 0 ? "/" : path.substr(0, slash);
        }
    }
    return found;
}

void tighten_processors(ControlGroupLimits& limits, double processors, const std::string& file) {
    if (limits.processors && *limits.processors <= processors) return;
    limits.processors = processors;
    limits.processors_file = file;
}

void tighten_memory(ControlGroupLimits& limits, const SystemFiles& files, const std::string& limit_file,
                    const std::string& usage_file, const std::string& table_file,
                    std::string_view reclaimable_key) {
    const auto limit = files.number(limit_file);
    // Version 1 says "no limit" with a number near 2^63.
    if (!limit || *limit >= std::uint64_t{1} << 60) return;
    if (!limits.memory_bytes || *limit < *limits.memory_bytes) {
        limits.memory_bytes = *limit;
        limits.memory_file = limit_file;
    }
    const std::uint64_t used = files.number(usage_file).value_or(0);
    const auto table = files.text(table_file);
    const std::uint64_t reclaimable = table ? table_number(*table, reclaimable_key).value_or(0) : 0;
    const std::uint64_t held = used - std::min(used, reclaimable);
    const std::uint64_t available = *limit - std::min(*limit, held);
    limits.memory_available = std::min(limits.memory_available.value_or(available), available);
}

}  // namespace

std::optional<double> processors_of_cpu_max(std::string_view text) {
    std::uint64_t quota = 0, period = 0;
    const auto first = std::from_chars(text.data(), text.data() + text.size(), quota);
    if (first.ec != std::errc()) return std::nullopt;  // "max"
    const char* const end = text.data() + text.size();
    const char* at = first.ptr;
    while (at != end && *at == ' ') ++at;
    if (std::from_chars(at, end, period).ec != std::errc() || period == 0) return std::nullopt;
    return static_cast<double>(quota) / static_cast<double>(period);
}

ControlGroupLimits control_group_limits(const SystemFiles& files) {
    ControlGroupLimits limits;
    for (const std::string& directory : directories(files, "")) {
        if (const auto text = files.text(directory + "/cpu.max"))
            if (const auto processors = processors_of_cpu_max(*text))
                tighten_processors(limits, *processors, directory + "/cpu.max");
        tighten_memory(limits, files, directory + "/memory.max", directory + "/memory.current",
                       directory + "/memory.stat", "inactive_file");
    }
    for (const std::string& directory : directories(files, "cpu")) {
        const auto quota = files.number(directory + "/cpu.cfs_quota_us");  // -1: none
        const auto period = files.number(directory + "/cpu.cfs_period_us");
        if (quota && period && *period != 0)
            tighten_processors(limits, static_cast<double>(*quota) / static_cast<double>(*period),
                               directory + "/cpu.cfs_quota_us");
    }
    for (const std::string& directory : directories(files, "memory"))
        tighten_memory(limits, files, directory + "/memory.limit_in_bytes",
                       directory + "/memory.usage_in_bytes", directory + "/memory.stat",
                       "total_inactive_file");
    return limits;
}

}  // namespace heddle::runtime
