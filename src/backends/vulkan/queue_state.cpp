// Commands of a queue.
#include "backends/vulkan/queue_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

#include "runtime/device_messages.h"
#include "runtime/log.h"

namespace heddle::vulkan {

namespace {

constexpr std::size_t longest_string = 4096;
/// From so many bytes on a copy is worth a change to the queue for copies: when nothing else is under way,
/// and when it has to wait there for what is.
constexpr std::size_t least_transfer = std::size_t{1} << 20, least_waiting_transfer = std::size_t{8} << 20;
/// From so many bytes on a copy takes the device longer than it takes to submit it.
constexpr std::size_t long_copy = std::size_t{1} << 18;
/// Filled by the host where it sees the memory and nothing is under way.
constexpr std::size_t most_host_fill = std::size_t{1} << 16;

const Slice& slice_of(const hal::Allocation& allocation) {
    return static_cast<const VulkanAllocation&>(allocation).slice();
}

/// So many submissions keep the device busy; commands that come meanwhile are gathered for the next one.
constexpr std::size_t enough_in_flight = 2;
constexpr unsigned most_gathered = 64;
/// Commands that follow each other faster than this are a burst. Submitting takes longer than recording: in a
/// burst each submission may hold twice as many commands as the one before.
constexpr std::chrono::microseconds burst_gap{30};
constexpr std::uint64_t patience_ns = 50'000'000;

constexpr std::size_t aligned(std::size_t offset, std::size_t size) {
    return (offset + size - 1) / size * size;
}

/// Calls `part(first, count)` for the parts of a grid that have at most `most` blocks along each axis.
template <class Part>
void divide(const Dim3& grid, const std::uint32_t (&most)[3], Part part) {
    Dim3 first, count;
    for (first.z = 0; first.z < grid.z; first.z += count.z) {
        count.z = std::min(grid.z - first.z, most[2]);
        for (first.y = 0; first.y < grid.y; first.y += count.y) {
            count.y = std::min(grid.y - first.y, most[1]);
            for (first.x = 0; first.x < grid.x; first.x += count.x) {
                count.x = std::min(grid.x - first.x, most[0]);
                part(first, count);
            }
        }
    }
}

bool fits(const Dim3& grid, const std::uint32_t (&most)[3]) {
    return grid.x <= most[0] && grid.y <= most[1] && grid.z <= most[2];
}

}  // namespace

QueueState::QueueState(std::shared_ptr<Context> context) : context_(std::move(context)), staging_(*context_) {
    context_->check_alive("making of a queue");
    compute_ = context_->take_stream(QueueUse::compute);
    stream_ = compute_.get();
}

QueueState::~QueueState() {
    if (submitter_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        held_back_.notify_one();
        submitter_.join();
    }
    staging_.give_back();
    context_->return_stream(std::move(compute_));
    if (transfer_ != nullptr) context_->return_stream(std::move(transfer_));
}

/// Whether commands still run: not once one has failed.
bool QueueState::is_open(std::string_view operation) {
    context_->check_alive(operation);
    if (late_error_ != nullptr) std::rethrow_exception(std::exchange(late_error_, nullptr));
    hear();
    staging_.settle();
    // Not for each command of a burst: asking has its price too.
    if (stream_->open_commands() == 0) reap();
    return !failure_;
}

void QueueState::reap() {
    compute_->reap();
    if (transfer_ != nullptr) transfer_->reap();
}

/// What is recorded next goes to `stream`, behind all that went to the other. It waits also for what the host
/// knows to have ended: waiting is what makes visible there what was written here.
void QueueState::go_to(Stream& stream, std::string_view operation) {
    if (&stream == stream_) return;
    stream_->submit(operation);
    if (stream_->submitted() != 0) stream.wait_for(*stream_, stream_->submitted(), nullptr);
    stream_ = &stream;
}

/// Large copies go to the engines that are for them; small ones are not worth a change.
void QueueState::go_to_copies_of(std::size_t bytes, std::string_view operation) {
    if (bytes < least_transfer || !context_->has_transfer_queues()) return;
    if (bytes < least_waiting_transfer && !compute_->is_idle()) return;
    if (transfer_ == nullptr) transfer_ = context_->take_stream(QueueUse::transfer);
    go_to(*transfer_, operation);
}

/// Submits what has been recorded at once while the device has little to do; else soon, with what follows.
/// What takes the device long is not gathered for the sake of a burst.
void QueueState::commit(std::string_view operation, bool is_long) {
    const auto now = std::chrono::steady_clock::now();
    if (now - committed_at_ > burst_gap) enough_open_ = 1;
    committed_at_ = now;
    ++commits_;
    const bool is_enough = is_long || stream_->open_commands() >= enough_open_;
    if (is_enough) reap();
    if ((is_enough && stream_->in_flight() < enough_in_flight) || stream_->open_commands() >= most_gathered) {
        enough_open_ = std::min(enough_open_ * 2, most_gathered);
        stream_->submit(operation);
        return;
    }
    if (!submitter_.joinable()) submitter_ = std::thread([this] { submit_in_time(); });
    held_back_.notify_one();
}

/// What the thread does: it submits commands that are held back before the device runs dry, but in a burst
/// leaves that to the thread that records.
void QueueState::submit_in_time() {
    std::unique_lock lock(mutex_);
    for (;;) {
        held_back_.wait(lock, [this] {
            return is_stopping_ || (stream_->open_commands() != 0 && late_error_ == nullptr);
        });
        if (is_stopping_) return;
        const Stream& stream = *stream_;
        const std::uint64_t all_but_last = stream.all_but_last(), commits = commits_;
        const auto burst_end = committed_at_ + burst_gap;
        lock.unlock();
        const bool is_pending = stream.is_pending_after(all_but_last, patience_ns);
        if (!is_pending) std::this_thread::sleep_until(burst_end);
        lock.lock();
        if (commits != commits_) continue;
        // Another thread may have submitted meanwhile, or gone to the other stream.
        if (is_pending || &stream != stream_ || stream_->open_commands() == 0) continue;
        try {
            if (stream_->reached(stream_->all_but_last())) stream_->submit("launch");
        } catch (const std::exception&) {
            late_error_ = std::current_exception();
        }
    }
}

void QueueState::finish(std::string_view operation) {
    stream_->submit(operation);
    stream_->await(stream_->submitted(), operation);
    staging_.settle();
    reap();
    enough_open_ = 1;
}

void QueueState::launch(hal::Launch launch) {
    auto kernel = std::static_pointer_cast<VulkanKernel>(launch.kernel);
    const std::string& operation = kernel->operation();
    context_->check_alive(operation);
    const Dim3& grid = launch.config.grid;
    const std::uint32_t(&most)[3] = context_->traits().most_blocks;
    const bool is_one = fits(grid, most);
    if (!is_one && !kernel->code().hidden.first_block)
        throw Error(
            ErrorCode::launch_failed,
            fmt::format("the grid has {} x {} x {} blocks; the device runs {} x {} x {} at once, and the "
                        "kernel's code was made to run at once",
                        grid.x, grid.y, grid.z, most[0], most[1], most[2]),
            operation, context_->id());
    VkPipeline const pipeline = kernel->pipeline(launch.config);
    const std::lock_guard lock(mutex_);
    if (!is_open(operation)) return;
    go_to(*compute_, operation);
    const bool speaks = kernel->code().hidden.messages;
    if (speaks) prepare_messages(operation);
    const auto keep = [&] {
        for (const std::shared_ptr<hal::Allocation>& allocation : launch.allocations)
            stream_->keep(allocation);
        stream_->keep(kernel);
    };
    if (is_one)
        dispatch(*kernel, pipeline, launch, Dim3{0, 0, 0}, grid);
    else
        divide(grid, most, [&](const Dim3& first, const Dim3& count) {
            dispatch(*kernel, pipeline, launch, first, count);
            if (stream_->open_commands() < most_gathered) return;
            keep();
            stream_->submit(operation);
        });
    keep();
    if (speaks) {
        for (std::shared_ptr<hal::Allocation>& allocation : launch.allocations)
            speaking_memory_.push_back(std::move(allocation));
        speaking_ = std::move(kernel);
    }
    commit(operation);
}

/// Records the dispatch of `count` blocks from `first`.
void QueueState::dispatch(const VulkanKernel& kernel, VkPipeline pipeline, const hal::Launch& launch,
                          const Dim3& first, const Dim3& count) {
    const DeviceApi& api = context_->api();
    const ParameterBytes parameters = parameters_of(kernel, launch, first);
    VkCommandBuffer const commands = stream_->next_command();
    stream_->use_pipeline(pipeline, kernel.layout(), {parameters.data(), kernel.push_bytes()});
    api.dispatch(commands, count.x, count.y, count.z);
}

/// The kernel's push constants; where they hold an address, what stands there is staged now.
QueueState::ParameterBytes QueueState::parameters_of(const VulkanKernel& kernel, const hal::Launch& launch,
                                                     const Dim3& first) {
    const ArchivedKernel& code = kernel.code();
    ParameterBytes bytes;
    bytes.resize(aligned(code.parameter_bytes, 4));
    std::size_t at = std::min(launch.parameters.size(), bytes.size());
    if (at != 0) std::memcpy(bytes.data(), launch.parameters.data(), at);
    at = kernel.info().parameter_bytes;
    const auto add = [&](auto value) {
        at = aligned(at, sizeof value);
        if (at + sizeof value > bytes.size()) bytes.resize(at + sizeof value);
        std::memcpy(bytes.data() + at, &value, sizeof value);
        at += sizeof value;
    };
    if (code.hidden.globals) {
        const std::shared_ptr<hal::Allocation> globals = kernel.program().globals();
        add(globals != nullptr ? globals->device_address() : std::uint64_t{0});
    }
    if (code.hidden.messages) add(messages_->device_address());
    if (code.hidden.shared_bytes) add(static_cast<std::uint32_t>(launch.config.shared_bytes));
    if (code.hidden.grid)
        for (const std::uint32_t extent : {launch.config.grid.x, launch.config.grid.y, launch.config.grid.z})
            add(extent);
    if (code.hidden.first_block)
        for (const std::uint32_t place : {first.x, first.y, first.z}) add(place);
    if (!code.parameters_in_buffer) return bytes;
    const Slice place = staging_.take(*stream_, bytes.size(), kernel.operation());
    std::memcpy(place.mapped, bytes.data(), bytes.size());
    bytes.resize(sizeof place.address);
    std::memcpy(bytes.data(), &place.address, sizeof place.address);
    return bytes;
}

void QueueState::record_copy(const Slice& from, std::uint64_t from_offset, const Slice& to,
                             std::uint64_t to_offset, std::uint64_t bytes) {
    const VkBufferCopy region{from.offset + from_offset, to.offset + to_offset, bytes};
    context_->api().copy_buffer(stream_->next_command(), from.buffer, to.buffer, 1, &region);
}

/// False when `host` does not lie in pinned memory. Otherwise the device copies from there, or to there.
bool QueueState::copy_pinned(const Slice& device, std::size_t offset, const void* host, std::size_t bytes,
                             bool is_write, std::shared_ptr<hal::Allocation> memory,
                             std::string_view operation) {
    std::shared_ptr<hal::HostMemory> pinned = context_->host_ranges().find(host, bytes);
    if (pinned == nullptr) return false;
    const Slice slice = static_cast<const VulkanHostMemory&>(*pinned).slice();
    const auto place = static_cast<std::uint64_t>(static_cast<const std::byte*>(host) - slice.mapped);
    if (is_write)
        record_copy(slice, place, device, offset, bytes);
    else
        record_copy(device, offset, slice, place, bytes);
    stream_->keep(std::move(memory));
    stream_->keep(std::move(pinned));
    commit(operation, bytes >= long_copy);
    return true;
}

void QueueState::write(std::shared_ptr<hal::Allocation> destination, std::size_t offset, const void* source,
                       std::size_t bytes) {
    constexpr std::string_view operation = "write to a buffer";
    const std::lock_guard lock(mutex_);
    if (!is_open(operation)) return;
    const Slice& to = slice_of(*destination);
    if (to.mapped != nullptr && is_idle()) {
        std::memcpy(to.mapped + offset, source, bytes);
        return;
    }
    go_to_copies_of(bytes, operation);
    if (copy_pinned(to, offset, source, bytes, true, destination, operation)) return;
    const auto* from = static_cast<const std::byte*>(source);
    for (std::size_t done = 0; done < bytes;) {
        const std::size_t count = std::min(bytes - done, Staging::piece_of(bytes));
        const Slice piece = staging_.take(*stream_, count, operation);
        context_->copier().copy(piece.mapped, from + done, count);
        record_copy(piece, 0, to, offset + done, count);
        done += count;
        if (done == bytes) stream_->keep(std::move(destination));
        commit(operation, count >= long_copy);
    }
}

void QueueState::read(std::shared_ptr<hal::Allocation> source, std::size_t offset, void* destination,
                      std::size_t bytes) {
    constexpr std::string_view operation = "read of a buffer";
    const std::lock_guard lock(mutex_);
    if (!is_open(operation)) return;
    const Slice& from = slice_of(*source);
    if (from.mapped != nullptr && is_idle()) {
        std::memcpy(destination, from.mapped + offset, bytes);
        return;
    }
    go_to_copies_of(bytes, operation);
    if (copy_pinned(from, offset, destination, bytes, false, source, operation)) return;
    auto* to = static_cast<std::byte*>(destination);
    for (std::size_t done = 0; done < bytes;) {
        const std::size_t count = std::min(bytes - done, Staging::piece_of(bytes));
        const Slice piece = staging_.take(*stream_, count, operation);
        record_copy(from, offset + done, piece, 0, count);
        staging_.deliver(*stream_, piece, to + done);
        done += count;
        if (done == bytes) stream_->keep(std::move(source));
        commit(operation, count >= long_copy);
    }
}

void QueueState::copy(std::shared_ptr<hal::Allocation> destination, std::size_t destination_offset,
                      std::shared_ptr<hal::Allocation> source, std::size_t source_offset, std::size_t bytes) {
    constexpr std::string_view operation = "copy between buffers";
    const std::lock_guard lock(mutex_);
    if (!is_open(operation)) return;
    go_to(*compute_, operation);
    record_copy(slice_of(*source), source_offset, slice_of(*destination), destination_offset, bytes);
    stream_->keep(std::move(destination));
    stream_->keep(std::move(source));
    commit(operation, bytes >= long_copy);
}

void QueueState::fill(std::shared_ptr<hal::Allocation> destination, std::size_t offset, std::uint8_t value,
                      std::size_t bytes) {
    constexpr std::string_view operation = "fill of a buffer";
    const std::lock_guard lock(mutex_);
    if (!is_open(operation)) return;
    const Slice& to = slice_of(*destination);
    if (to.mapped != nullptr && bytes <= most_host_fill && is_idle()) {
        std::memset(to.mapped + offset, value, bytes);
        return;
    }
    go_to(*compute_, operation);
    // vkCmdFillBuffer writes whole words; the edges are copied.
    const std::size_t first = std::min(aligned(offset, 4), offset + bytes), end = offset + bytes,
                      last = std::max(first, end / 4 * 4);
    Slice edges;
    if (first - offset + (end - last) != 0) {
        edges = staging_.take(*stream_, 4, operation);
        std::memset(edges.mapped, value, 4);
    }
    const DeviceApi& api = context_->api();
    VkCommandBuffer const commands = stream_->next_command();
    if (last > first)
        api.fill_buffer(commands, to.buffer, to.offset + first, last - first, 0x01010101U * value);
    for (const auto& [begin, stop] : {std::pair(offset, first), std::pair(last, end)}) {
        if (begin == stop) continue;
        const VkBufferCopy region{edges.offset, to.offset + begin, stop - begin};
        api.copy_buffer(commands, edges.buffer, to.buffer, 1, &region);
    }
    stream_->keep(std::move(destination));
    commit(operation);
}

Mark QueueState::record() {
    constexpr std::string_view operation = "recording of an event";
    const std::lock_guard lock(mutex_);
    (void)is_open(operation);
    Mark mark;
    mark.failure = failure_;
    go_to(*compute_, operation);  // marks are values of this stream, and only it may write times
    const DeviceApi& api = context_->api();
    if (context_->traits().timestamp_bits != 0) {
        mark.time = std::make_shared<Timestamp>(*context_);
        VkCommandBuffer const commands = stream_->next_command();
        api.reset_queries(commands, mark.time->pool(), mark.time->index(), 1);
        api.write_timestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, mark.time->pool(),
                            mark.time->index());
        stream_->keep(mark.time);
    }
    stream_->submit(operation);
    mark.value = stream_->submitted();
    return mark;
}

void QueueState::wait_for(const std::shared_ptr<QueueState>& other, const Mark& mark) {
    constexpr std::string_view operation = "waiting for an event";
    const std::lock_guard lock(mutex_);
    if (!is_open(operation)) return;
    failure_ = mark.failure;
    if (failure_ || other.get() == this || other->compute_->reached(mark.value)) return;
    stream_->submit(operation);
    stream_->wait_for(*other->compute_, mark.value, other);
}

std::optional<Failure> QueueState::synchronize() {
    constexpr std::string_view operation = "synchronize";
    const std::lock_guard lock(mutex_);
    context_->check_alive(operation);
    if (late_error_ != nullptr) std::rethrow_exception(std::exchange(late_error_, nullptr));
    hear();
    finish(operation);
    return std::exchange(failure_, std::nullopt);
}

bool QueueState::has_reached(const Mark& mark) {
    context_->check_alive("asking for an event");
    if (!compute_->reached(mark.value)) return false;
    const std::lock_guard lock(mutex_);
    staging_.settle();
    return true;
}

void QueueState::await(const Mark& mark) {
    compute_->await(mark.value, "waiting for an event");
    const std::lock_guard lock(mutex_);
    staging_.settle();
}

void QueueState::prepare_messages(std::string_view operation) {
    if (messages_ == nullptr)
        messages_ = std::make_shared<VulkanAllocation>(
            context_, sizeof(runtime::MessageHeader) + runtime::message_capacity);
    runtime::MessageHeader header;
    header.capacity = runtime::message_capacity;
    const Slice& to = messages_->slice();
    context_->api().update_buffer(stream_->next_command(), to.buffer, to.offset, sizeof header, &header);
    stream_->keep(messages_);
    context_->check(VK_SUCCESS, "vkCmdUpdateBuffer", operation);
}

void QueueState::read_now(const Slice& source, std::uint64_t offset, void* destination, std::size_t bytes,
                          std::string_view operation) {
    if (source.mapped != nullptr) {
        if (!is_idle()) finish(operation);
        std::memcpy(destination, source.mapped + offset, bytes);
        return;
    }
    for (std::size_t done = 0; done < bytes;) {
        const std::size_t count = std::min(bytes - done, Staging::piece_of(bytes));
        const Slice piece = staging_.take(*stream_, count, operation);
        record_copy(source, offset + done, piece, 0, count);
        staging_.deliver(*stream_, piece, static_cast<std::byte*>(destination) + done);
        done += count;
    }
    finish(operation);
}

/// Waits for the last kernel that may speak, and hears what it says.
void QueueState::hear() {
    const std::shared_ptr<VulkanKernel> kernel = std::exchange(speaking_, nullptr);
    if (kernel == nullptr) return;
    const auto memory = std::exchange(speaking_memory_, {});
    const std::string& operation = kernel->operation();
    runtime::MessageHeader header;
    read_now(messages_->slice(), 0, &header, sizeof header, operation);
    const runtime::StringReader read = [&](std::uint64_t address) { return string_at(address, operation); };
    if (header.used != 0) {
        std::vector<std::byte> records(std::min<std::size_t>(header.used, runtime::message_capacity));
        read_now(messages_->slice(), sizeof header, records.data(), records.size(), operation);
        const std::string text = runtime::printed_text(records, read);
        // A closed standard output loses the text, as it does for the host's own printf.
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
        if (header.used > runtime::message_capacity)
            runtime::log().warn("{}: {} printed more than {} bytes at once; the rest is lost", context_->id(),
                                operation, runtime::message_capacity);
    }
    std::string reason = runtime::failure_text(header, read);
    if (!reason.empty() && !failure_) failure_ = Failure{std::move(reason), operation};
}

std::optional<std::string> QueueState::string_at(std::uint64_t address, std::string_view operation) {
    const std::optional<Slice> place = context_->memory().find(address);
    if (!place) return std::nullopt;
    std::string text(std::min<std::size_t>(longest_string, place->bytes), '\0');
    read_now(*place, 0, text.data(), text.size(), operation);
    const std::size_t end = text.find('\0');
    if (end == std::string::npos) return std::nullopt;
    text.resize(end);
    return text;
}

}  // namespace heddle::vulkan
