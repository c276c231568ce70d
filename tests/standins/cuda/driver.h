// What the stand-in keeps: streams with a thread each, events, modules, and memory with a limit.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "control.h"

namespace heddle::standins {

inline constexpr int success = 0, invalid_value = 1, out_of_memory = 2, no_device = 100,
                     invalid_context = 201, invalid_ptx = 218, invalid_handle = 400, not_found = 500,
                     not_ready = 600, illegal_address = 700, out_of_resources = 701;

struct Context {
    int device = 0;
    int users = 0;
    std::atomic<int> error{success};  ///< the first failure of a kernel, which every later call gives
};

/// One recording of an event.
struct Point {
    std::mutex mutex;
    std::condition_variable reached;
    bool is_reached = false;
    std::chrono::steady_clock::time_point time;

    void reach();
    void wait();
    bool ready();
};

struct Event {
    std::shared_ptr<Point> point;  ///< null: never recorded
};

/// Commands in order, on a thread of its own.
class Stream {
  public:
    explicit Stream(Context& context);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    Context& context() noexcept { return context_; }
    /// A command that gives something other than success breaks the context; then no command runs any more.
    void add(std::function<int()> command);
    bool is_idle();
    void wait();

  private:
    Context& context_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<int()>> commands_;
    bool is_running_ = false, is_ending_ = false;
    std::thread thread_;

    void work();
};

struct Module {
    struct Global {
        std::vector<std::byte> bytes;
    };
    std::set<std::string> kernels;
    std::map<std::string, Global> globals;
};

struct Function {
    std::string name;
    CudaKernel kernel;
    int dynamic_shared_bytes = 48 << 10;
};

class Driver final : public CudaControl {
  public:
    static Driver& instance();

    void fail(const std::string& function, int result, unsigned after) override;
    void mend(const std::string& function) override;
    unsigned calls(const std::string& function) const override;
    CudaObjects alive() const override;
    void wait_for_release() override;
    void release() override;
    void reset() override;

    /// Counts the call; what it must give instead of doing its work.
    int begin(const char* function);
    /// The same for a call that needs a current context that has not failed.
    int begin_in_context(const char* function);

    Context& context_of(int device) { return contexts_.at(static_cast<std::size_t>(device)); }

    int allocate(std::size_t bytes, bool from_pool, std::uint64_t& address);
    int free(std::uint64_t address, bool to_pool);
    void trim();
    void memory_info(std::size_t& free, std::size_t& total) const;
    /// Whether an allocation, device's or pinned, or a module's variable holds the range.
    bool holds(std::uint64_t address, std::size_t bytes) const;
    int allocate_host(std::size_t bytes, void** memory);
    int free_host(void* memory);
    bool is_pinned(const void* memory, std::size_t bytes) const;

    Stream* make_stream();
    int destroy_stream(Stream* stream);
    Event* make_event();
    int destroy_event(Event* event);
    Module* add_module(std::unique_ptr<Module> module);
    int unload(Module* module);
    Function* function(Module* module, const std::string& name);
    /// Those of the current context.
    std::vector<Stream*> streams() const;

    /// The context that is current on this thread.
    static thread_local Context* current;
    mutable std::mutex mutex;  ///< guards events' points too

  private:
    struct Failure {
        int result = success;
        unsigned after = 0;
    };
    std::array<Context, 4> contexts_;
    std::map<std::string, Failure> failures_;
    std::map<std::string, unsigned> calls_;
    std::map<std::uint64_t, std::unique_ptr<std::byte[]>> memory_, host_memory_;
    std::map<std::uint64_t, std::size_t> sizes_, host_sizes_;
    std::size_t used_ = 0, kept_ = 0;  ///< by allocations, by the pool
    std::map<Stream*, std::unique_ptr<Stream>> streams_;
    std::map<Event*, std::unique_ptr<Event>> events_;
    std::map<Module*, std::unique_ptr<Module>> modules_;
    std::vector<std::unique_ptr<Function>> functions_;
    bool is_released_ = false;
    std::condition_variable released_;
};

}  // namespace heddle::standins
