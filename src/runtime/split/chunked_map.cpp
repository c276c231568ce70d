// chunked_map(): one thread a device moves chunks through a ring of slots, each with a queue of its own.
#include <heddle/chunked_map.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <heddle/error.h>
#include <heddle/host_buffer.h>
#include <heddle/queue.h>

#include "runtime/host_copier.h"
#include "runtime/log.h"
#include "runtime/split/chunk_dispenser.h"
#include "runtime/split/device_failure.h"

namespace heddle {

namespace {

using runtime::Chunk;
using runtime::ChunkDispenser;
using Clock = std::chrono::steady_clock;
using Place = MapArgument::Place;

/// Larger chunks are copied no faster, and pinned memory is scarce.
constexpr std::uint64_t most_slot_bytes = std::uint64_t{32} << 20;
/// Memory to go by where a device does not say what it has.
constexpr std::uint64_t unknown_memory_bytes = std::uint64_t{256} << 20;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

bool is_read(Place place) noexcept {
    return place == Place::input || place == Place::in_out;
}
bool is_written(Place place) noexcept {
    return place == Place::output || place == Place::in_out;
}
bool is_chunked(Place place) noexcept {
    return is_read(place) || is_written(place);
}

/// A checked map.
struct Map {
    const ProgramSource& program;
    std::string kernel;
    std::uint64_t elements;
    std::span<const MapArgument> arguments;
    const MapOptions& options;
    std::uint64_t granule;            ///< elements of a block
    std::uint64_t element_bytes = 0;  ///< of all chunked arrays
    std::uint64_t whole_bytes = 0;
    runtime::HostCopier copier;

    Map(const ProgramSource& the_program, std::string_view the_kernel, std::uint64_t the_elements,
        std::span<const MapArgument> the_arguments, const MapOptions& the_options)
        : program(the_program),
          kernel(the_kernel),
          elements(the_elements),
          arguments(the_arguments),
          options(the_options),
          granule(the_options.elements_per_block != 0 ? the_options.elements_per_block : the_options.threads),
          copier(runtime::HostCopier::usual_helpers()) {
        if (options.threads == 0) refuse("a block has no threads");
        if (options.queues == 0 || options.queues > 16) refuse("it takes from 1 to 16 queues");
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            const MapArgument& argument = arguments[i];
            if (argument.place() == Place::value && argument.value().kind() == Argument::Kind::buffer)
                refuse(fmt::format("argument {} is a buffer, which belongs to one device", i + 1));
            if (argument.place() == Place::whole) whole_bytes += argument.bytes();
            if (!is_chunked(argument.place())) continue;
            if (argument.bytes() == 0) refuse(fmt::format("argument {} has 0 bytes for each element", i + 1));
            if (argument.host() == nullptr && elements != 0)
                refuse(fmt::format("argument {}: the host pointer is null", i + 1));
            element_bytes += argument.bytes();
        }
    }
    [[noreturn]] void refuse(const std::string& reason) const {
        throw Error(ErrorCode::invalid_argument, reason, "chunked map of '" + kernel + "'");
    }
    /// Throws invalid_argument for arrays that the kernel writes and the caller only reads.
    void check(const KernelInfo& info) const {
        for (std::size_t i = 0; i < std::min(arguments.size(), info.parameters.size()); ++i) {
            const Parameter& parameter = info.parameters[i];
            const Place place = arguments[i].place();
            const bool writes = parameter.access == Access::write || parameter.access == Access::read_write;
            if ((place == Place::input || place == Place::whole) && writes)
                refuse(fmt::format("argument {} '{}' is written by the kernel: make it an output or in_out",
                                   i + 1, parameter.name));
        }
    }
};

/// Room for one chunk on a device and on its way there.
class Slot {
  public:
    Slot(const Device& device, const Map& map, std::uint64_t most) : queue_(device) {
        for (const MapArgument& argument : map.arguments) {
            Array& array = arrays_.emplace_back();
            if (!is_chunked(argument.place())) continue;
            array.device = device.allocate(argument.bytes() * most);
            if (!array.device.is_host_visible() && !map.options.host_is_pinned)
                array.staging = device.allocate_host(argument.bytes() * most);
        }
    }

    const Chunk& chunk() const noexcept { return chunk_; }

    void start(Map& map, const Kernel& kernel, const std::vector<Buffer>& wholes, const Chunk& chunk) {
        chunk_ = chunk;
        std::vector<Argument> arguments;
        for (std::size_t i = 0; i < map.arguments.size(); ++i) {
            const MapArgument& argument = map.arguments[i];
            switch (argument.place()) {
                case Place::value:
                    arguments.push_back(argument.value());
                    break;
                case Place::count:
                    arguments.emplace_back(chunk.count);
                    break;
                case Place::first_element:
                    arguments.emplace_back(chunk.first);
                    break;
                case Place::whole:
                    arguments.emplace_back(wholes[i]);
                    break;
                default:
                    if (is_read(argument.place())) bring(map, i);
                    arguments.emplace_back(arrays_[i].device);
            }
        }
        const auto blocks = static_cast<std::uint32_t>((chunk.count + map.granule - 1) / map.granule);
        queue_.launch(kernel, {{blocks}, {map.options.threads}, map.options.shared_bytes}, arguments);
        for (std::size_t i = 0; i < map.arguments.size(); ++i)
            if (is_written(map.arguments[i].place())) take(map, i);
        // Drivers may hold commands back until somebody asks: an event makes them start.
        is_reached_.emplace(queue_.record());
        is_reached_->ready();
    }
    /// Waits, and puts the results where the caller wants them.
    void finish(Map& map) {
        queue_.synchronize();
        for (std::size_t i = 0; i < map.arguments.size(); ++i) {
            const MapArgument& argument = map.arguments[i];
            if (!is_written(argument.place()) || map.options.host_is_pinned) continue;
            map.copier.copy(host_of(argument), landing(i), argument.bytes() * chunk_.count);
        }
    }
    void abandon(const std::string& device) noexcept {
        // The failure that brought it here is the one to tell.
        static_cast<void>(runtime::failure_of(device, [&] { queue_.synchronize(); }));
    }

  private:
    struct Array {
        Buffer device;
        HostBuffer staging;  ///< none where the host sees the device's memory, or its own is pinned
    };
    std::byte* host_of(const MapArgument& argument) const {
        return static_cast<std::byte*>(argument.host()) + chunk_.first * argument.bytes();
    }
    /// Host memory that the chunk passes through.
    std::byte* landing(std::size_t i) {
        if (arrays_[i].staging.size_bytes() != 0) return static_cast<std::byte*>(arrays_[i].staging.data());
        return arrays_[i].device.view<std::byte>().data();
    }
    void bring(Map& map, std::size_t i) {
        const std::size_t bytes = map.arguments[i].bytes() * chunk_.count;
        const std::byte* from = host_of(map.arguments[i]);
        if (!map.options.host_is_pinned) {
            map.copier.copy(landing(i), from, bytes);
            if (arrays_[i].staging.size_bytes() == 0) return;
            from = landing(i);
        }
        queue_.write(arrays_[i].device, from, bytes);
    }
    void take(Map& map, std::size_t i) {
        std::byte* to = host_of(map.arguments[i]);
        if (!map.options.host_is_pinned) {
            if (arrays_[i].staging.size_bytes() == 0) return;
            to = landing(i);
        }
        queue_.read(arrays_[i].device, to, map.arguments[i].bytes() * chunk_.count);
    }

    std::vector<Array> arrays_;
    Chunk chunk_;
    std::optional<Event> is_reached_;
    Queue queue_;  // last: ends before what its work uses
};

/// One device's thread.
class Worker {
  public:
    Worker(Device device, std::size_t index, Map& map, ChunkDispenser& dispenser)
        : device_(std::move(device)), index_(index), map_(map), dispenser_(dispenser) {
        share.device = device_.id();
    }

    void run() {
        std::deque<Chunk> at_work;
        std::optional<Chunk> taken;
        const auto error = runtime::failure_of(device_.id(), [&] {
            prepare();
            const auto start = Clock::now();
            std::size_t next = 0;  // slot of the next chunk; at_work holds those of the slots before it
            while (true) {
                if (at_work.size() == slots_.size()) finish_oldest(at_work, next, start);
                taken = dispenser_.take(index_, most_, at_work.empty());
                if (taken) {
                    slots_[next % slots_.size()]->start(map_, *kernel_, wholes_, *taken);
                    at_work.push_back(*taken);
                    taken.reset();
                    ++next;
                } else if (at_work.empty()) {
                    return;
                } else {
                    finish_oldest(at_work, next, start);
                }
            }
        });
        if (!error) return;
        share.has_failed = true;
        runtime::log().warn("chunked map goes on without {}: {}", device_.id(), error->what());
        for (const auto& slot : slots_) slot->abandon(device_.id());
        std::vector<Chunk> unfinished(at_work.begin(), at_work.end());
        if (taken) unfinished.push_back(*taken);
        const bool has_damaged_input =
            map_.options.host_is_pinned && !unfinished.empty() &&
            std::any_of(map_.arguments.begin(), map_.arguments.end(),
                        [](const MapArgument& argument) { return argument.place() == Place::in_out; });
        if (!has_damaged_input) {
            dispenser_.failed(index_, unfinished, *error, false);
            return;
        }
        dispenser_.failed(index_, unfinished,
                          Error(ErrorCode::device_lost,
                                fmt::format("arrays that are read and written in place may be half written "
                                            "after a failure: {}",
                                            error->reason()),
                                error->operation(), device_.id()),
                          true);
    }

    MapShare share;
    std::vector<std::string> notes;

  private:
    void prepare() {
        program_.emplace(map_.program.load(device_, false));
        kernel_.emplace(program_->kernel(map_.kernel));
        map_.check(kernel_->info());
        Queue queue(device_);
        for (const MapArgument& argument : map_.arguments) {
            Buffer& whole = wholes_.emplace_back();
            if (argument.place() != Place::whole) continue;
            whole = device_.allocate(argument.bytes());
            queue.write(whole, argument.host(), argument.bytes());
        }
        queue.synchronize();
        make_slots();
    }

    void make_slots() {
        const DeviceInfo& info = device_.info();
        std::uint64_t budget = map_.options.memory_limit;
        if (budget == 0) budget = info.free_bytes / 2;
        if (budget == 0) budget = info.memory_bytes / 2;
        if (budget == 0) budget = unknown_memory_bytes;
        budget = budget > map_.whole_bytes ? budget - map_.whole_bytes : 0;
        const std::uint64_t element = std::max<std::uint64_t>(map_.element_bytes, 1);
        std::uint64_t most = std::min(budget / map_.options.queues, most_slot_bytes) / element;
        if (map_.options.chunk_elements != 0) most = std::min(most, map_.options.chunk_elements);
        most = std::min(most, (map_.elements + map_.granule - 1) / map_.granule * map_.granule);
        const std::uint64_t grid_limit = info.limits.grid[0] != 0 ? info.limits.grid[0] : 0x7fffffff;
        most = std::min(most / map_.granule, grid_limit) * map_.granule;
        while (true) {
            if (most < map_.granule)
                throw Error(
                    ErrorCode::out_of_memory,
                    fmt::format("{} queues with a block of {} elements each ({} bytes) do not fit the {} "
                                "bytes there are beside whole arrays",
                                map_.options.queues, map_.granule, map_.granule * element, budget),
                    "chunked map of '" + map_.kernel + "'", device_.id());
            try {
                for (unsigned k = 0; k < map_.options.queues; ++k)
                    slots_.push_back(std::make_unique<Slot>(device_, map_, most));
                break;
            } catch (const Error& error) {
                if (error.code() != ErrorCode::out_of_memory) throw;
                slots_.clear();
                notes.push_back(fmt::format("{}: chunks of {} elements do not fit, trying half: {}",
                                            device_.id(), most, error.what()));
                most = most / map_.granule / 2 * map_.granule;
            }
        }
        most_ = most;
    }

    void finish_oldest(std::deque<Chunk>& at_work, std::size_t next, Clock::time_point start) {
        Slot& slot = *slots_[(next - at_work.size()) % slots_.size()];
        slot.finish(map_);
        const Chunk chunk = at_work.front();
        at_work.pop_front();
        share.elements += chunk.count;
        ++share.chunks;
        share.milliseconds = milliseconds_since(start);
        dispenser_.finished(index_, chunk, share.milliseconds);
    }

    Device device_;
    const std::size_t index_;
    Map& map_;
    ChunkDispenser& dispenser_;
    std::optional<Program> program_;
    std::optional<Kernel> kernel_;
    std::vector<Buffer> wholes_;  // by argument
    std::vector<std::unique_ptr<Slot>> slots_;
    std::uint64_t most_ = 0;  // elements of a chunk
};

}  // namespace

MapRecord chunked_map(std::span<const Device> devices, const ProgramSource& program, std::string_view kernel,
                      std::uint64_t elements, std::span<const MapArgument> arguments,
                      const MapOptions& options) {
    const auto start = Clock::now();
    Map map(program, kernel, elements, arguments, options);
    if (devices.empty()) map.refuse("there is no device");
    ChunkDispenser dispenser(elements, map.granule, devices.size(), options.progress);
    std::vector<std::unique_ptr<Worker>> workers;
    for (const Device& device : devices)
        workers.push_back(std::make_unique<Worker>(device, workers.size(), map, dispenser));
    std::vector<std::size_t> indices(workers.size());
    std::iota(indices.begin(), indices.end(), std::size_t{0});
    if (elements != 0) runtime::side_by_side(indices, [&](std::size_t i) { workers[i]->run(); });
    dispenser.check();

    MapRecord record;
    record.elements = dispenser.done();
    record.was_cancelled = dispenser.was_cancelled();
    for (const std::size_t i : indices) {
        MapShare& share = record.shares.emplace_back(std::move(workers[i]->share));
        share.reason = dispenser.reason(i);
        if (share.reason.empty() && share.chunks == 0 && elements != 0 && !record.was_cancelled)
            share.reason = "the other devices had taken everything before it was ready";
        const std::vector<std::string>& notes = workers[i]->notes;
        record.notes.insert(record.notes.end(), notes.begin(), notes.end());
    }
    record.milliseconds = milliseconds_since(start);
    return record;
}

}  // namespace heddle
