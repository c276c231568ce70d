// manifest.json: JSON text to a Manifest and back, and the rules that a package must keep.
#include <bit>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include <heddle/error.h>

#include "package_format.h"

namespace heddle::runtime {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "heddle-package/1";
constexpr std::pair<ParameterKind, std::string_view> kKinds[] = {{ParameterKind::scalar, "scalar"},
                                                                 {ParameterKind::pointer, "pointer"},
                                                                 {ParameterKind::structure, "structure"}};
constexpr std::pair<Access, std::string_view> kAccesses[] = {{Access::none, "none"},
                                                             {Access::read, "read"},
                                                             {Access::write, "write"},
                                                             {Access::read_write, "read_write"}};

[[noreturn]] void corrupt(const std::string& reason) {
    throw Error(ErrorCode::corrupt_package, "manifest.json: " + reason, "reading a package");
}

const Json& member(const Json& object, const char* key) {
    if (!object.is_object()) corrupt(std::string("expected an object with '") + key + "'");
    const auto found = object.find(key);
    if (found == object.end()) corrupt(std::string("'") + key + "' is missing");
    return *found;
}

std::string text(const Json& object, const char* key) {
    const Json& value = member(object, key);
    if (!value.is_string()) corrupt(std::string("'") + key + "' is not a string");
    return value.get<std::string>();
}

std::uint64_t number(const Json& value, const char* key, std::uint64_t most) {
    if (!value.is_number_unsigned()) corrupt(std::string("'") + key + "' is not a whole number");
    const auto result = value.get<std::uint64_t>();
    if (result > most) {
        corrupt(std::string("'") + key + "' is " + std::to_string(result) + "; the limit is " +
                std::to_string(most));
    }
    return result;
}

std::uint64_t number(const Json& object, const char* key) {
    return number(member(object, key), key, UINT64_MAX / 4);
}

bool boolean(const Json& object, const char* key) {
    const Json& value = member(object, key);
    if (!value.is_boolean()) corrupt(std::string("'") + key + "' is not true or false");
    return value.get<bool>();
}

const Json& array(const Json& object, const char* key, std::size_t most) {
    const Json& value = member(object, key);
    if (!value.is_array()) corrupt(std::string("'") + key + "' is not a list");
    if (value.size() > most) {
        corrupt(std::string("'") + key + "' has " + std::to_string(value.size()) + " entries; the limit is " +
                std::to_string(most));
    }
    return value;
}

template <class T, std::size_t N>
T choice(const Json& object, const char* key, const std::pair<T, std::string_view> (&table)[N]) {
    const std::string value = text(object, key);
    for (const auto& [result, name] : table) {
        if (name == value) return result;
    }
    corrupt(std::string("'") + key + "' is '" + value + "', which is none of its values");
}

template <class T, std::size_t N>
std::string_view name_in(T value, const std::pair<T, std::string_view> (&table)[N]) {
    for (const auto& [candidate, name] : table) {
        if (candidate == value) return name;
    }
    return table[0].second;
}

Parameter parse_parameter(const Json& json) {
    Parameter parameter;
    parameter.name = text(json, "name");
    parameter.kind = choice(json, "kind", kKinds);
    const Json& type = member(json, "type");
    if (!type.is_null()) {
        parameter.type = dtype_from_name(text(json, "type"));
        if (!parameter.type) corrupt("parameter type '" + text(json, "type") + "' is unknown");
    }
    parameter.bytes = number(json, "bytes");
    parameter.offset = number(json, "offset");
    parameter.access = choice(json, "access", kAccesses);
    return parameter;
}

KernelInfo parse_kernel(const Json& json) {
    KernelInfo kernel;
    kernel.name = text(json, "name");
    kernel.symbol = text(json, "symbol");
    for (const Json& parameter : array(json, "parameters", PackageLimits::parameters)) {
        kernel.parameters.push_back(parse_parameter(parameter));
    }
    kernel.parameter_bytes = number(json, "parameter_bytes");
    kernel.static_shared_bytes = number(json, "static_shared_bytes");
    kernel.uses_dynamic_shared = boolean(json, "uses_dynamic_shared");
    kernel.uses_barriers = boolean(json, "uses_barriers");
    kernel.max_threads =
        static_cast<std::uint32_t>(number(member(json, "max_threads"), "max_threads", UINT32_MAX));
    // Only kernels of grid parts have it.
    if (json.contains("grid_part_offset")) kernel.grid_part_offset = number(json, "grid_part_offset");
    for (const Json& feature : array(json, "features", PackageLimits::features)) {
        if (!feature.is_string()) corrupt("a feature is not a string");
        kernel.features.push_back(feature.get<std::string>());
    }
    return kernel;
}

PackedFile parse_file(const Json& json) {
    PackedFile file;
    file.file = text(json, "file");
    file.bytes = number(json, "bytes");
    file.sha256 = text(json, "sha256");
    if (file.file.empty() || file.file == "manifest.json") corrupt("a file's name is '" + file.file + "'");
    return file;
}

void parse_globals(const Json& json, Manifest& manifest) {
    GlobalsInfo& globals = manifest.package.globals;
    globals.bytes = number(json, "bytes");
    globals.alignment = number(json, "alignment");
    if (const Json& initial = member(json, "initial"); !initial.is_null())
        manifest.globals = parse_file(initial);
    for (const Json& symbol : array(json, "symbols", PackageLimits::symbols)) {
        globals.symbols.push_back({text(symbol, "name"), number(symbol, "offset"), number(symbol, "bytes"),
                                   boolean(symbol, "constant")});
    }
    for (const Json& pair : array(json, "relocations", PackageLimits::symbols)) {
        if (!pair.is_array() || pair.size() != 2) corrupt("a relocation is not a pair");
        globals.relocations.push_back(
            {number(pair[0], "relocations", UINT64_MAX / 4), number(pair[1], "relocations", UINT64_MAX / 4)});
    }
    if (manifest.globals && manifest.globals->bytes != globals.bytes) {
        corrupt("the globals' initial bytes are " + std::to_string(manifest.globals->bytes) +
                " for a block of " + std::to_string(globals.bytes));
    }
}

Manifest parse_checked(std::string_view text_of_file) {
    const auto limit_depth = [](int depth, Json::parse_event_t, Json&) {
        if (depth > static_cast<int>(PackageLimits::manifest_depth)) corrupt("nested too deeply");
        return true;
    };
    const Json json = Json::parse(text_of_file, limit_depth);
    if (const std::string format = text(json, "format"); format != kFormat) {
        corrupt("its format is '" + format + "'; this version of Heddle reads '" + std::string(kFormat) +
                "'");
    }
    Manifest manifest;
    Package& package = manifest.package;
    package.compiler = text(json, "compiler");
    package.source = text(json, "source");
    for (const Json& kernel : array(json, "kernels", PackageLimits::kernels)) {
        package.kernels.push_back(parse_kernel(kernel));
    }
    parse_globals(member(json, "globals"), manifest);
    std::set<std::string> files;
    if (manifest.globals) files.insert(manifest.globals->file);
    for (const Json& payload : array(json, "payloads", PackageLimits::payloads)) {
        package.payloads.push_back({text(payload, "target"), text(payload, "variant"), {}});
        manifest.payloads.push_back(parse_file(payload));
        if (!files.insert(manifest.payloads.back().file).second) {
            corrupt("file '" + manifest.payloads.back().file + "' is used twice");
        }
    }
    for (const Json& diagnostic : array(json, "diagnostics", PackageLimits::diagnostics)) {
        package.diagnostics.push_back(
            {text(diagnostic, "target"), text(diagnostic, "kernel"), text(diagnostic, "message")});
    }
    return manifest;
}

std::optional<std::string> find_defect(const KernelInfo& kernel) {
    const std::string who = "kernel '" + kernel.name + "': ";
    if (kernel.name.empty() || kernel.symbol.empty()) return who + "it has no name or no symbol";
    if (kernel.parameters.size() > PackageLimits::parameters) return who + "it has too many parameters";
    if (kernel.parameter_bytes > PackageLimits::parameter_bytes) return who + "its parameters are too large";
    if (kernel.static_shared_bytes > PackageLimits::global_bytes)
        return who + "its shared memory is too large";
    if (kernel.max_threads == 0) return who + "it runs no thread";
    if (kernel.features.size() > PackageLimits::features) return who + "it needs too many features";
    std::size_t end = 0;
    for (const Parameter& parameter : kernel.parameters) {
        const std::string what = who + "parameter '" + parameter.name + "' ";
        if (parameter.offset < end) return what + "overlaps the one before";
        if (parameter.bytes > kernel.parameter_bytes ||
            parameter.offset > kernel.parameter_bytes - parameter.bytes) {
            return what + "reaches past the parameter buffer";
        }
        end = parameter.offset + parameter.bytes;
        if (parameter.kind == ParameterKind::pointer && parameter.bytes != 8)
            return what + "is a pointer not of 8 bytes";
        if (parameter.kind == ParameterKind::scalar && parameter.type &&
            parameter.bytes != size_of(*parameter.type)) {
            return what + "is not of its type's size";
        }
    }
    constexpr std::size_t hidden_bytes = 6 * sizeof(std::uint32_t);
    if (const auto offset = kernel.grid_part_offset;
        offset &&
        (*offset < end || *offset % sizeof(std::uint32_t) != 0 || kernel.parameter_bytes < hidden_bytes ||
         *offset > kernel.parameter_bytes - hidden_bytes)) {
        return who + "its grid part lies outside of the parameter buffer or over its parameters";
    }
    return std::nullopt;
}

std::optional<std::string> find_defect(const GlobalsInfo& globals) {
    if (globals.bytes > PackageLimits::global_bytes) return "the globals are too large";
    if (!std::has_single_bit(globals.alignment) || globals.alignment > PackageLimits::alignment) {
        return "the globals' alignment is " + std::to_string(globals.alignment);
    }
    if (!globals.initial.empty() && globals.initial.size() != globals.bytes) {
        return "the globals' initial bytes are not of the block's size";
    }
    if (globals.symbols.size() > PackageLimits::symbols ||
        globals.relocations.size() > PackageLimits::symbols) {
        return "there are too many globals";
    }
    std::set<std::string_view> names;
    for (const GlobalInfo& symbol : globals.symbols) {
        if (symbol.bytes > globals.bytes || symbol.offset > globals.bytes - symbol.bytes) {
            return "global '" + symbol.name + "' reaches past its block";
        }
        if (symbol.name.empty() || !names.insert(symbol.name).second) {
            return "global '" + symbol.name + "' has no name of its own";
        }
    }
    for (const auto& [at, to] : globals.relocations) {
        if (globals.bytes < 8 || at > globals.bytes - 8 || to > globals.bytes) {
            return "a relocation reaches past the globals' block";
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> find_defect(const Package& package) {
    if (package.kernels.size() > PackageLimits::kernels) return "there are too many kernels";
    if (package.payloads.size() > PackageLimits::payloads) return "there are too many payloads";
    if (package.diagnostics.size() > PackageLimits::diagnostics) return "there are too many diagnostics";
    std::set<std::string_view> names;
    for (const KernelInfo& kernel : package.kernels) {
        if (auto defect = find_defect(kernel)) return defect;
        if (!names.insert(kernel.name).second) return "kernel '" + kernel.name + "' is there twice";
    }
    std::set<std::pair<std::string_view, std::string_view>> targets;
    for (const Payload& payload : package.payloads) {
        if (payload.target.empty()) return "a payload names no target";
        if (!targets.insert({payload.target, payload.variant}).second) {
            return "payload '" + payload.target + ":" + payload.variant + "' is there twice";
        }
    }
    return find_defect(package.globals);
}

Manifest parse_manifest(std::string_view json) {
    try {
        Manifest manifest = parse_checked(json);
        if (const auto defect = find_defect(manifest.package)) corrupt(*defect);
        return manifest;
    } catch (const Json::exception& failure) {
        corrupt(failure.what());
    }
}

std::string write_manifest(const Manifest& manifest) {
    const Package& package = manifest.package;
    const auto file = [](const PackedFile& packed) {
        return Json{{"file", packed.file}, {"bytes", packed.bytes}, {"sha256", packed.sha256}};
    };
    Json json = {{"format", kFormat}, {"compiler", package.compiler}, {"source", package.source}};
    Json& kernels = json["kernels"] = Json::array();
    for (const KernelInfo& kernel : package.kernels) {
        Json parameters = Json::array();
        for (const Parameter& parameter : kernel.parameters) {
            parameters.push_back({{"name", parameter.name},
                                  {"kind", name_in(parameter.kind, kKinds)},
                                  {"type", parameter.type ? Json(name(*parameter.type)) : Json()},
                                  {"bytes", parameter.bytes},
                                  {"offset", parameter.offset},
                                  {"access", name_in(parameter.access, kAccesses)}});
        }
        kernels.push_back({{"name", kernel.name},
                           {"symbol", kernel.symbol},
                           {"parameters", std::move(parameters)},
                           {"parameter_bytes", kernel.parameter_bytes},
                           {"static_shared_bytes", kernel.static_shared_bytes},
                           {"uses_dynamic_shared", kernel.uses_dynamic_shared},
                           {"uses_barriers", kernel.uses_barriers},
                           {"max_threads", kernel.max_threads},
                           {"features", kernel.features}});
        if (kernel.grid_part_offset) kernels.back()["grid_part_offset"] = *kernel.grid_part_offset;
    }
    Json symbols = Json::array(), relocations = Json::array();
    for (const GlobalInfo& symbol : package.globals.symbols) {
        symbols.push_back({{"name", symbol.name},
                           {"offset", symbol.offset},
                           {"bytes", symbol.bytes},
                           {"constant", symbol.is_constant}});
    }
    for (const auto& [at, to] : package.globals.relocations) relocations.push_back(Json::array({at, to}));
    json["globals"] = {{"bytes", package.globals.bytes},
                       {"alignment", package.globals.alignment},
                       {"initial", manifest.globals ? file(*manifest.globals) : Json()},
                       {"symbols", std::move(symbols)},
                       {"relocations", std::move(relocations)}};
    Json& payloads = json["payloads"] = Json::array();
    for (std::size_t i = 0; i < package.payloads.size(); ++i) {
        Json payload = {{"target", package.payloads[i].target}, {"variant", package.payloads[i].variant}};
        payload.update(file(manifest.payloads[i]));
        payloads.push_back(std::move(payload));
    }
    Json& diagnostics = json["diagnostics"] = Json::array();
    for (const TargetDiagnostic& diagnostic : package.diagnostics) {
        diagnostics.push_back(
            {{"target", diagnostic.target}, {"kernel", diagnostic.kernel}, {"message", diagnostic.message}});
    }
    // Source text may hold bytes that are not UTF-8; JSON cannot.
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace heddle::runtime
