// Parses device selectors and matches them with the devices there are.
#include "selection.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <heddle/error.h>

#include "scoring.h"

namespace heddle::runtime {

namespace {

struct Selector {
    std::string_view text, backend;
    std::optional<unsigned> index;
};

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// `where` says whose text it is, for the message.
Selector parse_selector(std::string_view text, std::string_view where) {
    Selector result{text, text, std::nullopt};
    const std::size_t colon = text.find(':');
    bool fine = true;
    if (colon != std::string_view::npos) {
        result.backend = text.substr(0, colon);
        const std::string_view digits = text.substr(colon + 1);
        unsigned index = 0;
        const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
        fine = code == std::errc() && !digits.empty() && stop == digits.data() + digits.size();
        result.index = index;
    }
    if (!fine || !is_name(result.backend)) {
        throw Error(ErrorCode::invalid_argument,
                    std::string(where) + ": '" + std::string(text) +
                        "' names no device; write backend:index (cpu:0), a backend "
                        "(cpu), gpu, best or all, or several with commas");
    }
    return result;
}

template <class Visit>
void for_each_item(std::string_view list, Visit visit) {
    while (true) {
        const std::size_t comma = list.find(',');
        visit(trimmed(list.substr(0, comma)));
        if (comma == std::string_view::npos) return;
        list.remove_prefix(comma + 1);
    }
}

[[noreturn]] void refuse(const Selector& selector, std::span<const Device> present,
                         std::span<const UnavailableBackend> unavailable) {
    std::string reason = "no device '" + std::string(selector.text) + "'";
    std::string why;
    for (const UnavailableBackend& missing : unavailable) {
        if (missing.backend == selector.backend) why = missing.reason;
    }
    const bool is_group = selector.text == "gpu" || selector.text == "best" || selector.text == "all";
    const bool is_present = std::any_of(present.begin(), present.end(), [&](const Device& device) {
        return device.info().backend == selector.backend;
    });
    if (why.empty() && !is_group && !is_present) why = "this build of Heddle has no backend of that name";
    if (!why.empty()) reason += ": " + why;
    if (present.empty()) {
        reason += "; no device is available";
        for (const UnavailableBackend& missing : unavailable) {
            if (missing.backend != selector.backend) reason += "; " + missing.backend + ": " + missing.reason;
        }
    } else {
        reason += "; available:";
        for (const Device& device : present) reason += " " + device.id();
    }
    throw Error(ErrorCode::device_unavailable, reason);
}

}  // namespace

DeviceFilter::DeviceFilter(const std::optional<std::string>& only,
                           const std::optional<std::string>& without) {
    if (only) {
        only_ = parse(*only, "HEDDLE_DEVICES", true);
        is_limited_ = true;
        std::erase_if(only_, [&](const Entry& entry) {
            if (entry.backend == "all" || entry.backend == "best") {
                is_limited_ = false;
            } else if (entry.backend == "gpu") {
                only_gpus_ = true;
            } else {
                return false;
            }
            return true;
        });
    }
    if (without) without_ = parse(*without, "HEDDLE_DISABLE", false);
}

std::vector<DeviceFilter::Entry> DeviceFilter::parse(const std::string& list, const char* variable,
                                                     bool allow_groups) {
    std::vector<Entry> entries;
    for_each_item(list, [&](std::string_view item) {
        if (item.empty()) return;
        const Selector selector = parse_selector(item, variable);
        const bool is_group = item == "gpu" || item == "all" || item == "best";
        if (is_group && !allow_groups) {
            throw Error(ErrorCode::invalid_argument,
                        std::string(variable) + ": '" + std::string(item) + "' is not a backend or a device");
        }
        entries.push_back({std::string(selector.backend), selector.index});
    });
    return entries;
}

std::optional<std::string> DeviceFilter::backend_exclusion(std::string_view backend) const {
    for (const Entry& entry : without_) {
        if (entry.backend == backend && !entry.index) return "switched off by HEDDLE_DISABLE";
    }
    if (!is_limited_ || only_gpus_) return std::nullopt;
    const bool is_named =
        std::any_of(only_.begin(), only_.end(), [&](const Entry& entry) { return entry.backend == backend; });
    if (is_named) return std::nullopt;
    return "not among HEDDLE_DEVICES";
}

bool DeviceFilter::allows_device(const DeviceInfo& info) const {
    const auto matches = [&](const Entry& entry) {
        return entry.backend == info.backend &&
               (!entry.index || info.id == entry.backend + ":" + std::to_string(*entry.index));
    };
    if (std::any_of(without_.begin(), without_.end(), matches)) return false;
    if (!is_limited_ || (only_gpus_ && is_gpu(info))) return true;
    return std::any_of(only_.begin(), only_.end(), matches);
}

std::vector<std::string> DeviceFilter::named_backends() const {
    std::vector<std::string> names;
    for (const Entry& entry : only_) {
        if (std::find(names.begin(), names.end(), entry.backend) == names.end())
            names.push_back(entry.backend);
    }
    return names;
}

std::optional<std::vector<std::string>> backends_of(std::string_view selectors) {
    std::vector<std::string> names;
    bool is_all = false;
    for_each_item(selectors, [&](std::string_view item) {
        is_all = is_all || item == "all" || item == "best" || item == "gpu";
        names.emplace_back(parse_selector(item, "device").backend);
    });
    if (is_all) return std::nullopt;
    return names;
}

std::vector<Device> select(std::string_view selectors, std::span<const Device> present,
                           std::span<const UnavailableBackend> unavailable) {
    std::vector<Device> chosen;
    const auto choose = [&](const Device& device) {
        if (std::find(chosen.begin(), chosen.end(), device) == chosen.end()) chosen.push_back(device);
    };
    for_each_item(selectors, [&](std::string_view item) {
        const Selector selector = parse_selector(item, "device");
        if (item == "all") {
            if (present.empty()) refuse(selector, present, unavailable);
            for (const Device& device : present) choose(device);
            return;
        }
        // `present` is best first, so that the first match is the best; a backend alone is its first device.
        const Device* match = nullptr;
        for (const Device& device : present) {
            const DeviceInfo& info = device.info();
            if (item == "best" || (item == "gpu" && is_gpu(info)) || (selector.index && info.id == item)) {
                match = &device;
                break;
            }
            const bool is_backend = !selector.index && info.backend == item;
            if (is_backend && (match == nullptr || info.id.size() < match->id().size() ||
                               (info.id.size() == match->id().size() && info.id < match->id()))) {
                match = &device;
            }
        }
        if (match == nullptr) refuse(selector, present, unavailable);
        choose(*match);
    });
    return chosen;
}

}  // namespace heddle::runtime
