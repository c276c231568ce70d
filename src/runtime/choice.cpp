// Requirements refuse, preferences order; an explicit chain replaces the order.
#include "choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>
#include <tuple>
#include <utility>

#include <heddle/error.h>

#include "scoring.h"
#include "selection.h"

namespace heddle {

std::string_view name(PowerPreference power) noexcept {
    switch (power) {
        case PowerPreference::high_performance:
            return "high_performance";
        case PowerPreference::low_power:
            return "low_power";
        case PowerPreference::none:
            break;
    }
    return "none";
}

namespace runtime {

namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20, gibibyte = std::uint64_t{1} << 30;
    if (bytes >= gibibyte)
        return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / static_cast<double>(gibibyte));
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / static_cast<double>(mebibyte));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A number inside of a word ("llvm15", "x86.64") is part of a name, but for the letter of "v1.2".
bool can_precede_version(std::string_view before) {
    const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.'; };
    if (before.empty() || !is_word(before.back())) return true;
    const bool is_v = before.back() == 'v' || before.back() == 'V';
    return is_v && (before.size() == 1 || !is_word(before[before.size() - 2]));
}

std::vector<unsigned long> needed_version(const Requirements& requirements) {
    if (requirements.driver.empty()) return {};
    const bool is_plain = std::all_of(requirements.driver.begin(), requirements.driver.end(),
                                      [](char c) { return is_digit(c) || c == '.'; });
    std::vector<unsigned long> version = version_of(requirements.driver);
    if (!is_plain || version.empty())
        throw Error(ErrorCode::invalid_argument, "the driver's least version is '" + requirements.driver +
                                                     "'; write numbers with dots, such as 535.129");
    return version;
}

/// Compared number by number; what a version does not say is 0.
bool is_older(std::vector<unsigned long> a, std::vector<unsigned long> b) {
    const std::size_t length = std::max(a.size(), b.size());
    a.resize(length);
    b.resize(length);
    return a < b;
}

/// Features and memory, which no fallback does without.
std::vector<std::string> lacking_at_all(const DeviceInfo& info, const Requirements& needs) {
    std::vector<std::string> reasons, missing, emulated;
    for (const std::string& feature : needs.features) {
        if (contains(info.features, feature)) continue;
        const bool is_emulated = contains(info.emulated, feature);
        if (is_emulated && needs.native_features) emulated.push_back(feature);
        if (!is_emulated) missing.push_back(feature);
    }
    if (!missing.empty()) reasons.push_back(fmt::format("lacks {}", fmt::join(missing, ", ")));
    if (!emulated.empty()) reasons.push_back(fmt::format("only emulates {}", fmt::join(emulated, ", ")));
    if (info.memory_bytes < needs.memory_bytes)
        reasons.push_back(fmt::format("has {} of memory, less than {}", size_text(info.memory_bytes),
                                      size_text(needs.memory_bytes)));
    if (info.free_bytes < needs.free_bytes)
        reasons.push_back(fmt::format("has {} of free memory, less than {}", size_text(info.free_bytes),
                                      size_text(needs.free_bytes)));
    return reasons;
}

/// What else keeps it out.
std::vector<std::string> lacking_here(const DeviceInfo& info, const Requirements& needs,
                                      const std::vector<unsigned long>& version, bool is_named) {
    std::vector<std::string> reasons;
    if (!needs.allow_cpu && is_processor(info)) reasons.emplace_back("the processor is not allowed");
    if (is_software(info) && !is_named)
        reasons.emplace_back("is a software device, which computes on the processor; name it to use it");
    if (!needs.backends.empty() && !contains(needs.backends, info.backend))
        reasons.push_back(fmt::format("is not of backend {}", fmt::join(needs.backends, " or ")));
    if (!needs.kinds.empty() &&
        std::find(needs.kinds.begin(), needs.kinds.end(), info.kind) == needs.kinds.end()) {
        std::vector<std::string_view> kinds;
        for (const DeviceKind kind : needs.kinds) kinds.push_back(name(kind));
        reasons.push_back(fmt::format("is of kind {}, not {}", name(info.kind), fmt::join(kinds, " or ")));
    }
    if (!version.empty() && !is_processor(info)) {
        const std::vector<unsigned long> mine = version_of(info.driver);
        if (mine.empty())
            reasons.push_back(
                fmt::format("does not tell its driver's version, and {} is the least", needs.driver));
        else if (is_older(mine, version))
            reasons.push_back(fmt::format("has driver {}, older than {}", info.driver, needs.driver));
    }
    return reasons;
}

/// 0 is best.
int rank_of(const DeviceInfo& info, PowerPreference power) {
    if (info.backend == "scalar") return 6;
    if (is_software(info)) return 5;
    if (power == PowerPreference::none) return 0;
    const bool saves = power == PowerPreference::low_power;
    switch (info.kind) {
        case DeviceKind::discrete:
            return saves ? 1 : 0;
        case DeviceKind::integrated:
            return saves ? 0 : 1;
        case DeviceKind::virtual_gpu:
            return 2;
        case DeviceKind::other:
            return 3;
        case DeviceKind::cpu:
            break;
    }
    return 4;
}

std::size_t place_of(const std::string& backend, const std::vector<std::string>& order) {
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), backend) - order.begin());
}

/// Indices of `present` in the order of the preferences.
std::vector<std::size_t> in_order(const Requirements& requirements,
                                  std::span<const DeviceInfo* const> present) {
    std::vector<std::size_t> order(present.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto key = [&](std::size_t index) {
        const DeviceInfo& info = *present[index];
        return std::tuple(place_of(info.backend, requirements.backend_order),
                          rank_of(info, requirements.power), -info.score);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    return order;
}

bool is_group(std::string_view selector) {
    return selector == "all" || selector == "best" || selector == "gpu";
}

bool selects(std::string_view selector, const DeviceInfo& info) {
    if (selector == "all" || selector == "best") return true;
    if (selector == "gpu") return is_gpu(info);
    return selector == info.id || selector == info.backend;
}

}  // namespace

std::vector<unsigned long> version_of(std::string_view text) {
    std::vector<unsigned long> plain;
    for (std::size_t at = 0; at < text.size();) {
        const bool starts = is_digit(text[at]) && can_precede_version(text.substr(0, at));
        if (!starts) {
            ++at;
            continue;
        }
        std::vector<unsigned long> version;
        while (at < text.size() && is_digit(text[at])) {
            unsigned long number = 0;
            const auto [end, code] = std::from_chars(text.data() + at, text.data() + text.size(), number);
            version.push_back(code == std::errc() ? number : ~0UL);
            at = static_cast<std::size_t>(end - text.data());
            if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) ++at;
        }
        if (version.size() > 1) return version;
        if (plain.empty()) plain = std::move(version);
    }
    return plain;
}

std::optional<std::vector<std::string>> backends_of(const Requirements& requirements) {
    std::vector<std::string> names;
    if (!requirements.chain.empty()) {
        for (const std::string& selector : requirements.chain) {
            const auto backends = backends_of(std::string_view(selector));
            if (!backends) {
                if (requirements.backends.empty()) return std::nullopt;
                names = requirements.backends;
                break;
            }
            for (const std::string& name : *backends)
                if (requirements.backends.empty() || contains(requirements.backends, name))
                    names.push_back(name);
        }
    } else if (!requirements.backends.empty()) {
        names = requirements.backends;
    } else {
        return std::nullopt;
    }
    if (requirements.allow_cpu) names.insert(names.end(), {"cpu", "scalar"});
    return names;
}

Choice choose(const Requirements& requirements, std::span<const DeviceInfo* const> present,
              std::span<const UnavailableBackend> unavailable) {
    const std::vector<unsigned long> version = needed_version(requirements);
    const std::vector<std::size_t> order = in_order(requirements, present);
    Choice choice;
    std::vector<std::string> reasons(present.size());
    const auto is_chosen = [&](std::size_t index) {
        return std::find(choice.devices.begin(), choice.devices.end(), index) != choice.devices.end();
    };
    const auto consider = [&](std::size_t index, bool is_named) {
        if (is_chosen(index)) return;
        std::vector<std::string> lacks = lacking_here(*present[index], requirements, version, is_named);
        const std::vector<std::string> more = lacking_at_all(*present[index], requirements);
        lacks.insert(lacks.end(), more.begin(), more.end());
        reasons[index] = fmt::format("{}", fmt::join(lacks, "; "));
        if (lacks.empty()) choice.devices.push_back(index);
    };
    if (requirements.chain.empty()) {
        for (const std::size_t index : order)
            consider(index, contains(requirements.backends, present[index]->backend));
    } else {
        for (std::string& reason : reasons) reason = "is not in the chain";
        for (const std::string& selector : requirements.chain) {
            (void)backends_of(std::string_view(selector));  // throws when malformed
            const bool is_named = !is_group(selector);
            bool is_there = false;
            for (const std::size_t index : order) {
                if (!selects(selector, *present[index])) continue;
                is_there = true;
                consider(index, is_named || contains(requirements.backends, present[index]->backend));
            }
            const auto is_mine = [&](const UnavailableBackend& missing) {
                return selector.substr(0, selector.find(':')) == missing.backend;
            };
            // A backend that is not there tells why itself, below.
            if (!is_there && std::none_of(unavailable.begin(), unavailable.end(), is_mine))
                choice.refusals.push_back({selector, "there is no such device"});
        }
    }
    choice.fitting = choice.devices.size();
    if (requirements.allow_cpu) {
        for (const char* const backend : {"cpu", "scalar"})
            for (std::size_t index = 0; index < present.size(); ++index)
                if (present[index]->backend == backend && !is_chosen(index) &&
                    lacking_at_all(*present[index], requirements).empty())
                    choice.devices.push_back(index);
    }
    for (const std::size_t index : order)
        if (!is_chosen(index)) choice.refusals.push_back({present[index]->id, reasons[index]});
    // best_device() takes none that is only a fallback: it tells why.
    if (choice.fitting == 0)
        for (const std::size_t index : choice.devices)
            choice.refusals.push_back({present[index]->id, reasons[index]});
    for (const UnavailableBackend& missing : unavailable)
        choice.refusals.push_back({missing.backend, missing.reason});
    for (const std::string& backend : requirements.backends) {
        const bool is_known =
            std::any_of(present.begin(), present.end(),
                        [&](const DeviceInfo* info) { return info->backend == backend; }) ||
            std::any_of(unavailable.begin(), unavailable.end(),
                        [&](const UnavailableBackend& missing) { return missing.backend == backend; });
        if (!is_known) choice.refusals.push_back({backend, "there is no such backend"});
    }
    return choice;
}

}  // namespace runtime
}  // namespace heddle
