// Measuring and checking, see measurement.h.
#include "measurement.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

#include <fmt/format.h>
#include <heddle/error.h>

namespace heddle::tool::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSampleMilliseconds = 3.0;
constexpr double kShortMilliseconds = 20.0;  // a run this short is repeated unmeasured to wake the threads
constexpr auto kRest = std::chrono::milliseconds(2);  // longer than a peer's threads spin

double milliseconds(PreparedCase& prepared, unsigned times) {
    const auto start = Clock::now();
    prepared.run(times);
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double element(const std::vector<std::byte>& bytes, DType type, std::size_t index) {
    const auto load = [&]<class T>(T value) {
        std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
        return static_cast<double>(value);
    };
    switch (type) {
        case DType::u8:
            return load(std::uint8_t{});
        case DType::i32:
            return load(std::int32_t{});
        case DType::u32:
            return load(std::uint32_t{});
        case DType::f32:
            return load(float{});
        case DType::f64:
            return load(double{});
        default:
            throw Error(ErrorCode::internal,
                        fmt::format("benchmarks do not check buffers of {}", name(type)));
    }
}

/// Empty, or what differs from what is expected.
std::string compare(const Case& it, const Expectation& expected, const std::vector<std::byte>& bytes) {
    const BufferSpec& spec = it.buffers[expected.buffer];
    double greatest = 0;
    for (const double value : expected.values) greatest = std::max(greatest, std::abs(value));
    const auto allowed =
        static_cast<std::size_t>(expected.mismatches * static_cast<double>(expected.values.size()));
    std::size_t wrong = 0;
    std::string first;
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        const std::size_t index = expected.indices.empty() ? i : expected.indices[i];
        const double value = element(bytes, spec.type, index), wanted = expected.values[i];
        if (std::abs(value - wanted) <= expected.relative * std::abs(wanted) + expected.absolute * greatest)
            continue;
        if (wrong++ == 0) first = fmt::format("{}[{}] is {}, expected {}", spec.name, index, value, wanted);
    }
    if (wrong <= allowed) return {};
    return fmt::format("wrong results: {} of {} elements, first {}", wrong, expected.values.size(), first);
}

/// Empty, or where two contenders' results lie farther apart than both may be from the truth.
std::string compare_with(const Case& it, const Expectation& expected, const std::vector<std::byte>& bytes,
                         const std::vector<std::byte>& others) {
    Expectation theirs{.buffer = expected.buffer,
                       .relative = 2 * expected.relative,
                       .absolute = 2 * expected.absolute,
                       .mismatches = 2 * expected.mismatches};
    const DType type = it.buffers[expected.buffer].type;
    theirs.values.resize(others.size() / size_of(type));
    for (std::size_t i = 0; i < theirs.values.size(); ++i) theirs.values[i] = element(others, type, i);
    return compare(it, theirs, bytes);
}

/// A contender in this case: its outputs after the first run, then its samples.
struct Entry {
    Contender* contender = nullptr;
    std::unique_ptr<PreparedCase> prepared;
    std::vector<std::vector<std::byte>> outputs;
    Measured measured;
    double estimate_ms = 0;
    std::vector<double> samples;
};

/// Runs `action`; what it throws becomes the entry's error, and the entry takes no further part.
template <class F>
void guard(Entry& entry, F action) {
    try {
        action();
    } catch (const std::exception& error) {
        entry.measured.error = error.what();
        entry.prepared.reset();
        entry.samples.clear();
    }
}

void first_run(Entry& entry, const Case& it) {
    entry.prepared = entry.contender->prepare(it);
    entry.prepared->run(1);
    for (const Expectation& expected : it.expected) {
        entry.outputs.push_back(entry.prepared->read(expected.buffer));
        if (entry.measured.error.empty()) entry.measured.error = compare(it, expected, entry.outputs.back());
    }
    entry.estimate_ms = milliseconds(*entry.prepared, 1);
    if (entry.estimate_ms < kShortMilliseconds)
        entry.estimate_ms = std::min(milliseconds(*entry.prepared, 2) / 2, entry.estimate_ms);
    entry.measured.repetitions = static_cast<unsigned>(
        std::clamp(std::ceil(kSampleMilliseconds / std::max(entry.estimate_ms, 1e-4)), 1.0, 10000.0));
}

void sample(Entry& entry) {
    std::this_thread::sleep_for(kRest);
    if (entry.estimate_ms < kShortMilliseconds) entry.prepared->run(1);
    entry.samples.push_back(milliseconds(*entry.prepared, entry.measured.repetitions) /
                            entry.measured.repetitions);
}

void finish(Entry& entry) {
    if (entry.samples.empty()) {
        entry.measured.repetitions = 0;
        return;
    }
    std::sort(entry.samples.begin(), entry.samples.end());
    const std::size_t middle = entry.samples.size() / 2;
    entry.measured.median_ms = entry.samples.size() % 2 == 1
                                   ? entry.samples[middle]
                                   : (entry.samples[middle - 1] + entry.samples[middle]) / 2;
    entry.measured.min_ms = entry.samples.front();
    entry.measured.max_ms = entry.samples.back();
}

}  // namespace

bool CaseResult::checked() const noexcept {
    return ours.error.empty() && ours.ran() &&
           std::all_of(peers.begin(), peers.end(), [](const Measured& peer) { return peer.error.empty(); });
}

CaseResult measure(const Case& it, Contender& device, std::span<Contender* const> peers, unsigned samples) {
    std::vector<Entry> entries(1 + peers.size());
    entries[0].contender = &device;
    for (std::size_t i = 0; i < peers.size(); ++i) entries[i + 1].contender = peers[i];
    for (Entry& entry : entries) {
        entry.measured.name = entry.contender->name();
        guard(entry, [&] { first_run(entry, it); });
    }
    for (std::size_t i = 1; i < entries.size(); ++i) {
        if (!entries[i].measured.error.empty() || !entries[0].measured.error.empty()) continue;
        for (std::size_t k = 0; k < it.expected.size() && entries[i].measured.error.empty(); ++k)
            entries[i].measured.error =
                compare_with(it, it.expected[k], entries[i].outputs[k], entries[0].outputs[k]);
    }
    for (unsigned round = 0; round < samples; ++round)
        for (Entry& entry : entries)
            if (entry.prepared) guard(entry, [&] { sample(entry); });

    CaseResult result{
        .name = it.name, .size = it.size, .device = device.name(), .unit = it.unit, .samples = samples};
    for (Entry& entry : entries) finish(entry);
    result.ours = entries[0].measured;
    if (result.ours.ran()) result.metric = it.work / (result.ours.median_ms / 1000);
    for (std::size_t i = 1; i < entries.size(); ++i) result.peers.push_back(entries[i].measured);
    return result;
}

std::vector<Summary> summarise(std::span<const CaseResult> results) {
    std::vector<Summary> summaries;
    std::vector<double> logarithms;
    for (const CaseResult& result : results) {
        for (const Measured& peer : result.peers) {
            if (!result.ours.compares() || !peer.compares()) continue;
            auto place = std::find_if(summaries.begin(), summaries.end(), [&](const Summary& summary) {
                return summary.device == result.device && summary.peer == peer.name;
            });
            if (place == summaries.end()) {
                summaries.push_back({.device = result.device, .peer = peer.name});
                logarithms.push_back(0);
                place = summaries.end() - 1;
            }
            const double ratio = peer.median_ms / result.ours.median_ms;
            if (place->cases == 0 || ratio < place->min) {
                place->min = ratio;
                place->min_case = result.name;
            }
            ++place->cases;
            logarithms[static_cast<std::size_t>(place - summaries.begin())] += std::log(ratio);
        }
    }
    for (std::size_t i = 0; i < summaries.size(); ++i)
        summaries[i].geometric_mean = std::exp(logarithms[i] / static_cast<double>(summaries[i].cases));
    return summaries;
}

}  // namespace heddle::tool::bench
