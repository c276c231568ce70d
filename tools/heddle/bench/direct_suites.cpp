// Cases of the suites `launch` and `transfers`, and how they are measured.
#include "direct_suites.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <heddle/error.h>

#include "raw_api.h"

namespace heddle::tool::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto rest = std::chrono::milliseconds(2);
constexpr double sample_ms = 3.0;
constexpr unsigned most_repetitions = 1000;
constexpr unsigned launches = 1000;
constexpr std::size_t overlap_bytes = std::size_t{64} << 20;
constexpr std::array copy_bytes{std::size_t{64} << 10, std::size_t{1} << 20, std::size_t{16} << 20,
                                std::size_t{256} << 20};
/// Of the kernel that keeps a device busy; some drivers leave loops after 65535.
constexpr std::uint32_t most_rounds = 60000;

struct CopyCase {
    std::string_view name;
    Direction direction;
    HostKind kind;
};
constexpr std::array copy_cases{
    CopyCase{"write_pageable", Direction::to_device, HostKind::pageable},
    CopyCase{"read_pageable", Direction::to_host, HostKind::pageable},
    CopyCase{"write_pinned", Direction::to_device, HostKind::pinned},
    CopyCase{"read_pinned", Direction::to_host, HostKind::pinned},
};
struct OverlapCase {
    std::string_view name;
    Direction direction;
};
constexpr std::array overlap_cases{OverlapCase{"overlap_write", Direction::to_device},
                                   OverlapCase{"overlap_read", Direction::to_host}};

template <class Work>
double milliseconds(Work work) {
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// A device in a case, and what it has shown there.
struct Entry {
    DirectDevice* device = nullptr;
    Measured measured{};
    std::vector<double> samples{}, factors{};
    std::uint32_t rounds = 0;  // of the overlap's kernel, for as long as the copy takes
    unsigned count = 0;
};

/// Runs `action`; what it throws becomes the entry's error, and the entry takes no further part.
template <class Action>
void guard(Entry& entry, Action action) {
    if (entry.device == nullptr) return;
    try {
        action(*entry.device);
    } catch (const std::exception& error) {
        entry.measured.error = error.what();
        entry.device = nullptr;
        entry.samples.clear();
    }
}

void finish(Entry& entry) {
    if (entry.samples.empty()) {
        entry.measured.repetitions = 0;
        return;
    }
    entry.measured.median_ms = median(entry.samples);
    entry.measured.min_ms = *std::min_element(entry.samples.begin(), entry.samples.end());
    entry.measured.max_ms = *std::max_element(entry.samples.begin(), entry.samples.end());
}

/// Heddle's device and its peer, if there is one, in one case.
class Turns {
  public:
    Turns(DirectDevice& ours, DirectDevice* peer) {
        for (DirectDevice* const device : {&ours, peer}) {
            if (device == nullptr) continue;
            entries_.emplace_back().device = device;
            entries_.back().measured.name = device->name();
        }
    }
    template <class Action>
    void each(Action action) {
        for (Entry& entry : entries_) guard(entry, [&](DirectDevice& device) { action(entry, device); });
    }
    /// Samples of `work`, each repeated until it takes a while; `parts` is what one run counts for.
    template <class Work>
    void sample(unsigned samples, unsigned parts, Work work) {
        each([&](Entry& entry, DirectDevice& device) {
            work(device);
            const double once = std::max(milliseconds([&] { work(device); }), 1e-4);
            entry.measured.repetitions =
                static_cast<unsigned>(std::clamp(std::ceil(sample_ms / once), 1.0, 1.0 * most_repetitions));
        });
        for (unsigned round = 0; round < samples; ++round)
            each([&](Entry& entry, DirectDevice& device) {
                std::this_thread::sleep_for(rest);
                work(device);
                const double all = milliseconds([&] {
                    for (unsigned k = 0; k < entry.measured.repetitions; ++k) work(device);
                });
                entry.samples.push_back(all / entry.measured.repetitions / parts);
            });
        each([&](Entry& entry, DirectDevice&) { entry.measured.repetitions *= parts; });
    }
    /// `metric` is made of a time in milliseconds.
    template <class Metric>
    CaseResult result(std::string_view name, std::string size, std::string unit, unsigned samples,
                      Metric metric) {
        CaseResult result{.name = std::string(name),
                          .size = std::move(size),
                          .device = entries_.front().measured.name,
                          .unit = std::move(unit),
                          .samples = samples};
        for (Entry& entry : entries_) {
            finish(entry);
            if (entry.measured.ran()) entry.measured.metric = metric(entry);
        }
        result.ours = entries_.front().measured;
        result.metric = result.ours.metric;
        for (std::size_t k = 1; k < entries_.size(); ++k) result.peers.push_back(entries_[k].measured);
        return result;
    }

  private:
    std::vector<Entry> entries_;
};

void check_launch(DirectDevice& device) {
    for (const std::uint32_t value : {0x1234567U, 0x7654321U}) {
        device.launch(3, value);
        device.launch(2, 0);
        const std::uint32_t stored = device.first_word();
        if (stored != value)
            throw Error(ErrorCode::internal,
                        fmt::format("wrong results: a launch stored {}, expected {}", stored, value));
    }
}

void fill(std::span<std::byte> bytes, std::uint64_t seed) {
    for (std::size_t k = 0; k < bytes.size(); k += 8) {
        const std::uint64_t value = (k + seed) * 0x9e3779b97f4a7c15U ^ seed;
        std::memcpy(bytes.data() + k, &value, std::min<std::size_t>(8, bytes.size() - k));
    }
}

/// Copies there with `kind` and back with both; all bytes must arrive.
void check_copies(DirectDevice& device, HostKind kind) {
    const std::span<std::byte> source = device.host(kind);
    fill(source, 1 + static_cast<std::uint64_t>(kind));
    const std::vector<std::byte> want(source.begin(), source.end());
    device.copy(Direction::to_device, kind);
    for (const HostKind back : {HostKind::pageable, HostKind::pinned}) {
        const std::span<std::byte> got = device.host(back);
        std::ranges::fill(got, std::byte{0x55});
        device.copy(Direction::to_host, back);
        const auto wrong = std::ranges::mismatch(got, want);
        if (wrong.in2 != want.end())
            throw Error(ErrorCode::internal, fmt::format("wrong results: byte {} of {} did not arrive",
                                                         wrong.in2 - want.begin(), want.size()));
    }
}

std::string size_text(std::size_t bytes) {
    return bytes >= std::size_t{1} << 20 ? fmt::format("{} MiB", bytes >> 20)
                                         : fmt::format("{} KiB", bytes >> 10);
}

void measure_launches(Turns turns, std::string_view name, unsigned samples,
                      std::vector<CaseResult>& results) {
    turns.each([](Entry&, DirectDevice& device) { check_launch(device); });
    const unsigned parts = name == "launches" ? launches : 1;
    turns.sample(samples, parts, [&](DirectDevice& device) { device.launch(parts, 0); });
    results.push_back(turns.result(name, fmt::format("{} in a row", parts), "us", samples,
                                   [](const Entry& entry) { return entry.measured.median_ms * 1000; }));
}

void measure_copy(Turns turns, const CopyCase& it, std::size_t bytes, unsigned samples,
                  std::vector<CaseResult>& results) {
    turns.each([&](Entry&, DirectDevice& device) { check_copies(device, it.kind); });
    turns.sample(samples, 1, [&](DirectDevice& device) { device.copy(it.direction, it.kind); });
    results.push_back(turns.result(it.name, size_text(bytes), "GB/s", samples, [bytes](const Entry& entry) {
        return static_cast<double>(bytes) / entry.measured.median_ms * 1e-6;
    }));
}

/// Chooses rounds and count of `busy` so that it takes about `wanted_ms`.
void fit_busy(Entry& entry, DirectDevice& device, double wanted_ms) {
    device.busy(1, 1);
    entry.rounds = most_rounds;
    double once = 0;
    // From few rounds up: a slow device would take long for many.
    for (std::uint32_t rounds = 60; rounds <= most_rounds; rounds *= 10) {
        entry.rounds = rounds;
        once = std::min(milliseconds([&] { device.busy(rounds, 1); }),
                        milliseconds([&] { device.busy(rounds, 1); }));
        if (once * 3 > wanted_ms) break;
    }
    if (once > wanted_ms) {
        entry.rounds = std::max(1U, static_cast<std::uint32_t>(entry.rounds * wanted_ms / once));
        entry.count = 1;
        return;
    }
    entry.count = static_cast<unsigned>(std::clamp(std::round(wanted_ms / once), 1.0, 1000.0));
}

/// The time of a copy and a kernel that go on at the same time, over the longer of the two by itself.
void measure_overlap(Turns turns, const OverlapCase& it, unsigned samples, std::vector<CaseResult>& results) {
    turns.each([&](Entry& entry, DirectDevice& device) {
        check_copies(device, HostKind::pinned);
        std::vector<double> times;
        for (int k = 0; k < 3; ++k)
            times.push_back(milliseconds([&] { device.copy(it.direction, HostKind::pinned); }));
        fit_busy(entry, device, median(times));
        device.copy_beside_busy(it.direction, entry.rounds, entry.count);
        entry.measured.repetitions = 1;
    });
    for (unsigned round = 0; round < samples; ++round)
        turns.each([&](Entry& entry, DirectDevice& device) {
            std::this_thread::sleep_for(rest);
            const double copy = milliseconds([&] { device.copy(it.direction, HostKind::pinned); });
            const double busy = milliseconds([&] { device.busy(entry.rounds, entry.count); });
            const double both =
                milliseconds([&] { device.copy_beside_busy(it.direction, entry.rounds, entry.count); });
            entry.samples.push_back(both);
            entry.factors.push_back(both / std::max(copy, busy));
        });
    results.push_back(turns.result(it.name, size_text(overlap_bytes) + " and a kernel", "x the longer",
                                   samples, [](const Entry& entry) { return median(entry.factors); }));
}

}  // namespace

bool is_direct_suite(std::string_view suite) noexcept {
    return suite == "launch" || suite == "transfers";
}

std::vector<std::string_view> direct_cases(std::string_view suite) {
    if (suite == "launch") return {"launches", "round_trip"};
    std::vector<std::string_view> names;
    for (const CopyCase& each : copy_cases) names.push_back(each.name);
    for (const OverlapCase& each : overlap_cases) names.push_back(each.name);
    return names;
}

void measure_direct(Report& report, std::span<const Device> devices, const DirectOptions& options) {
    const auto is_wanted = [&](std::string_view name) {
        return options.cases.empty() ||
               std::find(options.cases.begin(), options.cases.end(), name) != options.cases.end();
    };
    for (const Device& device : devices) {
        const auto say = [&](std::string_view what) {
            if (options.progress) options.progress(fmt::format("{} on {}", what, device.id()));
        };
        std::unique_ptr<DirectDevice> ours, peer;
        try {
            say("preparing");
            ours = make_heddle_direct(device, options.packages);
            report.participants.push_back({device.id(), ours->description(), ""});
        } catch (const Error& error) {
            for (const std::string_view name : direct_cases(report.suite))
                if (is_wanted(name)) {
                    CaseResult failed{.name = std::string(name), .device = device.id()};
                    failed.ours.name = device.id();
                    failed.ours.error = error.what();
                    report.results.push_back(std::move(failed));
                }
            continue;
        }
        const std::string peer_name = "raw (" + device.id() + ")";
        try {
            peer = make_raw_direct(device.info());
            if (peer != nullptr) report.participants.push_back({peer_name, peer->description(), ""});
        } catch (const Error& error) {
            report.participants.push_back({peer_name, "", error.what()});
        }
        if (report.suite == "launch") {
            for (const std::string_view name : direct_cases("launch")) {
                if (!is_wanted(name)) continue;
                say(name);
                measure_launches({*ours, peer.get()}, name, options.samples, report.results);
            }
            continue;
        }
        const auto allocate = [&](Turns turns, std::size_t bytes) {
            turns.each([&](Entry&, DirectDevice& each) { each.allocate(bytes); });
        };
        for (const std::size_t bytes : copy_bytes) {
            if (std::none_of(copy_cases.begin(), copy_cases.end(),
                             [&](const CopyCase& it) { return is_wanted(it.name); }))
                break;
            allocate({*ours, peer.get()}, bytes);
            for (const CopyCase& it : copy_cases) {
                if (!is_wanted(it.name)) continue;
                say(fmt::format("{} of {}", it.name, size_text(bytes)));
                measure_copy({*ours, peer.get()}, it, bytes, options.samples, report.results);
            }
        }
        for (const OverlapCase& it : overlap_cases) {
            if (!is_wanted(it.name)) continue;
            say(it.name);
            allocate({*ours, peer.get()}, overlap_bytes);
            measure_overlap({*ours, peer.get()}, it, options.samples, report.results);
        }
    }
}

}  // namespace heddle::tool::bench
