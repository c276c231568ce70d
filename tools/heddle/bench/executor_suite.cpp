// The operations, their data and expected results, and how choices are judged.
#include "executor_suite.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <heddle/executor.h>
#include <heddle/queue.h>

#include "../file.h"
#include "case.h"

namespace heddle::tool::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t block = 256, stretch = 16;
/// Runs that the executor has to find the best method for a size.
constexpr unsigned learning_runs = 120;
constexpr double learning_budget_ms = 1500;
/// A method so much slower than the best is not measured again at the next size: it only gets worse.
constexpr double hopeless = 40;
constexpr double sample_ms = 1.5;
/// Before each sample, so that threads are awake and memory is warm, as they are for the executor while it
/// learns.
constexpr auto warming = std::chrono::microseconds(1000);
/// Of what is short: many short samples see each device in all moods of the machine.
constexpr unsigned samples_of_short_work = 4;
constexpr unsigned most_repetitions = 500;
constexpr double within = 1.1;
constexpr std::string_view overhead = "overhead";

enum class Shape : std::uint8_t { elements, stretches };

struct OperationCase {
    std::string_view name;
    Shape shape = Shape::elements;
};
constexpr std::array operation_cases{
    OperationCase{"saxpy"},      OperationCase{"scale"},
    OperationCase{"triad"},      OperationCase{"total", Shape::stretches},
    OperationCase{"polynomial"}, OperationCase{"softplus"},
    OperationCase{"stencil"},    OperationCase{"histogram", Shape::stretches},
    OperationCase{"gather"},     OperationCase{"orbit"},
};

/// Host memory of all operations, of the largest size.
struct Memory {
    explicit Memory(std::size_t n) : x(n), y(n), z(n), words(n), results(n) {
        std::mt19937 random(7);
        for (float& each : x) each = static_cast<float>(random() % 2048) / 1024.0F - 1.0F;
        for (float& each : y) each = static_cast<float>(random() % 2048) / 1024.0F;
        for (std::uint32_t& each : words) each = static_cast<std::uint32_t>(random());
    }
    std::vector<float> x, y, z;
    std::vector<std::uint32_t> words, results;
    std::uint64_t sum = 0;
    std::array<std::uint32_t, 256> bins{};
};

LaunchConfig config_of(const OperationCase& it, std::uint32_t n) {
    const std::uint32_t each = it.shape == Shape::stretches ? block * stretch : block;
    return {{(n + each - 1) / each}, {block}, 0};
}

Operation make_operation(const Code& code, const OperationCase& it, Memory& memory, std::uint32_t n) {
    const auto x = [&] { return in(Data::of("x", std::span<const float>(memory.x).first(n))); };
    const auto words = [&] {
        return in(Data::of("x", std::span<const std::uint32_t>(memory.words).first(n)));
    };
    const auto z = [&] { return out(Data::of("z", std::span(memory.z).first(n))); };
    Operation operation{code, std::string(it.name), config_of(it, n), {}};
    std::vector<OperationArgument>& arguments = operation.arguments;
    if (it.name == "saxpy")
        arguments = {inout(Data::of("y", std::span(memory.y).first(n))), x(), 0.0F, n};
    else if (it.name == "scale")
        arguments = {z(), x(), 2.0F, n};
    else if (it.name == "triad")
        arguments = {z(), x(), in(Data::of("y", std::span<const float>(memory.y).first(n))), 2.0F, n};
    else if (it.name == "total")
        arguments = {inout(Data::of("sum", &memory.sum, sizeof memory.sum)), words(), n};
    else if (it.name == "histogram")
        arguments = {inout(Data::of("bins", std::span<std::uint32_t>(memory.bins))), words(), n};
    else if (it.name == "gather")
        arguments = {out(Data::of("z", std::span(memory.results).first(n))), words(), n};
    else
        arguments = {z(), x(), n};
    return operation;
}

/// What is wrong with one run's results; empty when nothing is. Compared with double precision on the host.
std::string check(const OperationCase& it, const Memory& memory, std::uint32_t n) {
    const auto near = [](double found, double expected) {
        return std::abs(found - expected) <= 1e-4 * std::max(1.0, std::abs(expected));
    };
    if (it.name == "total") {
        std::uint64_t sum = 0;
        for (std::uint32_t i = 0; i < n; ++i) sum += memory.words[i];
        return sum == memory.sum ? "" : fmt::format("the sum is {}, not {}", memory.sum, sum);
    }
    if (it.name == "histogram") {
        std::array<std::uint32_t, 256> bins{};
        for (std::uint32_t i = 0; i < n; ++i) ++bins[memory.words[i] % 256];
        return bins == memory.bins ? "" : "the bins are wrong";
    }
    // Of large sizes some hundred thousand, spread over all.
    const std::uint32_t step = std::max(n / 262144U, 1U);
    for (std::uint32_t i = 0; i < n; i += step) {
        const double x = memory.x[i], y = memory.y[i], z = memory.z[i];
        bool is_right = true;
        if (it.name == "saxpy") {
            is_right = near(y, y);  // a is 0: y is unchanged, and compared by the caller
        } else if (it.name == "scale") {
            is_right = near(z, 2 * x);
        } else if (it.name == "triad") {
            is_right = near(z, x + 2 * y);
        } else if (it.name == "polynomial") {
            double p = 1;
            for (int k = 0; k < 16; ++k) p = p * x + 0.5;
            is_right = near(z, p);
        } else if (it.name == "softplus") {
            is_right = near(z, std::log(1 + std::exp(x)));
        } else if (it.name == "stencil") {
            const double left = i > 0 ? memory.x[i - 1] : 0, right = i + 1 < n ? memory.x[i + 1] : 0;
            is_right = near(z, 0.25 * left + 0.5 * x + 0.25 * right);
        } else if (it.name == "gather") {
            is_right = memory.results[i] == memory.words[(i * 2654435761U) % n];
        } else {
            double a = x, b = 0.5;
            for (int k = 0; k < 256; ++k) {
                a = a * 0.75 + b * 0.25;
                b = b * 0.75 - a * 0.25;
            }
            is_right = near(z, a + b);
        }
        if (!is_right) return fmt::format("element {} is wrong", i);
    }
    return "";
}

template <class Work>
double milliseconds(Work work) {
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// What disturbs a run makes it longer, never shorter.
double lower_quartile(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[(values.size() - 1) / 4];
}

/// A device forced for one operation and size.
struct Entry {
    std::string device;
    Measured measured{};
    std::vector<double> samples{};
};

class Suite {
  public:
    Suite(Report& report, std::span<const Device> devices, const ExecutorSuiteOptions& options)
        : report_(report),
          options_(options),
          code_(options.packages.empty()
                    ? Code::from_source(std::string(kernel_source("executor.cu")), "executor.cu")
                    : Code::from_file(options.packages + "/executor.heddle")) {
        ExecutorOptions learning;
        learning.devices.assign(devices.begin(), devices.end());
        ExecutorOptions measuring = learning;
        measuring.learns = false;
        learner_.emplace(std::move(learning));
        measurer_.emplace(std::move(measuring));
        for (const Device& device : devices) {
            devices_.push_back(device);
            report_.participants.push_back({device.id(), device.info().name, ""});
        }
    }

    std::string run() {
        if (is_wanted(overhead)) measure_overhead();
        const bool any = std::any_of(operation_cases.begin(), operation_cases.end(),
                                     [&](const OperationCase& it) { return is_wanted(it.name); });
        if (!any) return "";
        Memory memory(std::size_t{1} << options_.largest);
        for (const OperationCase& it : operation_cases) {
            if (!is_wanted(it.name)) continue;
            is_hopeless_.assign(devices_.size(), false);
            for (unsigned power = 0; power <= options_.largest; ++power) {
                if (options_.progress) options_.progress(fmt::format("{} of 2^{}", it.name, power));
                measure(it, memory, 1U << power);
            }
        }
        return fmt::format(
            "{} of {} choices ({:.1f}%) were within a tenth of the best method measured beside them; of "
            "those made "
            "at first sight {} ({:.1f}%)",
            good_, judged_, 100.0 * good_ / std::max(judged_, 1U), good_at_first_,
            100.0 * good_at_first_ / std::max(judged_, 1U));
    }

  private:
    bool is_wanted(std::string_view name) const {
        return options_.cases.empty() ||
               std::find(options_.cases.begin(), options_.cases.end(), name) != options_.cases.end();
    }

    void measure(const OperationCase& it, Memory& memory, std::uint32_t n) {
        const Operation operation = make_operation(code_, it, memory, n);
        CaseResult result{.name = std::string(it.name), .size = fmt::format("{}", n), .unit = "Melements/s"};
        result.samples = options_.samples;
        std::vector<Entry> entries;
        std::string first;
        try {
            first = learner_->choose(operation).device;
            const auto start = Clock::now();
            for (unsigned k = 0; k < learning_runs; ++k) {
                learner_->run(operation);
                const double spent = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
                if (spent > learning_budget_ms && k >= 3 * devices_.size()) break;
            }
            entries = measure_methods(it, operation, memory, n);
            result.ours.name = result.device = learner_->choose(operation).device;
        } catch (const Error& error) {
            result.ours.error = error.what();
        }
        double best = 0, chosen = 0, at_first = 0;
        for (Entry& entry : entries) {
            if (!entry.samples.empty()) {
                entry.measured.median_ms = lower_quartile(entry.samples);
                entry.measured.min_ms = *std::min_element(entry.samples.begin(), entry.samples.end());
                entry.measured.max_ms = *std::max_element(entry.samples.begin(), entry.samples.end());
                const double ms = entry.measured.median_ms;
                if (best == 0 || ms < best) best = ms;
                if (entry.device == result.device) {
                    chosen = ms;
                    result.ours = entry.measured;
                }
                if (entry.device == first) at_first = ms;
            }
            result.peers.push_back(entry.measured);
        }
        for (const Entry& entry : entries)
            for (std::size_t k = 0; k < devices_.size(); ++k)
                if (devices_[k].id() == entry.device && !entry.samples.empty() &&
                    entry.measured.median_ms > hopeless * best && n > 4096)
                    is_hopeless_[k] = true;
        if (result.ours.median_ms > 0) result.metric = n / result.ours.median_ms / 1e3;
        ++judged_;
        if (chosen > 0 && chosen <= within * best) ++good_;
        if (at_first > 0 && at_first <= within * best) ++good_at_first_;
        report_.results.push_back(std::move(result));
    }

    std::vector<Entry> measure_methods(const OperationCase& it, const Operation& operation, Memory& memory,
                                       std::uint32_t n) {
        std::vector<Entry> entries;
        for (std::size_t k = 0; k < devices_.size(); ++k) {
            if (is_hopeless_[k]) continue;
            Entry& entry = entries.emplace_back();
            entry.device = entry.measured.name = devices_[k].id();
            try {
                RunOptions forced;
                forced.device = entry.device;
                reset(memory, n);
                measurer_->run(operation, forced);
                if (const std::string wrong = check(it, memory, n); !wrong.empty()) {
                    entry.measured.error = wrong;
                    continue;
                }
                measurer_->run(operation, forced);
                const double once = milliseconds([&] { measurer_->run(operation, forced); });
                entry.measured.repetitions = static_cast<unsigned>(
                    std::clamp(std::ceil(sample_ms / std::max(once, 1e-4)), 1.0, 1.0 * most_repetitions));
            } catch (const Error& error) {
                entry.measured.error = error.what();
            }
        }
        for (unsigned round = 0; round < samples_of_short_work * options_.samples; ++round)
            for (Entry& entry : entries) {
                if (entry.measured.repetitions == 0) continue;
                // Slow ones need fewer samples.
                if (round >= 3 && entry.samples.front() > 200) continue;
                if (round >= options_.samples && entry.samples.front() > 2) continue;
                RunOptions forced;
                forced.device = entry.device;
                const auto start = Clock::now();
                do measurer_->run(operation, forced);
                while (Clock::now() - start < warming);
                const double all = milliseconds([&] {
                    for (unsigned k = 0; k < entry.measured.repetitions; ++k)
                        measurer_->run(operation, forced);
                });
                entry.samples.push_back(all / entry.measured.repetitions);
            }
        return entries;
    }

    static void reset(Memory& memory, std::uint32_t n) {
        memory.sum = 0;
        memory.bins = {};
        std::fill(memory.z.begin(), memory.z.begin() + n, -1.0F);
        std::fill(memory.results.begin(), memory.results.begin() + n, 0U);
    }

    /// A kernel of one block on data that is there already, through an executor and launched directly.
    void measure_overhead() {
        constexpr std::uint32_t n = block;
        constexpr unsigned launches = 200;
        for (const Device& device : devices_) {
            if (options_.progress) options_.progress(fmt::format("{} on {}", overhead, device.id()));
            CaseResult result{
                .name = std::string(overhead), .size = "one block", .device = device.id(), .unit = "us more"};
            result.samples = options_.samples;
            result.ours.name = device.id();
            Measured direct;
            direct.name = "direct launch";
            try {
                ExecutorOptions options;
                options.devices = {device};
                Executor executor(std::move(options));
                const Data x = Data::resident("x", n * sizeof(float)),
                           y = Data::resident("y", n * sizeof(float));
                const Operation operation{code_, "scale", {{1}, {block}, 0}, {inout(y), in(x), 2.0F, n}};
                const Program program = code_.load(device);
                const Kernel kernel = program.kernel("scale");
                Buffer there_x = device.allocate(n * sizeof(float)),
                       there_y = device.allocate(n * sizeof(float));
                Queue queue(device);
                const auto through = [&] {
                    for (unsigned k = 0; k < launches; ++k) executor.run(operation);
                };
                const auto directly = [&] {
                    for (unsigned k = 0; k < launches; ++k) {
                        queue.launch(kernel, operation.config, there_y, there_x, 2.0F, n);
                        queue.synchronize();
                    }
                };
                std::vector<double> ours, theirs, more;
                for (unsigned round = 0; round <= options_.samples; ++round) {
                    const double a = milliseconds(through) / launches, b = milliseconds(directly) / launches;
                    if (round == 0) continue;  // warm
                    ours.push_back(a);
                    theirs.push_back(b);
                    more.push_back(a - b);
                }
                fill(result.ours, ours);
                fill(direct, theirs);
                result.metric = 1e3 * median(more);
            } catch (const Error& error) {
                result.ours.error = error.what();
            }
            result.peers.push_back(std::move(direct));
            report_.results.push_back(std::move(result));
        }
    }
    static void fill(Measured& measured, const std::vector<double>& samples) {
        measured.median_ms = median(samples);
        measured.min_ms = *std::min_element(samples.begin(), samples.end());
        measured.max_ms = *std::max_element(samples.begin(), samples.end());
        measured.repetitions = 1;
    }

    Report& report_;
    const ExecutorSuiteOptions& options_;
    Code code_;
    std::vector<Device> devices_;
    std::optional<Executor> learner_, measurer_;
    std::vector<bool> is_hopeless_;
    unsigned judged_ = 0, good_ = 0, good_at_first_ = 0;
};

}  // namespace

std::vector<std::string_view> executor_cases() {
    std::vector<std::string_view> names{overhead};
    for (const OperationCase& it : operation_cases) names.push_back(it.name);
    return names;
}

std::string measure_executor(Report& report, std::span<const Device> devices,
                             const ExecutorSuiteOptions& options) {
    return Suite(report, devices, options).run();
}

}  // namespace heddle::tool::bench
