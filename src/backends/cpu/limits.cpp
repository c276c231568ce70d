// Decides the threads of the CPU devices; keeps what the program asked for until the first queue.
#include "backends/cpu/limits.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <heddle/error.h>

#include "runtime/environment.h"
#include "runtime/log.h"

namespace heddle::cpu {

namespace {

constexpr unsigned most_threads = 4096;

struct FreeSet {
    void operator()(cpu_set_t* set) const noexcept { CPU_FREE(set); }
};
using CpuSet = std::unique_ptr<cpu_set_t, FreeSet>;

std::vector<unsigned> common(const std::vector<unsigned>& some, const std::vector<unsigned>& allowed) {
    std::vector<unsigned> both;
    for (const unsigned each : some)
        if (std::find(allowed.begin(), allowed.end(), each) != allowed.end() &&
            std::find(both.begin(), both.end(), each) == both.end())
            both.push_back(each);
    std::sort(both.begin(), both.end());
    return both;
}

struct State {
    std::mutex mutex;
    CpuLimits asked;
    std::optional<CpuBudget> decided;
};

State& state() {
    // Never destroyed: threads may still make queues while the process ends.
    static State& the_state = *std::make_unique<State>().release();
    return the_state;
}

CpuBudget decide(const CpuLimits& asked) {
    const runtime::SystemFiles files;
    return decide_cpu_budget({asked, environment::threads(), environment::power(), affinity_processors(),
                              runtime::control_group_limits(files).processors},
                             files);
}

}  // namespace

std::vector<unsigned> affinity_processors() {
    // The mask of a large machine does not fit the fixed-size set: grow until the kernel takes it.
    for (unsigned cpus = 1024; cpus <= 1U << 18; cpus *= 2) {
        const CpuSet set(CPU_ALLOC(cpus));
        if (set == nullptr) break;
        const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
        CPU_ZERO_S(bytes, set.get());
        if (sched_getaffinity(0, bytes, set.get()) != 0) continue;
        std::vector<unsigned> processors;
        for (unsigned each = 0; each < cpus; ++each)
            if (CPU_ISSET_S(each, bytes, set.get())) processors.push_back(each);
        if (!processors.empty()) return processors;
        break;
    }
    std::vector<unsigned> processors(std::max(std::thread::hardware_concurrency(), 1U));
    for (unsigned each = 0; each < processors.size(); ++each) processors[each] = each;
    return processors;
}

void bind_thread(const std::vector<unsigned>& processors) {
    if (processors.empty()) return;
    const unsigned cpus = *std::max_element(processors.begin(), processors.end()) + 1;
    const CpuSet set(CPU_ALLOC(cpus));
    if (set == nullptr) return;
    const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
    CPU_ZERO_S(bytes, set.get());
    for (const unsigned each : processors) CPU_SET_S(each, bytes, set.get());
    if (const int code = pthread_setaffinity_np(pthread_self(), bytes, set.get()); code != 0)
        runtime::log().warn("cpu: a worker thread could not be bound to its processors: error {}", code);
}

std::vector<unsigned> efficient_processors(const runtime::SystemFiles& files) {
    // Intel: one group of counters for each type of core of a hybrid processor.
    if (const auto atoms = files.text("/sys/devices/cpu_atom/cpus"))
        if (files.exists("/sys/devices/cpu_core/cpus")) return runtime::processor_list(*atoms);
    std::vector<std::pair<unsigned, std::uint64_t>> capacities;
    std::uint64_t most = 0;
    for (const std::string& name : files.names("/sys/devices/system/cpu")) {
        if (!name.starts_with("cpu") || name.size() == 3 ||
            name.find_first_not_of("0123456789", 3) != std::string::npos)
            continue;
        const auto capacity = files.number("/sys/devices/system/cpu/" + name + "/cpu_capacity");
        const auto number = runtime::processor_list(name.substr(3));
        if (!capacity || number.empty()) continue;
        capacities.emplace_back(number.front(), *capacity);
        most = std::max(most, *capacity);
    }
    std::vector<unsigned> efficient;
    // Cores of one kind differ a little in what they reach.
    for (const auto& [processor, capacity] : capacities)
        if (capacity * 4 < most * 3) efficient.push_back(processor);
    std::sort(efficient.begin(), efficient.end());
    return efficient;
}

CpuBudget decide_cpu_budget(const CpuQuestion& question, const runtime::SystemFiles& files) {
    CpuBudget budget;
    std::vector<unsigned> usable = question.allowed;
    budget.reason = "processors that the process may use";
    if (!question.asked.processors.empty()) {
        usable = common(question.asked.processors, question.allowed);
        if (usable.empty())
            throw Error(ErrorCode::invalid_argument,
                        "none of the processors asked for may be used by this process", "limits of the CPU");
        budget.limits.processors = usable;
        budget.reason = "processors that the program asked for";
    }
    budget.limits.power =
        question.asked.power != PowerPreference::none ? question.asked.power : question.power;
    if (budget.limits.power == PowerPreference::none) budget.limits.power = PowerPreference::high_performance;
    unsigned threads = std::max(static_cast<unsigned>(usable.size()), 1U);
    if (budget.limits.power == PowerPreference::low_power) {
        const std::vector<unsigned> efficient = common(efficient_processors(files), usable);
        if (!efficient.empty() && efficient.size() < usable.size()) {
            budget.limits.processors = efficient;
            threads = static_cast<unsigned>(efficient.size());
            budget.reason = "low power: the efficient cores";
        } else if (efficient.empty()) {
            threads = (threads + 1) / 2;
            budget.reason = "low power: half of the processors";
        }
    }
    if (question.quota) {
        const unsigned limit = static_cast<unsigned>(
            std::clamp(std::ceil(*question.quota), 1.0, static_cast<double>(most_threads)));
        if (limit < threads) {
            threads = limit;
            budget.reason = "the control group's quota";
        }
    }
    if (question.asked.threads != 0) {
        threads = question.asked.threads;
        budget.reason = "the program asked for them";
    } else if (question.threads) {
        threads = std::max(*question.threads, 1U);
        budget.reason = "HEDDLE_THREADS";
    }
    budget.limits.threads = threads;
    return budget;
}

CpuBudget cpu_budget(bool is_final) {
    State& now = state();
    const std::lock_guard lock(now.mutex);
    if (now.decided) return *now.decided;
    CpuBudget budget = decide(now.asked);
    if (is_final) now.decided = budget;
    return budget;
}

}  // namespace heddle::cpu

namespace heddle {

void set_cpu_limits(const CpuLimits& limits) {
    constexpr const char* operation = "limits of the CPU";
    if (limits.threads > cpu::most_threads)
        throw Error(ErrorCode::invalid_argument,
                    std::to_string(limits.threads) + " threads were asked for; at most " +
                        std::to_string(cpu::most_threads) + " can be",
                    operation);
    cpu::State& now = cpu::state();
    const std::lock_guard lock(now.mutex);
    if (now.decided)
        throw Error(ErrorCode::invalid_argument,
                    "the CPU's threads already run; set limits before the first queue of cpu:0 or scalar:0",
                    operation);
    static_cast<void>(cpu::decide(limits));  // throws what the caller must know now
    now.asked = limits;
}

CpuLimits cpu_limits() {
    return cpu::cpu_budget(false).limits;
}

}  // namespace heddle
