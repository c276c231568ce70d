// The dynamic loader looks into LD_LIBRARY_PATH first; loaders of drivers are told by variables of their own.
#include "faults/broken_libraries.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include <heddle/error.h>

namespace heddle::faults {

namespace fs = std::filesystem;

namespace {

void write_garbage(const fs::path& file) {
    std::mt19937 random(1);
    std::ofstream out(file, std::ios::binary);
    for (int i = 0; i < 4096; ++i) out.put(static_cast<char>(random() & 0xff));
    if (!out.flush()) throw Error(ErrorCode::io, "cannot write " + file.string());
}

/// Each variable has an older or another name.
Environment tell_loader_of(const fs::path& driver, const std::string& backend, const fs::path& folder) {
    if (backend == "vulkan") {
        const fs::path file = folder / "driver.json";
        std::ofstream(file) << R"({"file_format_version": "1.0.0", "ICD": {"library_path": ")"
                            << driver.string() << R"(", "api_version": "1.3.0"}})" << '\n';
        return {{"VK_DRIVER_FILES", file.string()}, {"VK_ICD_FILENAMES", file.string()}};
    }
    std::ofstream(folder / "driver.icd") << driver.string() << '\n';
    // A folder for one loader, which asks for the slash, a library for Khronos's.
    return {{"OCL_ICD_VENDORS", folder.string() + "/"}, {"OCL_ICD_FILENAMES", driver.string()}};
}

}  // namespace

Environment break_library(const Fault& fault, const std::string& backend, const fs::path& folder,
                          const fs::path& libraries) {
    static const std::map<std::string, std::string> names = {
        {"cuda", "libcuda.so.1"}, {"vulkan", "libvulkan.so.1"}, {"opencl", "libOpenCL.so.1"}};
    const auto name = names.find(backend);
    if (name == names.end())
        throw Error(ErrorCode::unsupported, "the backend '" + backend + "' has no driver's library");
    if (fault.name == "garbage_driver") {
        const fs::path driver = folder / "driver.so";
        write_garbage(driver);
        return tell_loader_of(driver, backend, folder);
    }
    const fs::path library = folder / name->second;
    if (fault.name == "garbage_library")
        write_garbage(library);
    else
        fs::copy_file(
            libraries / (fault.name == "empty_library" ? "libstandin-empty.so" : "libstandin-failing.so"),
            library);
    const char* const usual = std::getenv("LD_LIBRARY_PATH");
    return {{"LD_LIBRARY_PATH", folder.string() + (usual != nullptr && *usual != '\0' ? ":" : "") +
                                    (usual != nullptr ? usual : "")}};
}

}  // namespace heddle::faults
