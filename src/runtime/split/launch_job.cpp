// Checks a split launch and translates blocks into bytes.
#include "runtime/split/launch_job.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <heddle/error.h>

namespace heddle::runtime {

namespace {

using Place = SplitArgument::Place;

bool is_written(Place place) noexcept {
    return place == Place::output || place == Place::in_out;
}

std::uint32_t extent(const Dim3& grid, unsigned axis) noexcept {
    return axis == 0 ? grid.x : axis == 1 ? grid.y : grid.z;
}

void set_extent(Dim3& grid, unsigned axis, std::uint32_t value) noexcept {
    (axis == 0 ? grid.x : axis == 1 ? grid.y : grid.z) = value;
}

}  // namespace

LaunchJob::LaunchJob(std::string_view kernel, const SplitLaunch& how,
                     std::span<const SplitArgument> arguments, SplitArrays& arrays, std::size_t devices)
    : kernel_(kernel), how_(how), arguments_(arguments), arrays_(arrays) {
    const auto refuse = [&](const std::string& reason) {
        throw Error(ErrorCode::invalid_argument, reason, "split launch of '" + kernel_ + "'");
    };
    if (how.axis > 2) refuse(fmt::format("axis {} is none of x (0), y (1) and z (2)", how.axis));
    blocks_ = extent(how.config.grid, how.axis);
    if (how.config.grid.count() == 0) refuse("the grid is empty");
    if (!how.shares.empty()) {
        if (how.shares.size() != devices)
            refuse(fmt::format("{} shares for {} devices", how.shares.size(), devices));
        const bool are_fine = std::all_of(how.shares.begin(), how.shares.end(),
                                          [](double share) { return std::isfinite(share) && share >= 0; });
        if (!are_fine ||
            std::all_of(how.shares.begin(), how.shares.end(), [](double share) { return share == 0; }))
            refuse("shares are numbers from 0 on, not all of them 0");
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const SplitArgument& argument = arguments[i];
        if (argument.place() == Place::value) {
            if (argument.value().kind() == Argument::Kind::buffer)
                refuse(fmt::format("argument {} is a buffer, which belongs to one device", i + 1));
            continue;
        }
        const SplitArrays::Entry& entry = arrays.at(argument.array());
        if (argument.place() != Place::whole && argument.bytes_per_block() == 0)
            refuse(fmt::format("argument {} is partitioned with 0 bytes for each block", i + 1));
        if (is_written(argument.place()) && entry.is_constant)
            refuse(fmt::format("argument {} is written, and its array is constant", i + 1));
        for (std::size_t k = 0; k < i; ++k) {
            const SplitArgument& other = arguments[k];
            if (other.place() == Place::value || other.array().index != argument.array().index) continue;
            if (!is_written(other.place()) && !is_written(argument.place())) continue;
            if (other.place() == Place::whole || argument.place() == Place::whole ||
                other.bytes_per_block() != argument.bytes_per_block())
                refuse(
                    fmt::format("arguments {} and {} are the same array, which the launch writes, in "
                                "different places",
                                k + 1, i + 1));
        }
    }
}

std::string LaunchJob::key() const {
    const LaunchConfig& config = how_.config;
    return fmt::format("{} {} {} {} {}", kernel_, how_.axis, config.grid.count() / blocks_,
                       config.block.count(), config.shared_bytes);
}

void LaunchJob::check(const KernelInfo& kernel, std::vector<std::string>& notes) const {
    for (std::size_t i = 0; i < std::min(arguments_.size(), kernel.parameters.size()); ++i) {
        const Parameter& parameter = kernel.parameters[i];
        const Place place = arguments_[i].place();
        if (place == Place::value) continue;
        const auto refuse = [&](const char* problem) {
            throw Error(ErrorCode::invalid_argument,
                        fmt::format("argument {} '{}' {}", i + 1, parameter.name, problem),
                        "split launch of '" + kernel_ + "'");
        };
        if (parameter.kind != ParameterKind::pointer) refuse("is no pointer, got an array");
        const bool writes = parameter.access == Access::write || parameter.access == Access::read_write;
        if (writes && !is_written(place))
            refuse("is written by the kernel: say which bytes each block writes (output or in_out)");
        if (place == Place::output && parameter.access == Access::read_write)
            notes.push_back(
                fmt::format("argument {} '{}' is an output that the kernel also reads: what it reads "
                            "before it writes is undefined (in_out gives it its contents)",
                            i + 1, parameter.name));
    }
}

GridPart LaunchJob::part(const SplitShare::Range& range) const {
    GridPart part{{0, 0, 0}, how_.config.grid};
    set_extent(part.first, how_.axis, range.first);
    set_extent(part.blocks, how_.axis, range.blocks);
    return part;
}

ByteRange LaunchJob::bytes_of(const SplitArgument& argument, const SplitShare::Range& range) const {
    const std::size_t all = arrays_[argument.array().index].bytes, each = argument.bytes_per_block();
    const auto place = [&](std::size_t block) {
        return block > all / each ? all : std::min(all, block * each);
    };
    return {place(range.first), place(std::size_t{range.first} + range.blocks)};
}

void LaunchJob::add_needs(const SplitShare::Range& range, std::vector<ArrayPiece>& needs) const {
    for (const SplitArgument& argument : arguments_) {
        const std::size_t array = argument.array().index;
        if (argument.place() == Place::whole)
            needs.push_back({array, {0, arrays_[array].bytes}});
        else if (argument.place() == Place::input || argument.place() == Place::in_out)
            needs.push_back({array, bytes_of(argument, range)});
    }
}

std::vector<ArrayPiece> LaunchJob::outputs(const SplitShare::Range& range) const {
    std::vector<ArrayPiece> pieces;
    for (const SplitArgument& argument : arguments_)
        if (is_written(argument.place()))
            pieces.push_back({argument.array().index, bytes_of(argument, range)});
    return pieces;
}

std::vector<std::size_t> LaunchJob::written_arrays() const {
    std::vector<std::size_t> arrays;
    for (const SplitArgument& argument : arguments_)
        if (is_written(argument.place())) arrays.push_back(argument.array().index);
    return arrays;
}

}  // namespace heddle::runtime
