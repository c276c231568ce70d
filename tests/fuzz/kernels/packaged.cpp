// Packages of random kernels: fuzz-<first seed>-<number>.heddle.
#include "packaged.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <heddle/heddle.hpp>
#include <iterator>

#include "bench.h"
#include "comparison.h"
#include "forms.h"

namespace heddle::fuzz {
namespace {

namespace fs = std::filesystem;

fs::path file_of(const std::string& folder, const Batch& batch) {
    return fs::path(folder) / fmt::format("fuzz-{}-{}.heddle", batch.first, batch.count);
}

std::vector<std::string> parts_of(std::string_view list) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t comma = std::min(list.find(',', at), list.size());
        if (comma > at) parts.emplace_back(list.substr(at, comma - at));
        at = comma + 1;
    }
    return parts;
}

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) throw Error(ErrorCode::io, "cannot read " + path.string());
    return text;
}

void write_file(const fs::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.flush()) throw Error(ErrorCode::io, "cannot write " + path.string());
}

/// "fuzz-100-50" is the batch of 50 from 100.
bool parse(std::string_view name, Batch& batch) {
    constexpr std::string_view start = "fuzz-";
    if (!name.starts_with(start)) return false;
    const char *at = name.data() + start.size(), *end = name.data() + name.size();
    const auto first = std::from_chars(at, end, batch.first);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return false;
    const auto count = std::from_chars(first.ptr + 1, end, batch.count);
    return count.ec == std::errc() && count.ptr == end;
}

}  // namespace

void write_packaged(const Settings& settings, const Batch& batch, Progress& progress) {
    progress.at(Progress::Stage::compiling, "a package");
    std::string text = prelude_device();
    for (std::uint64_t seed = batch.first; seed < batch.first + batch.count; ++seed) {
        const GeneratedKernel kernel = generate(seed, settings.dialect);
        text += kernel.functions + kernel.device;
    }
    CompileOptions options;
    options.use_cache = false;
    options.allow_missing_kernels = true;
    const CompiledPackage made =
        compile_package(text, fmt::format("fuzz-{}.cu", batch.first), options, parts_of(settings.targets));
    const std::vector<std::byte> bytes = made.package.write();
    write_file(file_of(settings.write_packages, batch),
               {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    for (const TargetDiagnostic& lack : made.package.diagnostics)
        fmt::print("{}: not for {}: {}\n", lack.kernel, lack.target, lack.message);
    progress.kernels += batch.count;
}

void run_packaged(const Settings& settings, const Batch& batch, Progress& progress) {
    // A batch that died goes on in the middle of its package.
    const std::vector<Batch> all = packaged_batches(settings);
    const auto whole = std::ranges::find_if(all, [&](const Batch& each) {
        return each.first <= batch.first && batch.first + batch.count <= each.first + each.count;
    });
    if (whole == all.end())
        throw Error(ErrorCode::not_found, fmt::format("no package holds the kernels from {}", batch.first));
    const std::string package = contents(file_of(settings.packages, *whole));
    const Inputs inputs = make_inputs();
    struct Loaded {
        Bench bench;
        Program program;
    };
    std::vector<Loaded> loaded;
    const auto load = [&](const Device& device) {
        Bench bench(device, inputs);
        progress.at(Progress::Stage::compiling, "loading on " + device.id());
        loaded.push_back(
            {std::move(bench), Program::from_package(device, std::as_bytes(std::span(package)))});
    };
    load(device(settings.reference));
    for (const Device& device : select_devices(settings.devices)) load(device);
    progress.devices = loaded.size() - 1;

    for (std::uint64_t seed = batch.first; seed < batch.first + batch.count; ++seed) {
        progress.seed = seed;
        const GeneratedKernel kernel = generate(seed, settings.dialect);
        const Form& form = forms()[form_of(seed)];
        Comparison comparison(settings, progress, seed);
        for (const Shape& shape : shapes_of(form, kernel, seed, settings.shapes)) {
            progress.at(Progress::Stage::running, settings.reference + ", " + text_of(shape));
            const Results expected = loaded.front().bench.run(loaded.front().program.kernel(kernel.name),
                                                              shape, length_of(shape, kernel));
            for (Loaded& each : std::span(loaded).subspan(1)) {
                progress.at(Progress::Stage::running, each.bench.device().id() + ", " + text_of(shape));
                comparison.run(
                    each.bench, each.program, kernel, shape, expected,
                    fmt::format("{}, expected is what {} computes", text_of(shape), settings.reference));
            }
            if (!comparison.agrees()) break;
        }
        if (!comparison.agrees()) ++progress.disagreements;
        ++progress.kernels;
    }
}

std::vector<Batch> packaged_batches(const Settings& settings) {
    std::vector<Batch> batches;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(settings.packages, ignored)) {
        Batch batch;
        if (entry.path().extension() == ".heddle" && parse(entry.path().stem().string(), batch))
            batches.push_back(batch);
    }
    if (batches.empty())
        throw Error(ErrorCode::not_found, "there are no packages of random kernels in " + settings.packages);
    std::ranges::sort(batches, {}, &Batch::first);
    return batches;
}

void write_dialect(const Settings& settings) {
    fs::create_directories(settings.write_packages);
    write_file(fs::path(settings.write_packages) / "without", text_of(settings.dialect));
}

Dialect read_dialect(const Settings& settings) {
    return dialect_without(contents(fs::path(settings.packages) / "without"));
}

}  // namespace heddle::fuzz
