// Cases of the suite `split`, and how they are measured.
#include "split_suite.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <heddle/chunked_map.h>
#include <heddle/error.h>
#include <heddle/split.h>

#include "../file.h"
#include "case.h"

namespace heddle::tool::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto rest = std::chrono::milliseconds(2);
constexpr double sample_ms = 20.0;
constexpr unsigned most_repetitions = 200;
/// Steps that results are compared after; in them shares settle too.
constexpr unsigned checked_steps = 4;
constexpr std::uint32_t block = 256;

/// One case on one set of devices.
class Work {
  public:
    virtual ~Work() = default;
    virtual void run(unsigned times) = 0;
    /// What it computes from the beginning, the same on all devices.
    virtual std::vector<float> check() = 0;
    /// Who did how much in the last run.
    virtual std::string shares() const = 0;
};

std::string percents(const std::vector<std::pair<std::string, std::uint64_t>>& parts) {
    std::uint64_t all = 0;
    for (const auto& [device, count] : parts) all += count;
    std::vector<std::string> texts;
    for (const auto& [device, count] : parts)
        texts.push_back(fmt::format(
            "{} {:.1f} %", device,
            100.0 * static_cast<double>(count) / static_cast<double>(std::max<std::uint64_t>(all, 1))));
    return fmt::format("{}", fmt::join(texts, ", "));
}

float uniform(std::uint64_t index) {
    std::uint64_t x = (index + 1) * 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9U;
    return static_cast<float>((x >> 40) & 0xffffffU) / 16777216.0f;
}

struct Vector4 {
    float x, y, z, w;
};

/// Bodies partitioned, places whole: each step every device needs what the others have moved.
class NbodyWork final : public Work {
  public:
    NbodyWork(std::vector<Device> devices, const ProgramSource& program, std::uint32_t bodies)
        : bodies_(bodies),
          places_(bodies),
          velocities_(bodies),
          moved_(bodies),
          session_(std::move(devices), program) {
        reset();
        from_ = session_.add_array(std::span(places_));
        velocity_ = session_.add_array(std::span(velocities_));
        to_ = session_.add_array(std::span(moved_));
        first_ = from_.index;
    }
    void run(unsigned times) override {
        for (unsigned k = 0; k < times; ++k) step();
    }
    std::vector<float> check() override {
        reset();
        for (const SplitArray array : {from_, velocity_, to_}) session_.host_changed(array);
        if (from_.index != first_) std::swap(from_, to_);
        run(checked_steps);
        session_.fetch(from_);
        const std::vector<Vector4>& result = from_.index == first_ ? places_ : moved_;
        std::vector<float> values;
        for (const Vector4& each : result) values.insert(values.end(), {each.x, each.y, each.z});
        return values;
    }
    std::string shares() const override {
        std::vector<std::pair<std::string, std::uint64_t>> parts;
        for (const SplitShare& share : last_.shares) parts.emplace_back(share.device, share.blocks);
        return percents(parts);
    }

  private:
    void reset() {
        for (std::uint32_t i = 0; i < bodies_; ++i) {
            const std::uint64_t at = std::uint64_t{i} * 4;
            places_[i] = {uniform(at), uniform(at + 1), uniform(at + 2), 1.0f / static_cast<float>(bodies_)};
            velocities_[i] = moved_[i] = {0, 0, 0, 0};
        }
    }
    void step() {
        constexpr std::size_t bytes = block * sizeof(Vector4);
        last_ = session_.launch("nbody_step", {{{bodies_ / block}, {block}, 0}, 0, {}},
                                {bodies_, 1e-3f, 1e-3f, SplitArgument::whole(from_),
                                 SplitArgument::in_out(velocity_, bytes), SplitArgument::output(to_, bytes)});
        for (const SplitShare& share : last_.shares)
            if (share.has_failed)
                throw Error(ErrorCode::device_lost, share.reason, "suite split", share.device);
        std::swap(from_, to_);
    }

    std::uint32_t bodies_;
    std::vector<Vector4> places_, velocities_, moved_;
    SplitSession session_;
    SplitArray from_, velocity_, to_;
    std::size_t first_ = 0;
    SplitRecord last_;
};

/// A map over an array in the host's memory.
class MapWork final : public Work {
  public:
    static constexpr std::uint32_t rounds = 64;
    MapWork(std::vector<Device> devices, const ProgramSource& program,
            std::shared_ptr<const std::vector<float>> in)
        : devices_(std::move(devices)), program_(program), in_(std::move(in)), out_(in_->size()) {}
    void run(unsigned times) override {
        for (unsigned k = 0; k < times; ++k) {
            last_ = chunked_map(devices_, program_, "logistic", in_->size(),
                                {MapArgument::count(), rounds, MapArgument::input(in_->data(), sizeof(float)),
                                 MapArgument::output(out_.data(), sizeof(float))});
            for (const MapShare& share : last_.shares)
                if (share.has_failed)
                    throw Error(ErrorCode::device_lost, share.reason, "suite split", share.device);
        }
    }
    std::vector<float> check() override {
        std::fill(out_.begin(), out_.end(), -1.0f);
        run(1);
        return out_;
    }
    std::string shares() const override {
        std::vector<std::pair<std::string, std::uint64_t>> parts;
        for (const MapShare& share : last_.shares) parts.emplace_back(share.device, share.elements);
        return percents(parts);
    }

  private:
    std::vector<Device> devices_;
    ProgramSource program_;
    std::shared_ptr<const std::vector<float>> in_;
    std::vector<float> out_;
    MapRecord last_;
};

/// A set of devices in one case.
struct Entry {
    std::vector<Device> devices{};
    std::unique_ptr<Work> work{};
    Measured measured{};
    std::vector<double> samples{};
    std::vector<float> result{};

    template <class Action>
    void guard(Action action) {
        if (!measured.error.empty()) return;
        try {
            action();
        } catch (const std::exception& error) {
            measured.error = error.what();
            samples.clear();
            work.reset();
        }
    }
};

double milliseconds(Work& work, unsigned times) {
    const auto start = Clock::now();
    work.run(times);
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Empty, or where the results differ by more than rounding in another order.
std::string compare(const std::vector<float>& got, const std::vector<float>& want) {
    if (got.size() != want.size()) return "wrong results: of another size";
    for (std::size_t i = 0; i < got.size(); ++i)
        if (!(std::abs(got[i] - want[i]) <= 1e-3f * std::max(1.0f, std::abs(want[i]))))
            return fmt::format("wrong results: element {} is {}, and {} on one device", i, got[i], want[i]);
    return {};
}

std::string name_of(std::span<const Device> devices) {
    std::vector<std::string_view> ids;
    for (const Device& device : devices) ids.push_back(device.id());
    return fmt::format("{}", fmt::join(ids, "+"));
}

ProgramSource program_of(const std::string& folder) {
    if (folder.empty()) return ProgramSource::text(std::string(kernel_source("split.cu")), "split.cu");
    return ProgramSource::package(read_file(folder + "/split.heddle"));
}

}  // namespace

std::vector<std::string_view> split_cases() {
    return {"nbody", "map"};
}

void measure_split(Report& report, std::span<const Device> devices, const SplitSuiteOptions& options) {
    const auto is_wanted = [&](std::string_view name) {
        return options.cases.empty() ||
               std::find(options.cases.begin(), options.cases.end(), name) != options.cases.end();
    };
    const ProgramSource program = program_of(options.packages);
    std::string description;
    for (const std::string_view name : split_cases()) {
        if (!is_wanted(name)) continue;
        const bool is_nbody = name == "nbody";
        const std::uint32_t bodies = options.is_large ? 262'144 : 4096;
        const std::size_t elements = std::size_t{options.is_large ? 256U : 4U} << 20;
        auto input = std::make_shared<std::vector<float>>(is_nbody ? 0 : elements);
        for (std::size_t i = 0; i < input->size(); ++i) (*input)[i] = uniform(i);

        std::vector<Entry> entries(1);
        entries[0].devices.assign(devices.begin(), devices.end());
        for (const Device& device : devices) entries.emplace_back().devices = {device};
        const auto say = [&](const Entry& entry) {
            if (options.progress) options.progress(fmt::format("{} on {}", name, entry.measured.name));
        };
        for (Entry& entry : entries) {
            entry.measured.name = name_of(entry.devices);
            say(entry);
            entry.guard([&] {
                if (is_nbody)
                    entry.work = std::make_unique<NbodyWork>(entry.devices, program, bodies);
                else
                    entry.work = std::make_unique<MapWork>(entry.devices, program, input);
                entry.result = entry.work->check();
                const double once = std::max(milliseconds(*entry.work, 1), 1e-3);
                entry.measured.repetitions = static_cast<unsigned>(
                    std::clamp(std::ceil(sample_ms / once), 1.0, 1.0 * most_repetitions));
            });
        }
        // All against the first that ran alone.
        const auto alone = std::find_if(entries.begin() + 1, entries.end(),
                                        [](const Entry& entry) { return entry.measured.error.empty(); });
        for (Entry& entry : entries)
            entry.guard([&] {
                if (alone == entries.end() || &entry == &*alone) return;
                if (const std::string wrong = compare(entry.result, alone->result); !wrong.empty())
                    throw Error(ErrorCode::internal, wrong);
            });
        for (unsigned sample = 0; sample < options.samples; ++sample)
            for (Entry& entry : entries) {
                say(entry);
                entry.guard([&] {
                    std::this_thread::sleep_for(rest);
                    entry.samples.push_back(milliseconds(*entry.work, entry.measured.repetitions) /
                                            entry.measured.repetitions);
                });
            }
        CaseResult result{.name = std::string(name),
                          .size = is_nbody
                                      ? fmt::format("{} bodies", bodies)
                                      : fmt::format("{} MiB in, {} MiB out", elements >> 18, elements >> 18),
                          .device = entries[0].measured.name,
                          .unit = is_nbody ? "Ginteractions/s" : "GB/s",
                          .samples = options.samples};
        for (Entry& entry : entries) {
            Measured& measured = entry.measured;
            if (entry.samples.empty()) {
                measured.repetitions = 0;
                continue;
            }
            std::sort(entry.samples.begin(), entry.samples.end());
            measured.median_ms = entry.samples[entry.samples.size() / 2];
            measured.min_ms = entry.samples.front();
            measured.max_ms = entry.samples.back();
            const double work = is_nbody ? static_cast<double>(bodies) * bodies
                                         : static_cast<double>(elements) * 2 * sizeof(float);
            measured.metric = work / measured.median_ms * 1e-6;
        }
        if (entries[0].work)
            description +=
                fmt::format("{}{}: {}", description.empty() ? "" : "; ", name, entries[0].work->shares());
        result.ours = entries[0].measured;
        result.metric = result.ours.metric;
        for (std::size_t k = 1; k < entries.size(); ++k) result.peers.push_back(entries[k].measured);
        report.results.push_back(std::move(result));
    }
    report.participants.push_back({name_of(devices), description, ""});
    for (const Device& device : devices) report.participants.push_back({device.id(), device.info().name, ""});
}

}  // namespace heddle::tool::bench
