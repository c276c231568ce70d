// Random operations through executors whose devices fail by a random schedule: every result must be right,
// every failure on the way must be in the records, and nothing may hang.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <heddle/compiler.h>
#include <heddle/executor.h>
#include <heddle/package.h>

#include "runtime/fault_injection.h"
#include "runtime/file_contents.h"

namespace heddle::soak {
namespace {

using runtime::Fault;
using runtime::FaultPlan;
using runtime::FaultyCall;

constexpr const char* usage =
    "heddle-soak [options]\n"
    "  --devices LIST         devices as the command names them (default: all)\n"
    "  --count N              operations (default 1000)\n"
    "  --seed N               of operations and faults (default 1)\n"
    "  --kernels FILE         soak.cu\n"
    "  --package FILE         take kernels from there; no compiler is needed\n"
    "  --write-package FILE   compile soak.cu into FILE and stop\n"
    "  --targets LIST         what --write-package compiles for (default: all), commas between\n"
    "  --markdown FILE        write what happened as a page\n";

constexpr auto time_limit = std::chrono::milliseconds(400);
constexpr auto hang = std::chrono::milliseconds(1500);
constexpr auto watchdog = std::chrono::seconds(120);

struct Options {
    std::string devices = "all", kernels = HEDDLE_SOURCE_DIR "/tests/soak/soak.cu", package, write_package,
                targets = "all", markdown;
    unsigned count = 1000;
    std::uint64_t seed = 1;
};

/// A fault of the schedule. Hangs are those of what waits.
struct Choice {
    FaultyCall call;
    Fault fault;
};
Fault error(ErrorCode code) {
    return {Fault::Kind::error, code, {}};
}
const std::vector<Choice>& all_faults() {
    static const std::vector<Choice> all{
        {FaultyCall::allocate, error(ErrorCode::out_of_memory)},
        {FaultyCall::allocate, error(ErrorCode::device_lost)},
        {FaultyCall::allocate_host, error(ErrorCode::out_of_memory)},
        {FaultyCall::allocate_host, error(ErrorCode::device_lost)},
        {FaultyCall::create_queue, error(ErrorCode::device_lost)},
        {FaultyCall::create_queue, error(ErrorCode::out_of_memory)},
        {FaultyCall::load, error(ErrorCode::compile_failed)},
        {FaultyCall::load, error(ErrorCode::unsupported)},
        {FaultyCall::kernel, error(ErrorCode::compile_failed)},
        {FaultyCall::kernel, error(ErrorCode::device_lost)},
        {FaultyCall::launch, error(ErrorCode::launch_failed)},
        {FaultyCall::launch, error(ErrorCode::device_lost)},
        {FaultyCall::run, error(ErrorCode::launch_failed)},
        {FaultyCall::run, error(ErrorCode::device_lost)},
        {FaultyCall::run, {Fault::Kind::hang, ErrorCode::timeout, hang}},
        {FaultyCall::transfer, error(ErrorCode::device_lost)},
        {FaultyCall::transfer, error(ErrorCode::out_of_memory)},
        {FaultyCall::record, error(ErrorCode::out_of_memory)},
        {FaultyCall::synchronize, error(ErrorCode::device_lost)},
        {FaultyCall::synchronize, error(ErrorCode::timeout)},
        {FaultyCall::reopen, error(ErrorCode::device_unavailable)},
    };
    return all;
}

/// Data, and what must be in it.
struct Piece {
    enum class Kind { callers, mirrored, resident } kind;
    std::vector<std::uint32_t> memory;  // of the caller's
    Data data;
    std::vector<std::uint32_t> expected;
};

struct Counts {
    unsigned operations = 0, right = 0, fell_back = 0, attempts = 0, reported_losses = 0, wrong = 0,
             unexpected = 0, unrecorded = 0;
    std::map<std::string, unsigned> faults;  // "cuda:0 launch device_lost"
    std::map<std::string, unsigned> ran_on;
};

class Soak {
  public:
    Soak(Options options, Code code)
        : options_(std::move(options)), code_(std::move(code)), random_(options_.seed) {
        for (const Device& device : select_devices(options_.devices)) {
            plans_.push_back(std::make_shared<FaultPlan>());
            devices_.emplace_back(runtime::with_faults(device.shared_impl(), plans_.back()),
                                  device.info().same_as);
        }
        ExecutorOptions limited;
        limited.devices = devices_;
        limited.time_limit = time_limit;
        limited.first_pause = std::chrono::milliseconds(2);
        ExecutorOptions unlimited = limited;
        unlimited.time_limit.reset();
        executors_.emplace_back(std::move(limited));
        executors_.emplace_back(std::move(unlimited));
    }

    int run() {
        std::thread guard([this] { watch(); });
        for (unsigned k = 0; k < 6; ++k) pieces_.push_back(make_piece());
        for (unsigned k = 0; k < options_.count; ++k) {
            progress_.fetch_add(1);
            one(k);
        }
        is_done_ = true;
        guard.join();
        report();
        return counts_.wrong + counts_.unexpected + counts_.unrecorded == 0 &&
                       counts_.operations == options_.count
                   ? 0
                   : 1;
    }

  private:
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

    Piece make_piece() {
        // Up to a quarter of a million elements, small ones as likely as large.
        const std::size_t n = std::size_t{1} + (random_() % (std::size_t{1} << below(19)));
        std::vector<std::uint32_t> contents(n);
        for (std::uint32_t& each : contents) each = static_cast<std::uint32_t>(random_());
        const std::string name = fmt::format("piece {}", made_++);
        const auto kind = static_cast<Piece::Kind>(below(3));
        if (kind == Piece::Kind::callers) {
            std::vector<std::uint32_t> memory = contents;
            Data data = Data::of(name, std::span(memory));
            return {kind, std::move(memory), std::move(data), std::move(contents)};
        }
        Data data = Data::resident(
            name, n * sizeof(std::uint32_t),
            kind == Piece::Kind::mirrored ? Data::Copies::mirrored : Data::Copies::where_written);
        data.write(contents.data(), n * sizeof(std::uint32_t));
        return {kind, {}, std::move(data), std::move(contents)};
    }

    /// A random operation on `pieces`; returns what must come out.
    Operation make_operation(Piece& a, Piece& b,
                             std::vector<std::pair<Piece*, std::vector<std::uint32_t>>>& after) {
        const auto n = static_cast<std::uint32_t>(std::min(a.expected.size(), b.expected.size()));
        const LaunchConfig config{{(n + 255) / 256}, {256}, 0};
        const std::uint32_t factor = below(1000);
        const bool is_whole = b.expected.size() == n;
        std::vector<std::uint32_t> result = b.expected;
        switch (below(5)) {
            case 0:
                for (std::uint32_t i = 0; i < n; ++i) result[i] = a.expected[i] * factor + i;
                after.emplace_back(&b, std::move(result));
                return {
                    code_, "scale", config, {in(a.data), is_whole ? out(b.data) : inout(b.data), factor, n}};
            case 1:
                for (std::uint32_t i = 0; i < n; ++i) result[i] += factor * a.expected[i];
                after.emplace_back(&b, std::move(result));
                return {code_, "accumulate", config, {b.data, a.data, factor, n}};
            case 2:
                for (std::uint32_t i = 0; i < n; ++i)
                    result[i] = (i > 0 ? a.expected[i - 1] : 0) + 2 * a.expected[i] +
                                (i + 1 < n ? a.expected[i + 1] : 0);
                after.emplace_back(&b, std::move(result));
                return {code_, "smooth", config, {a.data, b.data, n}};
            case 3:
                if (b.expected.size() >= 64) {
                    for (std::uint32_t i = 0; i < n; ++i) ++result[a.expected[i] % 64];
                    after.emplace_back(&b, std::move(result));
                    return {code_, "count", config, {in(a.data), inout(b.data), n}};
                }
                [[fallthrough]];
            default: {
                const std::uint32_t rounds = below(64);
                for (std::uint32_t i = 0; i < n; ++i)
                    for (std::uint32_t k = 0; k < rounds; ++k) result[i] = result[i] * 1664525U + 1013904223U;
                after.emplace_back(&b, std::move(result));
                return {code_, "churn", config, {b.data, rounds, n}};
            }
        }
    }

    /// Faults for the next operation, on all devices but one that can be used. Returns those planned.
    void plan(const Executor& executor) {
        std::vector<std::size_t> usable;
        const std::vector<Executor::DeviceState> states = executor.devices();
        for (std::size_t k = 0; k < states.size(); ++k)
            if (!states[k].is_lost) usable.push_back(k);
        const std::size_t safe =
            usable.empty() ? devices_.size() - 1 : usable[below(static_cast<std::uint32_t>(usable.size()))];
        for (std::size_t k = 0; k < plans_.size(); ++k) {
            plans_[k]->clear();
            if (k == safe) continue;
            for (std::uint32_t faults = below(4); faults != 0; --faults) {
                const Choice& choice = all_faults()[below(static_cast<std::uint32_t>(all_faults().size()))];
                // Without a limit a hang is only a pause.
                Fault fault = choice.fault;
                if (&executor == &executors_[1] && fault.kind == Fault::Kind::hang)
                    fault.duration = std::chrono::milliseconds(20);
                plans_[k]->fail(choice.call, below(2), fault);
            }
        }
    }

    void one(unsigned index) {
        Executor& executor = executors_[below(2)];
        if (below(8) == 0) {
            // New data now and then; the old dies with its copies.
            const std::size_t at = below(static_cast<std::uint32_t>(pieces_.size()));
            pieces_[at] = make_piece();
        }
        const std::size_t first = below(static_cast<std::uint32_t>(pieces_.size()));
        std::size_t second = below(static_cast<std::uint32_t>(pieces_.size()) - 1);
        if (second >= first) ++second;
        std::vector<std::pair<Piece*, std::vector<std::uint32_t>>> after;
        const Operation operation = make_operation(pieces_[first], pieces_[second], after);
        plan(executor);
        std::vector<std::size_t> before;
        for (const auto& plan : plans_) before.push_back(plan->happened());
        ++counts_.operations;
        try {
            RunOptions options;
            if (below(5) != 0)
                options.first = devices_[below(static_cast<std::uint32_t>(devices_.size()))].id();
            const Execution execution = executor.run(operation, options);
            ++counts_.ran_on[execution.device];
            counts_.attempts += static_cast<unsigned>(execution.attempts.size());
            if (!execution.attempts.empty()) ++counts_.fell_back;
            for (auto& [piece, expected] : after) piece->expected = std::move(expected);
            check_record(index, execution, before);
        } catch (const Error& error) {
            // Data that was only on a device that died is gone, and said to be: it is made anew.
            if (error.code() == ErrorCode::device_lost && names_a_lost_piece(error.what()))
                ++counts_.reported_losses;
            else
                fail(index, fmt::format("{} failed: {}", operation.kernel, error.what()));
        }
        for (const auto& plan : plans_) plan->clear();
        bool is_right = true;
        for (Piece& piece : pieces_) is_right &= check(index, operation.kernel, piece);
        counts_.right += is_right ? 1 : 0;
    }

    bool names_a_lost_piece(const std::string& text) {
        for (const Piece& piece : pieces_)
            if (piece.kind == Piece::Kind::resident && piece.data.places().empty() &&
                text.find(piece.data.name()) != std::string::npos)
                return true;
        return false;
    }

    /// A device on which something failed must be in the record, unless it was not needed.
    void check_record(unsigned index, const Execution& execution, const std::vector<std::size_t>& before) {
        for (std::size_t k = 0; k < plans_.size(); ++k) {
            if (plans_[k]->happened() == before[k]) continue;
            const std::string& id = devices_[k].id();
            bool is_told = execution.device == id;  // it did the work in spite of it
            for (const Attempt& attempt : execution.attempts) is_told |= attempt.device == id;
            for (const std::string& note : execution.notes) is_told |= note.find(id) != std::string::npos;
            if (is_told) continue;
            ++counts_.unrecorded;
            fmt::print("operation {}: a fault of {} is in no record\n", index, id);
        }
    }

    bool check(unsigned index, const std::string& kernel, Piece& piece) {
        std::vector<std::uint32_t> found(piece.expected.size());
        const std::size_t bytes = found.size() * sizeof(std::uint32_t);
        if (piece.kind == Piece::Kind::callers) {
            std::memcpy(found.data(), piece.memory.data(), bytes);
        } else if (piece.data.places().empty()) {
            if (piece.kind == Piece::Kind::mirrored) {
                fail(index, piece.data.name() + " is lost in spite of its mirror");
                return false;
            }
            // It was the only copy: whoever made it makes it again.
            piece.data.write(piece.expected.data(), bytes);
            return true;
        } else {
            // Reading everything each time would leave nothing on devices.
            if (piece.kind == Piece::Kind::resident && below(4) != 0) return true;
            piece.data.read(found.data(), bytes);
        }
        if (found == piece.expected) return true;
        ++counts_.wrong;
        fmt::print("operation {} ({}): {} is wrong\n", index, kernel, piece.data.name());
        piece.expected = found;
        return false;
    }

    void fail(unsigned index, const std::string& text) {
        ++counts_.unexpected;
        fmt::print("operation {}: {}\n", index, text);
    }

    void watch() {
        unsigned last = 0;
        auto since = std::chrono::steady_clock::now();
        while (!is_done_) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            const unsigned now = progress_;
            if (now != last) {
                last = now;
                since = std::chrono::steady_clock::now();
            } else if (std::chrono::steady_clock::now() - since > watchdog) {
                fmt::print("operation {} does not end\n", now - 1);
                std::fflush(stdout);
                std::_Exit(1);
            }
        }
    }

    void report() {
        std::size_t happened = 0;
        std::string per_device;
        for (std::size_t k = 0; k < plans_.size(); ++k) {
            happened += plans_[k]->happened();
            per_device += fmt::format("| `{}` | {} | {} | {} |\n", devices_[k].id(), devices_[k].info().name,
                                      plans_[k]->happened(), counts_.ran_on[devices_[k].id()]);
        }
        const std::string text = fmt::format(
            "{} operations (seed {}): {} left everything right, {} wrong, {} failed unexpectedly; {} faults, "
            "{} "
            "operations fell back ({} failed attempts), {} faults in no record, {} losses reported by name\n",
            counts_.operations, options_.seed, counts_.right, counts_.wrong, counts_.unexpected, happened,
            counts_.fell_back, counts_.attempts, counts_.unrecorded, counts_.reported_losses);
        fmt::print("{}{}", per_device, text);
        if (options_.markdown.empty()) return;
        std::ofstream file(options_.markdown);
        file << "# Operations under faults\n\nWritten by `heddle-soak --markdown`.\n\n"
             << "| device | name | faults that happened | operations done |\n| --- | --- | --- | --- |\n"
             << per_device << "\n"
             << text;
    }

    Options options_;
    Code code_;
    std::mt19937_64 random_;
    std::vector<std::shared_ptr<FaultPlan>> plans_;
    std::vector<Device> devices_;
    std::vector<Executor> executors_;
    std::vector<Piece> pieces_;
    unsigned made_ = 0;
    Counts counts_;
    std::atomic<unsigned> progress_{0};
    std::atomic<bool> is_done_{false};
};

int run(const std::vector<std::string>& arguments) {
    Options options;
    for (std::size_t k = 0; k < arguments.size(); k += 2) {
        const std::string& name = arguments[k];
        if (name == "--help" || k + 1 == arguments.size()) {
            std::fputs(usage, name == "--help" ? stdout : stderr);
            return name == "--help" ? 0 : 2;
        }
        const std::string& value = arguments[k + 1];
        if (name == "--devices")
            options.devices = value;
        else if (name == "--count")
            options.count = static_cast<unsigned>(std::stoul(value));
        else if (name == "--seed")
            options.seed = std::stoull(value);
        else if (name == "--kernels")
            options.kernels = value;
        else if (name == "--package")
            options.package = value;
        else if (name == "--write-package")
            options.write_package = value;
        else if (name == "--targets")
            options.targets = value;
        else if (name == "--markdown")
            options.markdown = value;
        else {
            fmt::print(stderr, "heddle-soak: unknown option {}\n{}", name, usage);
            return 2;
        }
    }
    if (!options.write_package.empty()) {
        const std::vector<std::byte> bytes = runtime::read_file(options.kernels);
        std::vector<std::string> targets;
        for (std::size_t at = 0; at <= options.targets.size();) {
            const std::size_t end = std::min(options.targets.find(',', at), options.targets.size());
            targets.push_back(options.targets.substr(at, end - at));
            at = end + 1;
        }
        const CompiledPackage compiled = compile_package(
            {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "soak.cu", {}, targets);
        const std::vector<std::byte> file = compiled.package.write();
        std::ofstream(options.write_package, std::ios::binary)
            .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
        return 0;
    }
    const Code code = Code::from_file(options.package.empty() ? options.kernels : options.package);
    return Soak(std::move(options), code).run();
}

}  // namespace
}  // namespace heddle::soak

int main(int argc, char** argv) {
    try {
        return heddle::soak::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        fmt::print(stderr, "heddle-soak: {}\n", error.what());
        return 1;
    }
}
