// OpenCL's loader and the files that tell it of drivers, as ocl-icd and Khronos's loader read them.
#include <fmt/format.h>

#include "checks.h"
#include "distribution.h"

namespace heddle::tool::doctor {

namespace {

constexpr const char *loader = "libOpenCL.so.1", *usual_directory = "/etc/OpenCL/vendors";

/// Why the driver that an .icd file names cannot be used; empty when it can.
std::string problem_of(const Machine& machine, const std::string& library) {
    if (library.empty()) return "it names no library";
    const bool is_there = library.front() == '/'
                              ? machine.files.exists(library)
                              : find_library(machine, library) || machine.load(library).empty();
    return is_there ? "" : fmt::format("the library that it names, {}, is not there", library);
}

}  // namespace

Findings check_opencl(const Machine& machine, const std::vector<Gpu>& gpus) {
    Findings findings;
    if (const std::string message = machine.load(loader); !message.empty()) {
        findings.push_back({Level::note,
                            "opencl",
                            fmt::format("The OpenCL loader {} cannot be loaded", loader),
                            message,
                            install_command(machine, Part::opencl_loader),
                            {fmt::format("dlopen(\"{}\")", loader)}});
        return findings;
    }
    std::string directory = usual_directory;
    // Khronos's name, and ocl-icd's.
    for (const char* name : {"OCL_ICD_VENDORS", "OPENCL_VENDOR_PATH"}) {
        const std::string value = machine.variable(name);
        if (value.empty()) continue;
        directory = value;
        findings.push_back({Level::note,
                            "opencl",
                            fmt::format("{}={}", name, value),
                            "only the OpenCL drivers that it names are looked at",
                            fmt::format("unset {}", name),
                            {name}});
        break;
    }
    std::vector<std::string> files;
    if (machine.files.is_directory(directory)) {
        for (const std::string& name : machine.files.names(directory))
            if (name.ends_with(".icd")) files.push_back(directory + "/" + name);
    } else if (machine.files.exists(directory)) {
        files.push_back(directory);
    }
    std::vector<std::string> usable;
    for (const std::string& path : files) {
        const std::string problem = problem_of(machine, machine.files.line(path).value_or(""));
        if (problem.empty())
            usable.push_back(path);
        else
            findings.push_back(
                {Level::problem,
                 "opencl",
                 fmt::format("{}: {}", path, problem),
                 "the loader passes over this driver: install its package anew, or remove the file",
                 "",
                 {path}});
    }
    if (usable.empty()) {
        bool has_intel = false;
        for (const Gpu& gpu : gpus) has_intel = has_intel || gpu.vendor == Vendor::intel;
        findings.push_back({Level::note,
                            "opencl",
                            "The OpenCL loader has no driver",
                            "without one there is no OpenCL device",
                            install_command(machine, has_intel ? Part::opencl_intel : Part::opencl_software),
                            {directory}});
    } else {
        findings.push_back(
            {Level::ok, "opencl",
             fmt::format("OpenCL: the loader and {} driver{}", usable.size(), usable.size() == 1 ? "" : "s"),
             "", "", usable});
    }
    return findings;
}

}  // namespace heddle::tool::doctor
