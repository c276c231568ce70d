// Executor: runs an operation on the best method for its size, moves on to the next when a device fails, and
// tells of every result how it came about.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <heddle/device.h>
#include <heddle/error.h>
#include <heddle/export.h>
#include <heddle/kernel.h>
#include <heddle/program.h>
#include <heddle/types.h>

namespace heddle {

namespace detail {
class ExecutorState;
class DataState;
struct CodeState;
}  // namespace detail

/// How an operation is carried out, by the kind of device: a GPU's driver, the processor's vectors, a driver
/// that computes on the processor (PoCL, lavapipe), one lane at a time.
enum class Method : std::uint8_t { gpu, simd, software, scalar };
HEDDLE_API std::string_view name(Method method) noexcept;  ///< "gpu", "simd", "software", "scalar"
HEDDLE_API Method method_of(const DeviceInfo& device) noexcept;

/// Kernels that are loaded on whatever device is chosen, once for each. Copying copies the handle.
class HEDDLE_API Code {
  public:
    /// Throw what Program's functions of these names throw, when a device first loads the code; from_file()
    /// throws not_found and io now.
    static Code from_source(std::string source, std::string file_name, CompileOptions options = {});
    static Code from_file(const std::filesystem::path& path, CompileOptions options = {});
    static Code from_package(std::span<const std::byte> package, CompileOptions options = {});
    /// Loads it on one device, outside of any executor.
    Program load(const Device& device) const;
    const std::shared_ptr<detail::CodeState>& state() const noexcept { return state_; }

  private:
    explicit Code(std::shared_ptr<detail::CodeState> state) noexcept;
    std::shared_ptr<detail::CodeState> state_;
};

/// Memory that operations read and write, on whichever devices they run. Copying copies the handle. Safe to
/// use from several threads; an operation holds its data until it has ended.
class HEDDLE_API Data {
  public:
    /// The caller's memory, which must outlive the handle: an operation takes what is there when it starts,
    /// and what it writes is there when run() returns. After an operation that failed on every device, what
    /// was `out` is undefined and all else as it was.
    static Data of(std::string name, void* memory, std::size_t bytes);
    template <class T>
    static Data of(std::string name, std::span<T> memory) {
        static_assert(std::is_trivially_copyable_v<T>);
        if constexpr (std::is_const_v<T>)
            return constant(std::move(name), memory.data(), memory.size_bytes());
        else
            return of(std::move(name), memory.data(), memory.size_bytes());
    }
    /// The same for memory that no operation may write (invalid_argument).
    static Data constant(std::string name, const void* memory, std::size_t bytes);

    /// What happens to the host's copy of resident data when an operation writes it.
    enum class Copies : std::uint8_t {
        where_written,  ///< it is fetched when asked for; the data dies with the device that alone holds it
        mirrored,       ///< it is brought up to date by each operation: the data outlives any device
    };
    /// Memory of its own, zeroed, which stays where it was last written until another place needs it.
    static Data resident(std::string name, std::size_t bytes, Copies copies = Copies::where_written);

    /// Copies into, or out of, resident data. Throw invalid_argument when out of range or not resident,
    /// device_lost (by name) when what it held is gone; write() of all bytes makes it whole again.
    void write(const void* source, std::size_t bytes, std::size_t offset = 0);
    void read(void* destination, std::size_t bytes, std::size_t offset = 0) const;

    const std::string& name() const noexcept;
    std::size_t size_bytes() const noexcept;
    /// Where its contents are: "host", ids of devices. Empty when they are lost.
    std::vector<std::string> places() const;
    const std::shared_ptr<detail::DataState>& state() const noexcept { return state_; }

  private:
    explicit Data(std::shared_ptr<detail::DataState> state) noexcept;
    std::shared_ptr<detail::DataState> state_;
};

/// One argument of an operation: data, or a value as Argument takes it.
class OperationArgument {
  public:
    enum class Use : std::uint8_t {
        as_declared,  ///< read where the kernel only reads it, else read and written
        in,           ///< read
        out,          ///< written whole: what was there before does not matter
        inout,        ///< read and written, or written in part
    };
    OperationArgument(Data data, Use use = Use::as_declared) : content_(Use_{std::move(data), use}) {}
    template <class T>
        requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
    OperationArgument(T value) noexcept : content_(Argument(value)) {}
    const Data* data() const noexcept {
        const auto* used = std::get_if<Use_>(&content_);
        return used != nullptr ? &used->data : nullptr;
    }
    Use use() const noexcept { return std::get<Use_>(content_).use; }
    const Argument& value() const noexcept { return std::get<Argument>(content_); }

  private:
    struct Use_ {
        Data data;
        Use use;
    };
    std::variant<Argument, Use_> content_;
};
inline OperationArgument in(Data data) {
    return {std::move(data), OperationArgument::Use::in};
}
inline OperationArgument out(Data data) {
    return {std::move(data), OperationArgument::Use::out};
}
inline OperationArgument inout(Data data) {
    return {std::move(data), OperationArgument::Use::inout};
}

/// A kernel with its data: what an Executor runs.
struct Operation {
    Code code;
    std::string kernel;  ///< as Program::kernel() takes it
    LaunchConfig config;
    std::vector<OperationArgument> arguments;  ///< one for each parameter
};

/// What happened on one device.
struct Attempt {
    std::string device;
    ErrorCode error = ErrorCode::ok;
    std::string message;  ///< the error's whole sentence; empty when it went well
};

/// How a result came about.
struct HEDDLE_API Execution {
    enum class Reason : std::uint8_t {
        forced,     ///< the caller named the device or method, or the one to try first
        only,       ///< no other device was left
        measured,   ///< it was the fastest when operations of this size were timed
        predicted,  ///< it should be the fastest, from the devices' speeds and what was timed at other sizes
        explored,   ///< it may be the fastest, and had not been timed
        fallback,   ///< what was preferred failed: see `attempts`
    };
    std::string device;
    Method method = Method::scalar;
    Reason reason = Reason::only;
    double milliseconds = 0;  ///< from the call to the results, copies and failed attempts included
    double predicted_ms = 0;  ///< what was expected of the device that ran it
    std::string runner_up;    ///< what would have been second; empty when nothing
    double runner_up_ms = 0;  ///< what was expected of that
    std::uint64_t bytes_to_device = 0, bytes_to_host = 0;
    std::vector<Attempt> attempts;   ///< failed ones, in order; the last that went well is not among them
    std::vector<std::string> lost;   ///< data that lived only on a device that was lost meanwhile, by name
    std::vector<std::string> notes;  ///< devices left out, and why: "vulkan:0: lost; looked at again in 4 s"
    /// A sentence: "cuda:0 was fastest when timed (0.12 ms; cpu:0 0.31 ms)".
    std::string why() const;
};

/// What an executor may use, and how long and how much.
struct ExecutorOptions {
    /// The devices to choose from; empty: all there are. Devices that fail are left for the others.
    std::vector<Device> devices;
    /// How long one operation may take on one device. Where it takes longer, a GPU is given up as lost, and
    /// the work of a CPU device is left behind (with what it uses); then the next device has its turn.
    std::optional<std::chrono::milliseconds> time_limit;
    /// The most bytes that data may hold on each device; what is not in use there goes first.
    std::optional<std::uint64_t> memory_limit;
    /// Whether times of operations are kept and used, and devices that may be faster are tried.
    bool learns = true;
    /// Whether data that an operation changes in place is kept safe on the CPU devices too, where it is
    /// computed in the caller's memory. Without, an operation that fails there half-way is not tried again.
    bool keeps_inputs = true;
    /// The first pause before a lost device is looked at again; it doubles each time, up to five minutes.
    std::chrono::milliseconds first_pause{1000};
};

/// What one run() may decide itself.
struct RunOptions {
    std::string_view device;       ///< only this one: "cuda:0"; nothing else is tried
    std::optional<Method> method;  ///< only devices of this method
    std::string_view first;        ///< this one before the others: they are tried when it fails
};

/// Runs operations one after another or from several threads; each device works through one queue. Its
/// thresholds come from `heddle tune` (stored for each device and driver), from what it has timed itself, and
/// until there is either from a model of the device.
class HEDDLE_API Executor {
  public:
    explicit Executor(ExecutorOptions options = {});
    Executor(Executor&&) noexcept;
    Executor& operator=(Executor&&) noexcept;
    ~Executor();

    /// Runs `operation` and returns when its results are where they belong. A device that is lost, has no
    /// memory left, takes too long or cannot take the kernel is passed over for the next best. Throws
    /// invalid_argument and not_found for what is wrong with the operation itself; when every device failed,
    /// the first error, whose message lists the others; device_lost naming data that is gone.
    Execution run(const Operation& operation, const RunOptions& options = {});
    /// Which device run() would take now, without exploring, and why.
    Execution choose(const Operation& operation, const RunOptions& options = {}) const;
    /// Times that were learned are stored with those of `heddle tune`, for executors to come.
    void save() const;

    struct DeviceState {
        std::string device;
        Method method;
        bool is_lost;
        bool is_tuned;             ///< `heddle tune` has measured it, with this driver
        std::uint64_t held_bytes;  ///< by data and spare buffers
        unsigned failures;         ///< since it last worked
    };
    std::vector<DeviceState> devices() const;

  private:
    std::unique_ptr<detail::ExecutorState> state_;
};

}  // namespace heddle
