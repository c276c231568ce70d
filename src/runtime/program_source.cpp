// ProgramSource: keeps the text or package and hands it to Program for each device.
#include <heddle/program_source.h>

#include <memory>
#include <utility>

namespace heddle {

ProgramSource ProgramSource::text(std::string source, std::string file_name, CompileOptions options) {
    return {[source = std::make_shared<const std::string>(std::move(source)),
             file_name = std::move(file_name)](const Device& device, const CompileOptions& with) {
                return Program::from_source(device, *source, file_name, with);
            },
            std::move(options)};
}

ProgramSource ProgramSource::file(std::filesystem::path path, CompileOptions options) {
    return {[path = std::move(path)](const Device& device, const CompileOptions& with) {
                return Program::from_file(device, path, with);
            },
            std::move(options)};
}

ProgramSource ProgramSource::package(std::vector<std::byte> bytes, CompileOptions options) {
    return {[bytes = std::make_shared<const std::vector<std::byte>>(std::move(bytes))](
                const Device& device, const CompileOptions& with) {
                return Program::from_package(device, *bytes, with);
            },
            std::move(options)};
}

Program ProgramSource::load(const Device& device, bool grid_parts) const {
    CompileOptions options = options_;
    options.grid_parts = grid_parts || options.grid_parts;
    return load_(device, options);
}

}  // namespace heddle
