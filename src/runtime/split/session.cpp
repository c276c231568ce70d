// SplitSession: who runs which blocks, in which rounds, and what happens when a device fails.
#include <heddle/split.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <heddle/error.h>
#include <heddle/event.h>

#include "runtime/log.h"
#include "runtime/split/arrays.h"
#include "runtime/split/device_failure.h"
#include "runtime/split/exchange.h"
#include "runtime/split/launch_job.h"
#include "runtime/split/session_device.h"
#include "runtime/split/shares.h"

namespace heddle {

namespace {

using runtime::ArrayPiece;
using runtime::ByteRange;
using runtime::LaunchJob;
using runtime::SessionDevice;
using Clock = std::chrono::steady_clock;
using Range = SplitShare::Range;

/// Shares under one in so many blocks get nothing; the part that a device is measured on is as large.
constexpr std::uint32_t least_share = 64;
/// A division of the last launch stays while it costs at most so much more than the best: data stays in
/// place.
constexpr double stay_factor = 1.03;
/// So many launches in a row, each so much slower than the best device alone, end working together.
constexpr double slow_factor = 1.1;
constexpr unsigned most_slow_launches = 3;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// What is known of a kernel in one shape.
struct KernelHistory {
    explicit KernelHistory(std::size_t devices)
        : throughput(devices), alone(devices, 0.0), refusals(devices) {}
    runtime::Throughput throughput;
    std::vector<double> alone;  ///< blocks a millisecond while the others rested; 0: not measured
    unsigned slow_launches =
        0;  ///< in a row that the fastest device would have done sooner without the others
    std::optional<std::size_t> sole;  ///< that device, once this is certain
    std::string sole_reason;
    std::vector<std::string> refusals;  ///< by device: why it cannot run this kernel; empty where it can
    std::vector<std::uint32_t> last;    ///< how the grid was divided
    std::vector<std::string> last_reasons;
};

/// What one device did in a round.
struct Outcome {
    std::optional<Error> error;
    bool was_refused = false;  ///< the launch call itself threw: nothing of it has run
    double kernel_ms = 0;
};

/// Takes `count` blocks from the front.
std::vector<Range> take(std::vector<Range>& left, std::uint32_t count) {
    std::vector<Range> taken;
    while (count > 0 && !left.empty()) {
        Range& front = left.front();
        const std::uint32_t blocks = std::min(count, front.blocks);
        taken.push_back({front.first, blocks});
        front.first += blocks;
        front.blocks -= blocks;
        count -= blocks;
        if (front.blocks == 0) left.erase(left.begin());
    }
    return taken;
}

void give_back(const std::vector<Range>& ranges, std::vector<Range>& left) {
    left.insert(left.end(), ranges.begin(), ranges.end());
    std::sort(left.begin(), left.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
}

std::uint32_t blocks_in(const std::vector<Range>& ranges) {
    return std::accumulate(ranges.begin(), ranges.end(), std::uint32_t{0},
                           [](std::uint32_t sum, const Range& range) { return sum + range.blocks; });
}

}  // namespace

class SplitSession::State {
  public:
    State(std::vector<Device> devices, ProgramSource program, const SplitOptions& options)
        : arrays(devices.size()), program_(std::move(program)), options_(options) {
        if (devices.empty()) throw Error(ErrorCode::invalid_argument, "a split session needs a device");
        for (std::size_t i = 0; i < devices.size(); ++i)
            for (std::size_t k = 0; k < i; ++k) {
                if (devices[i] == devices[k])
                    throw Error(ErrorCode::invalid_argument, "the device is there twice", "split session",
                                devices[i].id());
                const std::vector<std::string>& same = devices[i].info().same_as;
                if (std::find(same.begin(), same.end(), devices[k].id()) != same.end())
                    notes_.push_back(fmt::format("{} and {} are the same hardware: they share its throughput",
                                                 devices[k].id(), devices[i].id()));
            }
        for (Device& device : devices) devices_.emplace_back(std::move(device));
    }

    ~State() {
        // Direct copies use memory of several devices: all work ends first.
        for (SessionDevice& each : devices_) each.queue.reset();
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    SplitRecord launch(std::string_view kernel, const SplitLaunch& how,
                       std::span<const SplitArgument> arguments);
    void fetch(std::size_t array);

    runtime::SplitArrays arrays;

  private:
    std::vector<std::size_t> active(const KernelHistory& history) const;
    void prepare(const LaunchJob& job, KernelHistory& history);
    std::vector<std::vector<Range>> divide(const LaunchJob& job, KernelHistory& history,
                                           std::vector<Range>& left, unsigned step);
    void run_round(const LaunchJob& job, KernelHistory& history, std::vector<std::vector<Range>> ranges,
                   bool is_measured, std::vector<Range>& left);
    void measure_alone(const LaunchJob& job, KernelHistory& history, std::vector<Range>& left);
    void judge_together(const LaunchJob& job, KernelHistory& history, double milliseconds) const;
    std::optional<std::vector<std::vector<runtime::IncomingCopy>>> bring_inputs(
        const LaunchJob& job, KernelHistory& history, const std::vector<std::vector<Range>>& ranges);
    Outcome run_on(SessionDevice& device, const LaunchJob& job, const std::vector<Range>& ranges,
                   const std::vector<runtime::IncomingCopy>& incoming);
    void settle_failure(std::size_t device, const Error& error, bool was_refused, KernelHistory& history);
    void leave_out(std::size_t device, const Error& error);
    [[noreturn]] void refuse_without_devices(const KernelHistory& history) const;

    std::vector<SessionDevice> devices_;
    ProgramSource program_;
    const SplitOptions options_;
    std::map<std::string, KernelHistory> histories_;
    std::vector<std::string> notes_;
    // Of the launch under way:
    SplitRecord record_;
    /// Devices on which the kernel has failed, which may be its own fault or theirs.
    std::vector<std::pair<std::size_t, Error>> suspects_;
    std::optional<Error> last_error_;
};

/// The devices that may get blocks.
std::vector<std::size_t> SplitSession::State::active(const KernelHistory& history) const {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        const bool is_suspect = std::any_of(suspects_.begin(), suspects_.end(),
                                            [&](const auto& each) { return each.first == i; });
        if (devices_[i].failure.empty() && history.refusals[i].empty() && !is_suspect) indices.push_back(i);
    }
    return indices;
}

void SplitSession::State::refuse_without_devices(const KernelHistory& history) const {
    std::string reason = "no device is left";
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        const std::string& why = devices_[i].failure.empty() ? history.refusals[i] : devices_[i].failure;
        if (!why.empty()) reason += "; " + why;
    }
    throw Error(last_error_ ? last_error_->code() : ErrorCode::device_lost, reason,
                "split launch of '" + record_.kernel + "'");
}

/// The device takes no part any more, and what it held is gone.
void SplitSession::State::leave_out(std::size_t device, const Error& error) {
    SessionDevice& it = devices_[device];
    runtime::log().warn("split session goes on without {}: {}", it.device.id(), error.what());
    it.failure = error.what();
    it.drop();
    arrays.forget(device);
    record_.shares[device].has_failed = true;
    record_.shares[device].reason = error.what();
}

/// Throws the error where it is the caller's or the kernel's; otherwise the others go on without the device.
void SplitSession::State::settle_failure(std::size_t device, const Error& error, bool was_refused,
                                         KernelHistory& history) {
    last_error_ = error;
    if (!runtime::is_of_device(error.code())) throw Error(error);
    if (error.code() != ErrorCode::launch_failed) {
        leave_out(device, error);
        return;
    }
    if (was_refused) {
        // Over a limit of this device, as a rule: others may take the launch.
        history.refusals[device] = error.what();
        record_.shares[device].reason = error.what();
        if (active(history).empty()) throw Error(error);
        return;
    }
    // Its memory may hold anything now, and it may be of no more use.
    devices_[device].drop();
    arrays.forget(device);
    suspects_.emplace_back(device, error);
    record_.shares[device].reason = error.what();
    if (suspects_.size() > 1 || active(history).empty()) throw Error(error);
}

/// Loads the kernel on every device that may run it.
void SplitSession::State::prepare(const LaunchJob& job, KernelHistory& history) {
    std::vector<std::size_t> without;
    for (const std::size_t i : active(history))
        if (devices_[i].kernels.count(job.kernel()) == 0) without.push_back(i);
    std::vector<std::optional<Error>> errors(devices_.size());
    const auto load = [&](std::size_t i) {
        SessionDevice& it = devices_[i];
        errors[i] = runtime::failure_of(it.device.id(), [&] {
            if (!it.queue) it.queue.emplace(it.device);
            if (!it.program) it.program = program_.load(it.device, true);
            it.kernels.emplace(job.kernel(), it.program->kernel(job.kernel()));
        });
    };
    runtime::side_by_side(without, load);
    for (const std::size_t i : without) {
        if (!errors[i]) continue;
        last_error_ = errors[i];
        // Code that this device cannot run says nothing of the others.
        if (errors[i]->code() == ErrorCode::unsupported)
            history.refusals[i] = errors[i]->what();
        else if (runtime::is_of_device(errors[i]->code()))
            leave_out(i, *errors[i]);
        else
            throw Error(*errors[i]);
    }
    const std::vector<std::size_t> able = active(history);
    if (able.empty()) refuse_without_devices(history);
    const KernelInfo& info = devices_[able.front()].kernels.find(job.kernel())->second.info();
    job.check(info, record_.notes);
}

/// Which blocks each device gets next. Steps: 0 makes every device ready with one block, 1 measures each on a
/// few, 2 divides all that is left.
std::vector<std::vector<Range>> SplitSession::State::divide(const LaunchJob& job, KernelHistory& history,
                                                            std::vector<Range>& left, unsigned step) {
    const std::vector<std::size_t> able = active(history);
    if (able.empty()) refuse_without_devices(history);
    const std::uint32_t total = blocks_in(left);
    std::vector<std::uint32_t> counts(devices_.size(), 0);
    const std::vector<double>& forced = job.how().shares;
    const bool has_sole =
        forced.empty() && history.sole && std::find(able.begin(), able.end(), *history.sole) != able.end();
    if (has_sole) {
        counts[*history.sole] = total;
        for (const std::size_t i : able)
            if (i != *history.sole) record_.shares[i].reason = history.sole_reason;
    } else if (step < 2) {
        for (const std::size_t i : able)
            counts[i] = step == 0 ? 1 : std::max(job.blocks() / least_share, std::uint32_t{1});
    } else {
        std::vector<double> weights(devices_.size(), 0.0);
        const std::vector<double>& rates = history.throughput.rates();
        const bool are_known =
            std::all_of(able.begin(), able.end(), [&](std::size_t i) { return rates[i] > 0; });
        for (const std::size_t i : able)
            weights[i] = !forced.empty() ? forced[i] : are_known ? rates[i] : 1.0;
        if (std::all_of(weights.begin(), weights.end(), [](double weight) { return weight <= 0; }))
            for (const std::size_t i : able) weights[i] = 1.0;  // those with a share have failed
        if (!forced.empty() || !are_known) {
            counts = runtime::proportional(total, weights);
        } else {
            runtime::Shares shares =
                runtime::shares_by_rate(total, weights, std::max(total / least_share, std::uint32_t{1}));
            if (total == job.blocks() && history.last.size() == counts.size()) {
                double slowest = 0;
                for (std::size_t i = 0; i < counts.size(); ++i)
                    if (history.last[i] > 0)
                        slowest = std::max(slowest, weights[i] > 0 ? history.last[i] / weights[i] : 1e300);
                double best = 0;
                for (std::size_t i = 0; i < counts.size(); ++i)
                    if (shares.blocks[i] > 0) best = std::max(best, shares.blocks[i] / weights[i]);
                const bool is_whole =
                    std::accumulate(history.last.begin(), history.last.end(), std::uint64_t{0}) == total;
                if (is_whole && slowest <= best * stay_factor) shares = {history.last, history.last_reasons};
            }
            counts = shares.blocks;
            for (std::size_t i = 0; i < counts.size(); ++i)
                if (!shares.reasons[i].empty()) record_.shares[i].reason = shares.reasons[i];
            if (total == job.blocks()) {
                history.last = shares.blocks;
                history.last_reasons = shares.reasons;
            }
        }
    }
    std::vector<std::vector<Range>> ranges(devices_.size());
    for (std::size_t i = 0; i < counts.size(); ++i) ranges[i] = take(left, counts[i]);
    return ranges;
}

/// Runs a part of the grid on each device while the others rest.
void SplitSession::State::measure_alone(const LaunchJob& job, KernelHistory& history,
                                        std::vector<Range>& left) {
    const std::vector<std::vector<Range>> all = divide(job, history, left, 1);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].empty()) continue;
        const std::vector<std::size_t> able = active(history);
        if (std::find(able.begin(), able.end(), i) == able.end()) {
            give_back(all[i], left);
            continue;
        }
        std::vector<std::vector<Range>> mine(all.size());
        mine[i] = all[i];
        run_round(job, history, std::move(mine), true, left);
        history.alone[i] = history.throughput.rates()[i];
    }
}

/// Devices that share hardware, or exchange more than they compute, are slower together than the best alone.
void SplitSession::State::judge_together(const LaunchJob& job, KernelHistory& history,
                                         double milliseconds) const {
    std::size_t running = 0;
    for (const SplitShare& share : record_.shares) {
        // What was uploaded or failed in this launch says nothing of the next.
        if (share.host_bytes != 0 || (share.has_failed && share.blocks != 0)) return;
        running += share.blocks != 0 ? 1 : 0;
    }
    if (running < 2) return;
    const auto best = std::max_element(history.alone.begin(), history.alone.end());
    const double alone_ms = *best > 0 ? job.blocks() / *best : milliseconds;
    history.slow_launches = milliseconds > alone_ms * slow_factor ? history.slow_launches + 1 : 0;
    if (history.slow_launches < most_slow_launches) return;
    history.sole = static_cast<std::size_t>(best - history.alone.begin());
    history.sole_reason = fmt::format(
        "together the devices took {:.3g} ms, and {} alone would take {:.3g} ms: they share hardware, or "
        "copy "
        "more than they compute",
        milliseconds, devices_[*history.sole].device.id(), alone_ms);
}

/// None: a device failed meanwhile, and the blocks have to be divided anew.
std::optional<std::vector<std::vector<runtime::IncomingCopy>>> SplitSession::State::bring_inputs(
    const LaunchJob& job, KernelHistory& history, const std::vector<std::vector<Range>>& ranges) {
    std::vector<std::vector<ArrayPiece>> needs(devices_.size());
    bool is_whole = true;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        if (ranges[i].empty()) continue;
        for (const Range& range : ranges[i]) job.add_needs(range, needs[i]);
        const auto error = runtime::failure_of(devices_[i].device.id(), [&] {
            for (const SplitArgument& argument : job.arguments())
                if (argument.place() != SplitArgument::Place::value)
                    devices_[i].buffer(argument.array().index, arrays[argument.array().index].bytes);
        });
        if (!error) continue;
        settle_failure(i, *error, false, history);
        is_whole = false;
    }
    if (!is_whole) return std::nullopt;
    runtime::Exchange exchange =
        runtime::begin_exchange(devices_, arrays, needs, options_.uses_peer_copies, record_.shares);
    record_.notes.insert(record_.notes.end(), exchange.notes.begin(), exchange.notes.end());
    if (exchange.failures.empty()) return std::move(exchange.incoming);
    // Direct copies may be under way from memory that is about to be let go of.
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        if (!devices_[i].queue || exchange.failures.count(i) != 0) continue;
        const auto error =
            runtime::failure_of(devices_[i].device.id(), [&] { devices_[i].queue->synchronize(); });
        if (error) exchange.failures.emplace(i, *error);
    }
    for (const auto& [device, error] : exchange.failures) settle_failure(device, error, false, history);
    return std::nullopt;
}

Outcome SplitSession::State::run_on(SessionDevice& device, const LaunchJob& job,
                                    const std::vector<Range>& ranges,
                                    const std::vector<runtime::IncomingCopy>& incoming) {
    Outcome outcome;
    bool is_launching = false;
    outcome.error = runtime::failure_of(device.device.id(), [&] {
        Queue& queue = *device.queue;
        for (const runtime::IncomingCopy& copy : incoming)
            queue.write(device.buffers[copy.piece.array], copy.source, copy.piece.range.bytes(),
                        copy.piece.range.begin);
        std::vector<Argument> arguments;
        for (const SplitArgument& argument : job.arguments())
            arguments.push_back(argument.place() == SplitArgument::Place::value
                                    ? argument.value()
                                    : Argument(device.buffers[argument.array().index]));
        const Kernel& kernel = device.kernels.find(job.kernel())->second;
        const Event start = queue.record();
        is_launching = true;
        for (const Range& range : ranges)
            queue.launch_part(kernel, job.how().config, job.part(range), arguments);
        is_launching = false;
        const Event end = queue.record();
        queue.synchronize();
        outcome.kernel_ms = Event::elapsed_ms(start, end);
    });
    if (!outcome.error) return outcome;
    // Copies before it use memory of others, and end here. The first failure is the one to tell.
    const auto later = runtime::failure_of(device.device.id(), [&] { device.queue->synchronize(); });
    outcome.was_refused = is_launching && !later;
    return outcome;
}

/// Runs the blocks; those of devices that fail go back to `left`.
void SplitSession::State::run_round(const LaunchJob& job, KernelHistory& history,
                                    std::vector<std::vector<Range>> ranges, bool is_measured,
                                    std::vector<Range>& left) {
    const auto incoming = bring_inputs(job, history, ranges);
    if (!incoming) {
        for (const std::vector<Range>& mine : ranges) give_back(mine, left);
        return;
    }
    std::vector<std::size_t> running;
    for (std::size_t i = 0; i < ranges.size(); ++i)
        if (!ranges[i].empty()) running.push_back(i);
    std::vector<Outcome> outcomes(devices_.size());
    runtime::side_by_side(
        running, [&](std::size_t i) { outcomes[i] = run_on(devices_[i], job, ranges[i], (*incoming)[i]); });
    // What succeeded counts before anything is thrown.
    for (const std::size_t i : running) {
        if (outcomes[i].error) continue;
        std::vector<ArrayPiece> needs;
        for (const Range& range : ranges[i]) job.add_needs(range, needs);
        for (const ArrayPiece& piece : needs) arrays.copied(i, piece);
    }
    for (const std::size_t i : running) {
        if (outcomes[i].error) continue;
        SplitShare& share = record_.shares[i];
        for (const Range& range : ranges[i]) {
            for (const ArrayPiece& piece : job.outputs(range)) arrays.wrote(i, piece);
            share.ranges.push_back(range);
        }
        const std::uint32_t blocks = blocks_in(ranges[i]);
        share.blocks += blocks;
        share.kernel_ms += outcomes[i].kernel_ms;
        if (is_measured) history.throughput.add(i, blocks, outcomes[i].kernel_ms);
    }
    for (const std::size_t i : running) {
        if (!outcomes[i].error) continue;
        give_back(ranges[i], left);
        settle_failure(i, *outcomes[i].error, outcomes[i].was_refused, history);
    }
}

SplitRecord SplitSession::State::launch(std::string_view kernel, const SplitLaunch& how,
                                        std::span<const SplitArgument> arguments) {
    const auto start = Clock::now();
    const LaunchJob job(kernel, how, arguments, arrays, devices_.size());
    record_ = {};
    record_.kernel = job.kernel();
    record_.notes = std::exchange(notes_, {});
    suspects_.clear();
    last_error_.reset();
    for (const SessionDevice& each : devices_) {
        record_.shares.emplace_back().device = each.device.id();
        record_.shares.back().has_failed = !each.failure.empty();
        record_.shares.back().reason = each.failure;
    }
    KernelHistory& history = histories_.try_emplace(job.key(), devices_.size()).first->second;
    prepare(job, history);
    for (std::size_t i = 0; i < devices_.size(); ++i)
        if (!history.refusals[i].empty()) record_.shares[i].reason = history.refusals[i];

    const std::vector<std::size_t> able = active(history);
    const std::vector<double>& rates = history.throughput.rates();
    const bool is_unknown =
        std::any_of(able.begin(), able.end(), [&](std::size_t i) { return rates[i] <= 0; });
    record_.was_calibrated = how.shares.empty() && is_unknown && !history.sole && able.size() > 1 &&
                             job.blocks() / 4 >= able.size();
    std::vector<Range> left{{0, job.blocks()}};
    if (record_.was_calibrated) {
        // The first launch on a device may compile or wake it.
        run_round(job, history, divide(job, history, left, 0), false, left);
        measure_alone(job, history, left);
    }
    const auto rounds_start = Clock::now();
    while (!left.empty()) {
        std::vector<std::vector<Range>> ranges = divide(job, history, left, 2);
        run_round(job, history, std::move(ranges), true, left);
    }
    if (how.shares.empty() && !record_.was_calibrated)
        judge_together(job, history, milliseconds_since(rounds_start));
    // The kernel works elsewhere: it was the device.
    for (const auto& [suspect, error] : std::exchange(suspects_, {})) leave_out(suspect, error);
    for (SplitShare& share : record_.shares) {
        if (share.blocks == 0 && share.reason.empty())
            share.reason =
                how.shares.empty() ? "there are fewer blocks than devices" : "its forced share is no block";
        if (share.blocks != 0 && !share.has_failed) share.reason.clear();
    }
    if (options_.keeps_host_copies)
        for (const std::size_t array : job.written_arrays()) fetch(array);
    record_.milliseconds = milliseconds_since(start);
    return std::move(record_);
}

void SplitSession::State::fetch(std::size_t array) {
    auto& entry = arrays[array];
    if (record_.shares.empty()) record_.shares.resize(devices_.size());
    while (true) {
        std::vector<std::vector<ByteRange>> from(devices_.size());
        for (const ByteRange& missing : entry.on_host.missing({0, entry.bytes})) {
            runtime::ByteRanges open(missing);
            for (std::size_t i = 0; i < devices_.size(); ++i)
                for (const ByteRange& held : entry.on_device[i].within(missing))
                    for (const ByteRange& part : open.within(held)) {
                        from[i].push_back(part);
                        open.remove(part);
                    }
            if (open.empty()) continue;
            std::string reason = "the newest bytes were on a device that has failed";
            for (const SessionDevice& each : devices_)
                if (!each.failure.empty()) reason += "; " + each.failure;
            throw Error(ErrorCode::device_lost, reason,
                        fmt::format("reading array {} of a split session", array));
        }
        std::vector<std::size_t> sources;
        for (std::size_t i = 0; i < from.size(); ++i)
            if (!from[i].empty()) sources.push_back(i);
        if (sources.empty()) return;
        std::vector<std::optional<Error>> errors(devices_.size());
        runtime::side_by_side(sources, [&](std::size_t i) {
            SessionDevice& it = devices_[i];
            errors[i] = runtime::failure_of(it.device.id(), [&] {
                for (const ByteRange& range : from[i])
                    it.queue->read(it.buffers[array], entry.host + range.begin, range.bytes(), range.begin);
                it.queue->synchronize();
            });
        });
        for (const std::size_t i : sources) {
            if (!errors[i]) {
                for (const ByteRange& range : from[i]) entry.on_host.add(range);
            } else if (runtime::is_of_device(errors[i]->code())) {
                leave_out(i, *errors[i]);
            } else {
                throw Error(*errors[i]);
            }
        }
    }
}

SplitSession::SplitSession(std::vector<Device> devices, ProgramSource program, const SplitOptions& options)
    : state_(std::make_unique<State>(std::move(devices), std::move(program), options)) {}
SplitSession::SplitSession(SplitSession&&) noexcept = default;
SplitSession& SplitSession::operator=(SplitSession&&) noexcept = default;
SplitSession::~SplitSession() = default;

SplitArray SplitSession::add_array(void* host, std::size_t bytes, bool is_constant) {
    return {state_->arrays.add(host, bytes, is_constant)};
}

void SplitSession::host_changed(SplitArray array) {
    state_->arrays.at(array);
    state_->arrays.host_wrote(array.index);
}

void SplitSession::fetch(SplitArray array) {
    state_->arrays.at(array);
    state_->fetch(array.index);
}

SplitRecord SplitSession::launch(std::string_view kernel, const SplitLaunch& how,
                                 std::span<const SplitArgument> arguments) {
    return state_->launch(kernel, how, arguments);
}

}  // namespace heddle
