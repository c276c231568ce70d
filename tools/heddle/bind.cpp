// Fits the arguments of the command line to a kernel's parameters, and makes the buffers' first contents.
#include <algorithm>
#include <type_traits>

#include <fmt/format.h>

#include "argument.h"
#include "file.h"
#include "npy.h"
#include "picture.h"
#include "random.h"
#include "usage_error.h"

namespace heddle::tool {

namespace {

bool is_png(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    return extension == ".png";
}

/// Whether a buffer of `given` elements may stand behind a pointer to `wanted`: the same type, the same
/// integer of other signedness, or plain bytes, which fit everything.
bool fits(DType given, DType wanted) {
    if (given == wanted || given == DType::u8) return true;
    return !is_floating(given) && !is_floating(wanted) && size_of(given) == size_of(wanted);
}

const char* kind_noun(const Parameter& parameter) {
    switch (parameter.kind) {
        case ParameterKind::scalar:
            return "a number";
        case ParameterKind::pointer:
            return "a buffer";
        case ParameterKind::structure:
            return "a structure";
    }
    return "";
}

}  // namespace

std::string describe(const Parameter& parameter) {
    const std::string type = parameter.type ? std::string(name(*parameter.type)) : "";
    std::string text;
    switch (parameter.kind) {
        case ParameterKind::scalar:
            text = type;
            break;
        case ParameterKind::pointer:
            text = (type.empty() ? "void" : type) + "*";
            break;
        case ParameterKind::structure:
            text = fmt::format("structure of {} bytes", parameter.bytes);
            break;
    }
    return parameter.name.empty() ? text : text + " " + parameter.name;
}

std::string signature(const KernelInfo& kernel) {
    std::string text = kernel.name + "(";
    for (std::size_t i = 0; i < kernel.parameters.size(); ++i)
        text += (i == 0 ? "" : ", ") + describe(kernel.parameters[i]);
    return text + ")";
}

BoundArgument bind_argument(const ArgumentSpec& spec, const Parameter& parameter, std::size_t index) {
    BoundArgument bound;
    bound.parameter_ = parameter;
    bound.spec_ = spec;
    bound.label_ = parameter.name.empty() ? std::to_string(index) : parameter.name;
    const std::string who = parameter.name.empty()
                                ? fmt::format("argument {}", index + 1)
                                : fmt::format("argument {} ('{}')", index + 1, parameter.name);
    const auto wrong_kind = [&](const char* given) {
        return UsageError(fmt::format("{} is {} ({}), but --arg {} gives {}", who, kind_noun(parameter),
                                      describe(parameter), spec.text, given));
    };
    const auto needs_pointer = [&](const char* given) {
        if (parameter.kind != ParameterKind::pointer) throw wrong_kind(given);
    };
    const auto take_buffer = [&](DType type, const Shape& shape, const char* given) {
        needs_pointer(given);
        if (parameter.type && !fits(type, *parameter.type))
            throw UsageError(
                fmt::format("{} points to {}, but --arg {} gives {}; u8 fits every pointer as plain bytes",
                            who, name(*parameter.type), spec.text, describe(type, shape)));
        bound.kind_ = BoundArgument::Kind::buffer;
        bound.bytes_ = checked_bytes(type, shape);
        if (bound.bytes_ == 0) throw UsageError(fmt::format("{}: --arg {} has no elements", who, spec.text));
        bound.array_.type = type;
        bound.array_.shape = shape;
    };

    std::visit(
        [&](const auto& form) {
            using Form = std::decay_t<decltype(form)>;
            if constexpr (std::is_same_v<Form, ScalarSpec>) {
                if (parameter.kind != ParameterKind::scalar || !parameter.type) throw wrong_kind("a number");
                bound.value_ = parse_scalar(form.text, *parameter.type, who);
            } else if constexpr (std::is_same_v<Form, GeneratedSpec>) {
                take_buffer(form.type, form.shape, "a buffer");
            } else if constexpr (std::is_same_v<Form, FileSpec>) {
                needs_pointer("a buffer");
                require_readable_file(form.path, who + ": file");
                Array array = is_png(form.path) ? read_picture(form.path) : read_npy(form.path);
                // NumPy has no bfloat16; its files hold the bits as u2.
                if (array.type == DType::u16 && parameter.type == DType::bf16) array.type = DType::bf16;
                take_buffer(array.type, array.shape, "a buffer");
                bound.array_ = std::move(array);
                bound.filled_ = true;
            } else if constexpr (std::is_same_v<Form, ScratchSpec>) {
                needs_pointer("scratch memory");
                bound.kind_ = BoundArgument::Kind::scratch;
                bound.bytes_ = form.bytes;
            } else if constexpr (std::is_same_v<Form, BytesSpec>) {
                if (parameter.kind == ParameterKind::pointer) throw wrong_kind("bytes passed by value");
                if (form.value.size() != parameter.bytes)
                    throw UsageError(fmt::format("{} is {} bytes ({}), but --arg {} gives {}", who,
                                                 parameter.bytes, describe(parameter), spec.text,
                                                 form.value.size()));
                bound.value_ = form.value;
            } else {
                needs_pointer("a null pointer");
                bound.value_.assign(parameter.bytes, std::byte{0});
            }
        },
        spec.form);
    return bound;
}

std::vector<BoundArgument> bind_arguments(const std::vector<ArgumentSpec>& specs, const KernelInfo& kernel) {
    const std::size_t wanted = kernel.parameters.size();
    if (specs.size() != wanted) {
        std::string advice;
        if (specs.size() < wanted) {
            advice = "; missing:";
            for (std::size_t i = specs.size(); i < wanted; ++i)
                advice += (i == specs.size() ? " " : ", ") + describe(kernel.parameters[i]);
        }
        throw UsageError(fmt::format("kernel {} takes {} argument{}, but {} --arg {} given{}",
                                     signature(kernel), wanted, wanted == 1 ? "" : "s", specs.size(),
                                     specs.size() == 1 ? "was" : "were", advice));
    }
    std::vector<BoundArgument> bound;
    bound.reserve(wanted);
    for (std::size_t i = 0; i < wanted; ++i)
        bound.push_back(bind_argument(specs[i], kernel.parameters[i], i));
    return bound;
}

bool BoundArgument::is_zeros() const noexcept {
    const auto* generated = std::get_if<GeneratedSpec>(&spec_.form);
    return generated != nullptr && generated->fill == GeneratedSpec::Fill::zeros;
}

const Array& BoundArgument::host() {
    if (filled_) return array_;
    array_ = Array(array_.type, array_.shape);
    const auto& generated = std::get<GeneratedSpec>(spec_.form);
    if (generated.fill == GeneratedSpec::Fill::iota) fill_iota(array_);
    if (generated.fill == GeneratedSpec::Fill::random) fill_random(array_, generated.seed);
    filled_ = true;
    return array_;
}

}  // namespace heddle::tool
