// Each fault in turn. What is bad enough to be refused by the front goes to the backend directly: it is the
// driver, or its validation layer, that shall have something to say.
#include "faults/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <heddle/heddle.hpp>
#include <optional>

#include "backends/vulkan/kernel_archive.h"
#include "faults/probe.h"
#include "runtime/hal.h"

namespace heddle::faults {

namespace {

/// Thrown where a fault cannot be had after all.
struct Skip {
    std::string reason;
};

/// The error that a fault must give.
struct Expected {
    std::vector<ErrorCode> codes;
    std::vector<std::string> parts;
};

std::string said_by(const Error& error) {
    return fmt::format("{}: {}", name(error.code()), error.what());
}

std::string judged(const Error& error, const Expected& expected) {
    if (std::ranges::find(expected.codes, error.code()) == expected.codes.end()) {
        std::string wanted;
        for (const ErrorCode code : expected.codes)
            wanted += (wanted.empty() ? "" : " or ") + std::string(name(code));
        return fmt::format("the code is {} instead of {}", name(error.code()), wanted);
    }
    for (const std::string& part : expected.parts)
        if (std::string_view(error.what()).find(part) == std::string_view::npos)
            return fmt::format("the text does not hold '{}'", part);
    return {};
}

void expect(Observation& observation, const Expected& expected, const std::function<void()>& action) {
    try {
        action();
        observation.said = "nothing";
        observation.problem = "there was no error";
    } catch (const Error& error) {
        observation.said = said_by(error);
        observation.problem = judged(error, expected);
    }
}

bool is_hardware(const DeviceInfo& device) {
    return device.kind == DeviceKind::discrete || device.kind == DeviceKind::integrated ||
           device.kind == DeviceKind::virtual_gpu;
}

void ask_for_too_much(const Probe& probe, Observation& observation) {
    const std::uint64_t wanted = std::max<std::uint64_t>(probe.device().info().memory_bytes, 1U << 30U) * 16;
    expect(observation,
           {{ErrorCode::out_of_memory}, {probe.device().id(), std::to_string(wanted), "are free"}},
           [&] { probe.device().allocate(wanted); });
}

/// Sixteenths of the memory, each touched, until there are no more; all are given back.
void take_all(const Probe& probe, Observation& observation) {
    const std::uint64_t piece = probe.device().info().memory_bytes / 16;
    std::vector<Buffer> taken;
    expect(observation, {{ErrorCode::out_of_memory}, {probe.device().id()}}, [&] {
        Queue queue = probe.device().create_queue();
        for (int i = 0; i < 64; ++i) {
            taken.push_back(probe.device().allocate(piece));
            queue.fill(taken.back(), 1, 4096);
            queue.synchronize();
        }
    });
    observation.said += fmt::format(" (after {} allocations of {} bytes)", taken.size(), piece);
}

void run_without_end(const Probe& probe, Observation& observation, unsigned timeout_ms) {
    const Device& device = probe.device();
    const Buffer memory = device.allocate(8);
    Queue queue = device.create_queue();
    queue.fill(memory, 0, 8);
    queue.synchronize();
    const Kernel kernel = probe.program().kernel("endless");
    // Drivers that run kernels on the processor may leave any loop after some 65535 rounds; so many blocks of
    // them do not end either.
    const std::uint32_t blocks = is_hardware(device.info()) ? 1 : device.info().limits.grid[1];
    const std::string before = std::getenv("HEDDLE_TIMEOUT_MS");
    ::setenv("HEDDLE_TIMEOUT_MS", std::to_string(timeout_ms).c_str(), 1);
    expect(observation,
           {{ErrorCode::timeout}, {device.id(), fmt::format("did not end within {} ms", timeout_ms)}}, [&] {
               queue.launch(kernel, {{blocks}, {32}}, memory);
               queue.synchronize();
           });
    ::setenv("HEDDLE_TIMEOUT_MS", before.c_str(), 1);
}

void write_far_away(const Probe& probe, Observation& observation) {
    const Buffer memory = probe.device().allocate(4);
    // NVIDIA's driver for Vulkan tells of no fault: its work never ends.
    expect(observation,
           {{ErrorCode::launch_failed, ErrorCode::device_lost, ErrorCode::timeout}, {probe.device().id()}},
           [&] {
               Queue queue = probe.device().create_queue();
               queue.launch(probe.program().kernel("stray"), {{1}, {1}}, memory, 1LL << 40);
               queue.synchronize();
           });
}

const Payload& payload_for(const Device& device, const Package& package) {
    const hal::CodeTarget target = device.impl().code_target();
    for (const std::string& variant : target.variants)
        if (const Payload* payload = package.find(target.target, variant)) return *payload;
    throw Skip{"the package has no code of target " + target.target + " for the device"};
}

/// A launch as the front would make it, had it no objections.
void launch_blocks_of(std::uint32_t threads, const Device& device, const Package& package) {
    const KernelInfo& info = *package.find_kernel("fine");
    hal::Device& impl = device.impl();
    hal::Launch launch;
    launch.kernel = impl.load(package, payload_for(device, package).data)->kernel(info, {});
    launch.config = {{1}, {threads}, 0};
    launch.allocations.push_back(impl.allocate(std::size_t{threads} * 4));
    const std::uint64_t address = launch.allocations[0]->device_address();
    const std::int32_t value = 1;
    launch.parameters.resize(info.parameters[1].offset + sizeof value);
    std::memcpy(launch.parameters.data() + info.parameters[0].offset, &address, sizeof address);
    std::memcpy(launch.parameters.data() + info.parameters[1].offset, &value, sizeof value);
    const std::unique_ptr<hal::Queue> queue = impl.create_queue();
    queue->launch(std::move(launch));
    queue->synchronize();
}

/// The device's code with something in it that its driver cannot take.
std::vector<std::byte> spoilt(const Payload& payload) {
    std::vector<std::byte> code = payload.data;
    if (payload.target == "spirv") {
        std::vector<vulkan::ArchivedKernel> kernels = vulkan::decode_archive(code);
        constexpr std::uint32_t lone_return = 1U << 16U | 253U;  // OpReturn, in no block
        for (vulkan::ArchivedKernel& kernel : kernels) kernel.words.push_back(lone_return);
        return vulkan::encode_archive(kernels);
    }
    const std::string_view text = "\nthis is no code ;\n";
    const auto bytes = std::as_bytes(std::span(text));
    code.insert(code.end(), bytes.begin(), bytes.end());
    return code;
}

void break_rules(const Probe& probe, const Fault& fault, const Package& package, Observation& observation) {
    const Device& device = probe.device();
    const bool is_vulkan = device.info().backend == "vulkan";
    if (fault.name == "refused_launch") {
        constexpr std::uint32_t threads = 1 << 20;
        const Expected expected =
            is_vulkan ? Expected{{ErrorCode::internal}, {device.id(), "fine", "validation layer", "VUID"}}
                      : Expected{{ErrorCode::launch_failed}, {device.id(), "fine", std::to_string(threads)}};
        expect(observation, expected, [&] { launch_blocks_of(threads, device, package); });
    } else {
        const Expected expected =
            is_vulkan ? Expected{{ErrorCode::internal}, {device.id(), "fine", "validation layer", "SPIR-V"}}
                      : Expected{{ErrorCode::unsupported, ErrorCode::compile_failed},
                                 {device.id(), device.info().backend == "cuda" ? "faults.cu" : "fine"}};
        expect(observation, expected, [&] {
            const std::vector<std::byte> code = spoilt(payload_for(device, package));
            device.impl().load(package, code)->kernel(*package.find_kernel("fine"), {});
        });
    }
}

void observe_library(const Request& request, Observation& observation) {
    const std::string backend = request.device.substr(0, request.device.find(':'));
    expect(observation, {{ErrorCode::device_unavailable}, {backend}},
           [&] { heddle::device(request.device); });
    observation.itself = "is not there";
    for (const UnavailableBackend& missing : unavailable_backends())
        if (missing.backend == backend && missing.reason.empty() && observation.problem.empty())
            observation.problem = "the backend gives no reason";
}

/// What has to become of the device.
enum class Fate { usable, lost, either };

std::string state_afterwards(const Probe& probe, Fate fate, Observation& observation) {
    const std::string problem = probe.problem();
    if (fate == Fate::usable && !problem.empty() && observation.problem.empty())
        observation.problem = "the device is not usable afterwards";
    if (fate == Fate::lost && problem.find("died earlier") == std::string::npos &&
        observation.problem.empty())
        observation.problem = "the device does not say that it was lost";
    return problem.empty() ? "usable" : problem;
}

void observe_device(const Request& request, Observation& observation) {
    const Package package = Package::read(request.package);
    std::optional<Probe> probe;
    try {
        probe.emplace(heddle::device(request.device), request.package);
    } catch (const Error& error) {
        if (request.fault.needs_validation && error.code() == ErrorCode::device_unavailable)
            throw Skip{error.what()};
        throw;
    }
    // Contexts that are open before the fault shall live on.
    std::vector<Probe> others;
    for (const std::string& other : request.others) {
        std::string problem;
        try {
            problem = others.emplace_back(heddle::device(other), request.package).problem();
            if (!problem.empty()) others.pop_back();
        } catch (const Error& error) {
            problem = error.what();
        }
        if (!problem.empty()) observation.others.push_back({other, "already before the fault: " + problem});
    }
    if (const std::string problem = probe->problem(); !problem.empty()) {
        observation.problem = "before the fault: " + problem;
        return;
    }
    const std::string_view fault = request.fault.name;
    Fate fate = Fate::usable;
    if (fault == "too_much_memory") {
        ask_for_too_much(*probe, observation);
    } else if (fault == "all_memory") {
        take_all(*probe, observation);
    } else if (fault == "endless") {
        run_without_end(*probe, observation, request.timeout_ms);
        fate = Fate::lost;
    } else if (fault == "stray_write") {
        write_far_away(*probe, observation);
        fate = Fate::either;
    } else {
        break_rules(*probe, request.fault, package, observation);
    }
    observation.itself = state_afterwards(*probe, fate, observation);
    for (const Probe& other : others) observation.others.push_back({other.device().id(), other.problem()});
}

}  // namespace

const std::vector<Fault>& faults() {
    static const std::vector<Fault> all = {
        {"too_much_memory", "more memory is asked for than there is", Kind::device},
        {"all_memory", "all memory is taken, and more is asked for", Kind::device},
        {"endless", "a kernel without end", Kind::device},
        {"stray_write", "a kernel writes where no memory is", Kind::device},
        {"refused_launch", "a launch that the driver or the validation layer refuses", Kind::device, true},
        {"refused_code", "code that the driver or the validation layer refuses", Kind::device, true},
        {"garbage_library", "the library is a file of random bytes", Kind::library},
        {"empty_library", "the library has none of the functions", Kind::library},
        {"failing_library", "the library fails at its first call", Kind::library},
        {"garbage_driver", "the driver behind the loader is a file of random bytes", Kind::library},
    };
    return all;
}

const Fault& find_fault(std::string_view name) {
    for (const Fault& fault : faults())
        if (fault.name == name) return fault;
    throw Error(ErrorCode::invalid_argument, "there is no fault '" + std::string(name) + "'");
}

std::string reason_against(const Fault& fault, const DeviceInfo& device) {
    if (fault.name == "garbage_driver" && device.backend == "cuda")
        return "CUDA has no loader: its library is the driver";
    if (is_hardware(device)) return {};
    if (fault.name == "all_memory") return "its memory is the host's, which other programs need";
    if (fault.name == "stray_write") return "its kernels run in the process, which the write would end";
    return {};
}

Observation observe(const Request& request) {
    Observation observation;
    try {
        if (request.fault.kind == Kind::library) {
            observe_library(request, observation);
            for (const std::string& other : request.others)
                observation.others.push_back({other, problem_of(other, request.package)});
        } else {
            observe_device(request, observation);
        }
    } catch (const Skip& skip) {
        observation.skipped = skip.reason;
    } catch (const std::exception& error) {
        observation.problem = std::string("outside of the fault: ") + error.what();
    }
    return observation;
}

}  // namespace heddle::faults
