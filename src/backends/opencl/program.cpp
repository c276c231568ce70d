// Builds programs, from source or from what a former process has left in the cache, and makes kernels.
#include "backends/opencl/program.h"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <utility>

#include "runtime/cache.h"
#include "runtime/log.h"

namespace heddle::opencl {

namespace {

std::string log_of(const Context& context, ProgramId program) {
    std::size_t size = 0;
    if (context.api().get_build_info(program, context.device(), constants::build_log, 0, nullptr, &size) !=
            constants::success ||
        size == 0)
        return "the driver gives no log";
    std::string log(size, '\0');
    if (context.api().get_build_info(program, context.device(), constants::build_log, size, log.data(),
                                     nullptr) != constants::success)
        return "the driver gives no log";
    while (!log.empty() && (log.back() == '\0' || log.back() == '\n')) log.pop_back();
    return log;
}

std::vector<std::byte> binary_of(const Context& context, ProgramId program) {
    std::size_t size = 0;
    if (context.api().get_program_info(program, constants::program_binary_sizes, sizeof size, &size,
                                       nullptr) != constants::success ||
        size == 0)
        return {};
    std::vector<std::byte> binary(size);
    auto* place = reinterpret_cast<unsigned char*>(binary.data());
    if (context.api().get_program_info(program, constants::program_binaries, sizeof place, &place, nullptr) !=
        constants::success)
        return {};
    return binary;
}

// A program of a binary, built; null when the driver does not take it.
Handle<ProgramId> program_of(const Context& context, std::span<const std::byte> binary) {
    const Api& api = context.api();
    const auto* bytes = reinterpret_cast<const unsigned char*>(binary.data());
    const std::size_t size = binary.size();
    const DeviceId device = context.device();
    Status status = constants::success, accepted = constants::success;
    Handle<ProgramId> program(
        api.create_program_from_binary(context.get(), 1, &device, &size, &bytes, &accepted, &status),
        api.release_program);
    if (status != constants::success || accepted != constants::success) return {};
    if (api.build_program(program.get(), 1, &device, context.traits().options.c_str(), nullptr, nullptr) !=
        constants::success)
        return {};
    return program;
}

}  // namespace

std::map<std::string, KernelDescription> descriptions_of(std::string_view source) {
    constexpr std::string_view start = "// heddle: kernel ";
    std::map<std::string, KernelDescription> all;
    while (!source.empty()) {
        const std::size_t end = std::min(source.find('\n'), source.size());
        const std::string_view line = source.substr(0, end);
        source.remove_prefix(std::min(end + 1, source.size()));
        if (!line.starts_with(start)) continue;
        std::istringstream words{std::string(line.substr(start.size()))};
        std::string symbol, word;
        KernelDescription description;
        words >> symbol >> description.function;
        while (words >> word) {
            description.globals |= word == "globals";
            description.messages |= word == "messages";
            description.shared |= word == "shared";
            description.shared_bytes |= word == "shared_bytes";
            description.pointers |= word == "pointers";
        }
        all.emplace(std::move(symbol), std::move(description));
    }
    return all;
}

OpenClProgram::OpenClProgram(std::shared_ptr<Context> context, const Package& package,
                             std::span<const std::byte> payload)
    : context_(std::move(context)),
      package_source_(package.source),
      text_(reinterpret_cast<const char*>(payload.data()), payload.size()),
      descriptions_(descriptions_of(text_)) {
    const GlobalsInfo& info = package.globals;
    if (info.bytes == 0) return;
    const std::string operation = "loading of '" + package_source_ + "'";
    globals_ = allocate(context_, info.bytes);
    const auto held = std::make_shared<std::vector<std::byte>>(info.bytes);
    std::vector<std::byte>& initial = *held;
    std::copy_n(info.initial.begin(), std::min(info.initial.size(), info.bytes), initial.begin());
    for (const GlobalsInfo::Relocation& relocation : info.relocations) {
        const std::uint64_t address = globals_->device_address() + relocation.to;
        if (relocation.at > info.bytes || info.bytes - relocation.at < sizeof address)
            throw Error(ErrorCode::corrupt_package,
                        "a pointer of the globals stands at byte " + std::to_string(relocation.at) + " of " +
                            std::to_string(info.bytes),
                        operation, context_->id());
        std::memcpy(initial.data() + relocation.at, &address, sizeof address);
    }
    const Api& api = context_->api();
    Status status = constants::success;
    const Handle<QueueId> queue(api.create_queue(context_->get(), context_->device(), 0, &status),
                                api.release_queue);
    context_->check(status, "clCreateCommandQueue", operation);
    EventId event = nullptr;
    context_->check(
        api.copy_svm(queue.get(), 0, globals_->memory(), initial.data(), initial.size(), 0, nullptr, &event),
        "clEnqueueSVMMemcpy", operation);
    const Handle<EventId> copied(event, api.release_event);
    api.flush(queue.get());
    try {
        context_->check(context_->await(event, operation), "clEnqueueSVMMemcpy", operation);
    } catch (const Error&) {
        if (context_->is_lost()) Context::keep_for_ever(held);
        throw;
    }
}

Handle<ProgramId> OpenClProgram::build(const std::string& source, const std::string& operation) const {
    const Api& api = context_->api();
    const Context::Traits& traits = context_->traits();
    const runtime::Cache cache = runtime::Cache::from_environment(traits.keeps_binaries);
    runtime::Sha256Digest key{};
    if (cache.is_enabled()) {
        runtime::Sha256 hash;
        hash.field(std::string_view("opencl program/1"));
        hash.field(traits.key);
        hash.field(traits.options);
        hash.field(source);
        key = hash.finish();
        if (const auto binary = cache.find(key))
            if (Handle<ProgramId> program = program_of(*context_, *binary)) return program;
    }
    const char* text = source.c_str();
    const std::size_t length = source.size();
    const DeviceId device = context_->device();
    Status status = constants::success;
    Handle<ProgramId> program(api.create_program(context_->get(), 1, &text, &length, &status),
                              api.release_program);
    context_->check(status, "clCreateProgramWithSource", operation);
    status = api.build_program(program.get(), 1, &device, traits.options.c_str(), nullptr, nullptr);
    if (status == constants::build_program_failure)
        throw Error(ErrorCode::compile_failed,
                    "the driver's compiler says:\n" + log_of(*context_, program.get()), operation,
                    context_->id());
    context_->check(status, "clBuildProgram", operation);
    if (cache.is_enabled()) {
        const std::vector<std::byte> binary = binary_of(*context_, program.get());
        if (!binary.empty()) cache.store(key, {}, binary);
    }
    return program;
}

std::shared_ptr<hal::Kernel> OpenClProgram::kernel(const KernelInfo& info, std::span<const std::byte> code) {
    const std::string operation = "loading of kernel '" + info.name + "'";
    context_->check_alive(operation);
    std::shared_ptr<Handle<ProgramId>> program;
    std::map<std::string, KernelDescription> own;
    if (code.empty()) {
        if (whole_ == nullptr) whole_ = std::make_shared<Handle<ProgramId>>(build(text_, operation));
        program = whole_;
    } else {
        const std::string source(reinterpret_cast<const char*>(code.data()), code.size());
        own = descriptions_of(source);
        program = std::make_shared<Handle<ProgramId>>(build(source, operation));
    }
    const auto& descriptions = code.empty() ? descriptions_ : own;
    const auto found = descriptions.find(info.symbol);
    if (found == descriptions.end())
        throw Error(ErrorCode::not_found, "the code has no kernel of symbol '" + info.symbol + "'", operation,
                    context_->id());
    Status status = constants::success;
    Handle<KernelId> kernel(
        context_->api().create_kernel(program->get(), found->second.function.c_str(), &status),
        context_->api().release_kernel);
    context_->check(status, "clCreateKernel", operation);
    return std::make_shared<OpenClKernel>(info, found->second, std::move(program), std::move(kernel),
                                          shared_from_this());
}

OpenClKernel::OpenClKernel(KernelInfo info, KernelDescription description,
                           std::shared_ptr<Handle<ProgramId>> code, Handle<KernelId> kernel,
                           std::shared_ptr<OpenClProgram> program)
    : info_(std::move(info)),
      operation_("launch of kernel '" + info_.name + "'"),
      description_(std::move(description)),
      program_(std::move(program)),
      code_(std::move(code)),
      kernel_(std::move(kernel)) {}

}  // namespace heddle::opencl
