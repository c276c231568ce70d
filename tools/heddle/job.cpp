// Loads the kernel on every device, runs it there, compares and writes the results, see job.h.
#include "job.h"

#include <algorithm>
#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <heddle/buffer.h>
#include <heddle/error.h>
#include <heddle/event.h>
#include <heddle/queue.h>

#include "file.h"
#include "npy.h"
#include "picture.h"
#include "runtime/sha256.h"
#include "usage_error.h"

namespace heddle::tool {

namespace {

constexpr std::string_view device_placeholder = "{device}";

struct Loaded {
    std::optional<Program> program;
    std::optional<Kernel> kernel;
};

/// An --out whose parameter is known.
struct Destination {
    std::size_t argument = 0;
    std::filesystem::path file;
    bool per_device = false;
};

std::string quoted_list(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

/// The name of the kernel to run when the user gave none.
std::string only_kernel(const Program& program, const std::filesystem::path& file) {
    const std::vector<std::string> names = program.kernel_names();
    if (names.size() == 1) return names[0];
    if (names.empty())
        throw UsageError(
            fmt::format("'{}' has no kernel to run; a template is named with its arguments: --kernel "
                        "'NAME<TYPE>'",
                        file.string()));
    throw UsageError(fmt::format("'{}' has {} kernels; say which with --kernel: {}", file.string(),
                                 names.size(), quoted_list(names)));
}

class Runner {
  public:
    Runner(const Job& job, Progress& progress) : job_(job), progress_(progress) {}

    JobResult execute() {
        result_.runs.resize(job_.devices.size());
        for (std::size_t i = 0; i < job_.devices.size(); ++i) result_.runs[i].device = job_.devices[i].id();
        load_all();
        for (const std::size_t i : running_order()) run_one(i);
        if (compared_ > 0) result_.agree = disagreed_ == 0;
        if (compared_ == 0) result_.reference.clear();
        return std::move(result_);
    }

  private:
    /// Loads the kernel on each device; the first that succeeds tells the kernel's signature.
    void load_all() {
        loaded_.resize(job_.devices.size());
        std::string source_error;
        for (std::size_t i = 0; i < job_.devices.size(); ++i) {
            DeviceRun& run = result_.runs[i];
            if (!source_error.empty()) {  // what Clang refused once it refuses again
                run.error = source_error;
                run.does_not_compile = true;
                continue;
            }
            progress_.say(fmt::format("compiling {} for {}", job_.file.string(), run.device));
            try {
                load(i);
            } catch (const Error& error) {
                if (error.code() == ErrorCode::corrupt_package || error.code() == ErrorCode::io) throw;
                record(run, error);
                if (run.does_not_compile) source_error = run.error;
            }
        }
    }

    void load(std::size_t i) {
        Loaded& loaded = loaded_[i];
        DeviceRun& run = result_.runs[i];
        loaded.program = Program::from_file(job_.devices[i], job_.file, job_.options);
        std::string name = job_.kernel.empty() ? only_kernel(*loaded.program, job_.file) : job_.kernel;
        result_.kernel = name;
        try {
            loaded.kernel = loaded.program->kernel(name);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::not_found) throw UsageError(error.what());
            throw;
        }
        const CompileStatistics statistics = loaded.program->statistics();
        run.compile_ms = statistics.milliseconds;
        run.origin = statistics.origin;
        if (result_.diagnostics.empty()) result_.diagnostics = loaded.program->diagnostics();
        if (bound_) return;
        result_.kernel = loaded.kernel->info().name;
        arguments_ = bind_arguments(job_.arguments, loaded.kernel->info());
        resolve_destinations();
        bound_ = true;
    }

    void resolve_destinations() {
        for (const OutRequest& out : job_.outs) {
            const auto found = std::find_if(
                arguments_.begin(), arguments_.end(),
                [&](const BoundArgument& argument) { return argument.label() == out.parameter; });
            std::size_t index = static_cast<std::size_t>(found - arguments_.begin());
            if (found == arguments_.end() && !out.parameter.empty() &&
                out.parameter.find_first_not_of("0123456789") == std::string::npos &&
                out.parameter.size() < 6)
                index = std::stoul(out.parameter);
            const std::string option = fmt::format("--out {}={}", out.parameter, out.file.string());
            if (index >= arguments_.size()) {
                std::vector<std::string> names;
                for (const BoundArgument& argument : arguments_)
                    if (argument.kind() == BoundArgument::Kind::buffer) names.push_back(argument.label());
                throw UsageError(fmt::format("{}: kernel '{}' has no such parameter; its buffers are: {}",
                                             option, result_.kernel, quoted_list(names)));
            }
            const BoundArgument& argument = arguments_[index];
            if (argument.kind() != BoundArgument::Kind::buffer)
                throw UsageError(fmt::format("{}: '{}' is no buffer that can be written back ({})", option,
                                             argument.label(), describe(argument.parameter())));
            if (out.file.extension() == ".png")
                if (const std::string why = picture_obstacle(argument.type(), argument.shape()); !why.empty())
                    throw UsageError(fmt::format("{}: {}", option, why));
            destinations_.push_back(
                {index, out.file, out.file.string().find(device_placeholder) != std::string::npos});
        }
    }

    /// The reference comes first, so that each later result can be compared and dropped.
    std::vector<std::size_t> running_order() const {
        std::vector<std::size_t> order;
        for (const bool reference : {true, false})
            for (std::size_t i = 0; i < job_.devices.size(); ++i)
                if (loaded_[i].kernel && (job_.devices[i].id() == "scalar:0") == reference)
                    order.push_back(i);
        return order;
    }

    void run_one(std::size_t i) {
        DeviceRun& run = result_.runs[i];
        progress_.say(fmt::format("running {} on {}", result_.kernel, run.device));
        try {
            run_kernel(i);
            run.status = DeviceRun::Status::ok;
        } catch (const Error& error) {
            record(run, error);
            return;
        } catch (const std::bad_alloc&) {
            run.error = "the host's memory is exhausted";
            return;
        }
        if (reference_.empty() && result_.reference.empty()) {
            result_.reference = run.device;
            reference_ = run.outputs;
        } else {
            compare_with_reference(run);
        }
        write_outputs(i);
        for (Output& output : run.outputs) output.array.data = {};
    }

    void run_kernel(std::size_t i) {
        const Device& device = job_.devices[i];
        DeviceRun& run = result_.runs[i];
        const Kernel& kernel = *loaded_[i].kernel;
        std::vector<Buffer> buffers(arguments_.size());
        std::vector<Argument> list(arguments_.size());
        for (std::size_t a = 0; a < arguments_.size(); ++a) {
            const BoundArgument& argument = arguments_[a];
            if (argument.kind() == BoundArgument::Kind::value) {
                list[a] = Argument::raw(argument.value().data(), argument.value().size());
            } else {
                buffers[a] = allocate(device, argument);
                list[a] = Argument(buffers[a]);
            }
        }
        Queue queue(device);
        for (unsigned repeat = 0; repeat < job_.repeat; ++repeat) {
            for (std::size_t a = 0; a < arguments_.size(); ++a) {
                BoundArgument& argument = arguments_[a];
                if (argument.kind() != BoundArgument::Kind::buffer) continue;
                if (argument.is_zeros())
                    queue.fill(buffers[a], 0, argument.bytes());
                else
                    queue.write(buffers[a], argument.host().data.data(), argument.bytes());
            }
            // What is timed is the launch alone, not the copies before it.
            queue.synchronize();
            const Event start = queue.record();
            queue.launch(kernel, job_.config, list);
            const Event end = queue.record();
            queue.synchronize();
            run.times_ms.push_back(Event::elapsed_ms(start, end));
        }
        for (std::size_t a = 0; a < arguments_.size(); ++a) {
            const BoundArgument& argument = arguments_[a];
            if (!is_output(a)) continue;
            Output output;
            output.name = argument.label();
            output.array = Array(argument.type(), argument.shape());
            queue.read(buffers[a], output.array.data.data(), argument.bytes());
            queue.synchronize();
            output.sha256 = runtime::sha256_hex(output.array.data);
            output.summary = summarise(output.array);
            run.outputs.push_back(std::move(output));
        }
    }

    /// Device memory for one argument; names it when there is not enough.
    static Buffer allocate(const Device& device, const BoundArgument& argument) {
        try {
            return device.allocate(argument.bytes());
        } catch (const Error& error) {
            throw Error(error.code(), error.reason(), fmt::format("allocating '{}'", argument.label()),
                        device.id());
        }
    }

    /// Buffers that the kernel writes, and those the user asked for.
    bool is_output(std::size_t index) const {
        const BoundArgument& argument = arguments_[index];
        if (argument.kind() != BoundArgument::Kind::buffer) return false;
        const Access access = argument.parameter().access;
        return access == Access::write || access == Access::read_write ||
               std::any_of(destinations_.begin(), destinations_.end(),
                           [&](const Destination& destination) { return destination.argument == index; });
    }

    void compare_with_reference(DeviceRun& run) {
        run.agrees = true;
        for (std::size_t o = 0; o < run.outputs.size(); ++o) {
            Output& output = run.outputs[o];
            output.disagreement = compare(reference_[o].array, output.array, job_.tolerance);
            if (output.disagreement) run.agrees = false;
        }
        ++compared_;
        if (!*run.agrees) ++disagreed_;
    }

    /// A file without the placeholder gets the result of the first device listed that ran; devices that come
    /// later in the running order but earlier in the list overwrite it.
    void write_outputs(std::size_t i) {
        const bool first_listed = !written_by_ || i < *written_by_;
        for (const Destination& destination : destinations_) {
            if (!destination.per_device && !first_listed) continue;
            std::string path = destination.file.string();
            if (destination.per_device) {
                std::string id = result_.runs[i].device;
                std::replace(id.begin(), id.end(), ':', '-');
                path.replace(path.find(device_placeholder), device_placeholder.size(), id);
            } else if (written_by_) {
                for (Output& output : result_.runs[*written_by_].outputs) std::erase(output.files, path);
            }
            for (Output& output : result_.runs[i].outputs) {
                if (output.name != arguments_[destination.argument].label()) continue;
                if (destination.file.extension() == ".png")
                    write_picture(path, output.array);
                else
                    write_npy(path, output.array);
                output.files.push_back(path);
            }
        }
        if (first_listed) written_by_ = i;
    }

    void record(DeviceRun& run, const Error& error) const {
        const bool skip = job_.everywhere && error.code() == ErrorCode::unsupported;
        run.status = skip ? DeviceRun::Status::skipped : DeviceRun::Status::failed;
        run.does_not_compile = error.code() == ErrorCode::compile_failed;
        run.error = run.does_not_compile ? error.reason() : error.what();
    }

    const Job& job_;
    Progress& progress_;
    JobResult result_;
    std::vector<Loaded> loaded_;
    bool bound_ = false;
    std::vector<BoundArgument> arguments_;
    std::vector<Destination> destinations_;
    std::vector<Output> reference_;
    std::optional<std::size_t> written_by_;  ///< index of the device whose results the plain --out files hold
    std::size_t compared_ = 0, disagreed_ = 0;
};

}  // namespace

JobResult execute(const Job& job, Progress& progress) {
    return Runner(job, progress).execute();
}

}  // namespace heddle::tool
