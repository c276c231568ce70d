// The stand-in's objects and memory.
#include "driver.h"

#include <utility>

namespace heddle::standins {

thread_local Context* Driver::current = nullptr;

void Point::reach() {
    const std::lock_guard lock(mutex);
    is_reached = true;
    time = std::chrono::steady_clock::now();
    reached.notify_all();
}

void Point::wait() {
    std::unique_lock lock(mutex);
    reached.wait(lock, [&] { return is_reached; });
}

bool Point::ready() {
    const std::lock_guard lock(mutex);
    return is_reached;
}

Stream::Stream(Context& context) : context_(context), thread_([this] { work(); }) {}

Stream::~Stream() {
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Stream::add(std::function<int()> command) {
    {
        const std::lock_guard lock(mutex_);
        commands_.push_back(std::move(command));
    }
    changed_.notify_all();
}

bool Stream::is_idle() {
    const std::lock_guard lock(mutex_);
    return commands_.empty() && !is_running_;
}

void Stream::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return commands_.empty() && !is_running_; });
}

void Stream::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return is_ending_ || !commands_.empty(); });
        if (commands_.empty()) return;
        const std::function<int()> command = std::move(commands_.front());
        commands_.pop_front();
        is_running_ = true;
        lock.unlock();
        const int result = command();
        int none = success;
        if (result != success) context_.error.compare_exchange_strong(none, result);
        lock.lock();
        is_running_ = false;
        changed_.notify_all();
    }
}

Driver& Driver::instance() {
    // Threads of streams may outlive main().
    static Driver& driver = *std::make_unique<Driver>().release();
    return driver;
}

void Driver::fail(const std::string& function, int result, unsigned after) {
    const std::lock_guard lock(mutex);
    failures_[function] = {result, after};
}

void Driver::mend(const std::string& function) {
    const std::lock_guard lock(mutex);
    failures_.erase(function);
}

unsigned Driver::calls(const std::string& function) const {
    const std::lock_guard lock(mutex);
    const auto found = calls_.find(function);
    return found == calls_.end() ? 0 : found->second;
}

CudaObjects Driver::alive() const {
    const std::lock_guard lock(mutex);
    CudaObjects alive{
        streams_.size(), events_.size(), modules_.size(), memory_.size(), host_memory_.size(), 0, used_};
    for (const Context& context : contexts_) alive.contexts += context.users != 0 ? 1 : 0;
    return alive;
}

void Driver::wait_for_release() {
    std::unique_lock lock(mutex);
    released_.wait(lock, [&] { return is_released_; });
}

void Driver::release() {
    const std::lock_guard lock(mutex);
    is_released_ = true;
    released_.notify_all();
}

void Driver::reset() {
    release();
    std::map<Stream*, std::unique_ptr<Stream>> streams;
    {
        const std::lock_guard lock(mutex);
        streams.swap(streams_);
    }
    streams.clear();  // ends their work, which may still use memory
    const std::lock_guard lock(mutex);
    events_.clear();
    modules_.clear();
    functions_.clear();
    memory_.clear();
    sizes_.clear();
    host_memory_.clear();
    host_sizes_.clear();
    used_ = kept_ = 0;
    failures_.clear();
    calls_.clear();
    kernels.clear();
    for (Context& context : contexts_) {
        context.users = 0;
        context.error = success;
    }
    is_released_ = false;
    driver_version = 12080;
    device_count = 1;
    capability_major = 9;
    capability_minor = 0;
    compute_mode = 0;
    has_pools = true;
    has_peers = false;
    memory_bytes = std::size_t{1} << 30;
}

int Driver::begin(const char* function) {
    const std::lock_guard lock(mutex);
    ++calls_[function];
    const auto failure = failures_.find(function);
    if (failure == failures_.end()) return success;
    if (failure->second.after == 0) return failure->second.result;
    --failure->second.after;
    return success;
}

int Driver::begin_in_context(const char* function) {
    if (const int result = begin(function); result != success) return result;
    return current == nullptr ? invalid_context : current->error.load();
}

int Driver::allocate(std::size_t bytes, bool from_pool, std::uint64_t& address) {
    const std::lock_guard lock(mutex);
    // A pool gives what it keeps, where that is enough; else it keeps that and asks for more.
    const bool is_kept = from_pool && bytes <= kept_;
    if (!is_kept && (bytes > memory_bytes || used_ + kept_ > memory_bytes - bytes)) return out_of_memory;
    if (is_kept) kept_ -= bytes;
    auto memory = std::make_unique_for_overwrite<std::byte[]>(bytes + 256);
    address = (reinterpret_cast<std::uintptr_t>(memory.get()) + 255) / 256 * 256;
    used_ += bytes;
    sizes_[address] = bytes;
    memory_[address] = std::move(memory);
    return success;
}

int Driver::free(std::uint64_t address, bool to_pool) {
    const std::lock_guard lock(mutex);
    const auto size = sizes_.find(address);
    if (size == sizes_.end()) return invalid_value;
    used_ -= size->second;
    if (to_pool) kept_ += size->second;
    sizes_.erase(size);
    memory_.erase(address);
    return success;
}

void Driver::trim() {
    const std::lock_guard lock(mutex);
    kept_ = 0;
}

void Driver::memory_info(std::size_t& free, std::size_t& total) const {
    const std::lock_guard lock(mutex);
    total = memory_bytes;
    free = memory_bytes - used_ - kept_;
}

namespace {

bool is_within(const std::map<std::uint64_t, std::size_t>& sizes, std::uint64_t address, std::size_t bytes) {
    auto after = sizes.upper_bound(address);
    if (after == sizes.begin()) return false;
    --after;
    return address - after->first <= after->second && bytes <= after->second - (address - after->first);
}

}  // namespace

bool Driver::holds(std::uint64_t address, std::size_t bytes) const {
    const std::lock_guard lock(mutex);
    if (is_within(sizes_, address, bytes) || is_within(host_sizes_, address, bytes)) return true;
    for (const auto& [key, module] : modules_)
        for (const auto& [name, global] : module->globals) {
            const auto begin = reinterpret_cast<std::uintptr_t>(global.bytes.data());
            if (address >= begin && address + bytes <= begin + global.bytes.size()) return true;
        }
    return false;
}

int Driver::allocate_host(std::size_t bytes, void** memory) {
    const std::lock_guard lock(mutex);
    auto made = std::make_unique_for_overwrite<std::byte[]>(bytes);
    *memory = made.get();
    const auto address = reinterpret_cast<std::uintptr_t>(made.get());
    host_sizes_[address] = bytes;
    host_memory_[address] = std::move(made);
    return success;
}

int Driver::free_host(void* memory) {
    const std::lock_guard lock(mutex);
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    if (host_sizes_.erase(address) == 0) return invalid_value;
    host_memory_.erase(address);
    return success;
}

bool Driver::is_pinned(const void* memory, std::size_t bytes) const {
    const std::lock_guard lock(mutex);
    return is_within(host_sizes_, reinterpret_cast<std::uintptr_t>(memory), bytes);
}

Stream* Driver::make_stream() {
    auto made = std::make_unique<Stream>(*current);
    const std::lock_guard lock(mutex);
    Stream* const stream = made.get();
    streams_[stream] = std::move(made);
    return stream;
}

int Driver::destroy_stream(Stream* stream) {
    std::unique_ptr<Stream> last;  // ends after the lock, which its work may need
    const std::lock_guard lock(mutex);
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return invalid_handle;
    last = std::move(found->second);
    streams_.erase(found);
    return success;
}

Event* Driver::make_event() {
    const std::lock_guard lock(mutex);
    auto made = std::make_unique<Event>();
    Event* const event = made.get();
    events_[event] = std::move(made);
    return event;
}

int Driver::destroy_event(Event* event) {
    const std::lock_guard lock(mutex);
    return events_.erase(event) == 1 ? success : invalid_handle;
}

Module* Driver::add_module(std::unique_ptr<Module> module) {
    const std::lock_guard lock(mutex);
    Module* const key = module.get();
    modules_[key] = std::move(module);
    return key;
}

int Driver::unload(Module* module) {
    const std::lock_guard lock(mutex);
    return modules_.erase(module) == 1 ? success : invalid_handle;
}

Function* Driver::function(Module* module, const std::string& name) {
    const std::lock_guard lock(mutex);
    const auto kernel = kernels.find(name);
    if (!module->kernels.contains(name) || kernel == kernels.end()) return nullptr;
    functions_.push_back(std::make_unique<Function>(Function{name, kernel->second}));
    return functions_.back().get();
}

std::vector<Stream*> Driver::streams() const {
    const std::lock_guard lock(mutex);
    std::vector<Stream*> all;
    for (const auto& [stream, owner] : streams_)
        if (&stream->context() == current) all.push_back(stream);
    return all;
}

}  // namespace heddle::standins
