// A conformance case: kernels of one CUDA source, a host function that launches them through the public
// interface and checks the results against a host reference. Registered once, run on every device.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/heddle.hpp>

#include "conformance/compare.h"
#include "conformance/type_names.h"

namespace heddle::conformance {

class Context;

/// Thrown by a case (or by Context::kernel) when a device can never run it; counted and printed, not a
/// failure.
struct Skip {
    std::string reason;
};

struct Case {
    std::string name;
    std::function<void(Context&)> run;
};

/// Cases that share one source file: kernels/<file>.cu.
struct Topic {
    std::string name;
    std::string file;
    std::vector<Case> cases;
    CompileOptions options{};  ///< that the file is compiled with; the same for all topics of a file
};

/// What the file is compiled with.
const CompileOptions& options_of(std::string_view file);

/// Every topic, in order of name.
const std::vector<Topic>& topics();

/// Adds a topic to topics() before main() starts.
struct Registration {
    explicit Registration(Topic topic);
};

/// Where kernels come from and how large inputs are.
struct Setup {
    std::string kernel_directory;   ///< of the .cu files
    std::string package_directory;  ///< of the .heddle files; empty: compile the sources
    double scale = 1;               ///< factor on the number of elements of large inputs
    std::uint64_t seed = 0;         ///< of random inputs, beside each case's name
};

/// The programs loaded on one device, shared by the cases of one process.
class Programs {
  public:
    Programs(Device device, const Setup& setup) : device_(std::move(device)), setup_(setup) {}
    const Device& device() const noexcept { return device_; }
    const Setup& setup() const noexcept { return setup_; }
    Program& get(const std::string& file);
    /// A second, independent load of the same file: its globals are its own.
    Program load(const std::string& file) const;

  private:
    Device device_;
    Setup setup_;
    std::map<std::string, Program> loaded_;
    std::map<std::string, std::string> failed_;  ///< why a file did not load, so that it is tried once
};

/// What a case works with. Collects failures; the runner turns them into the test's result.
class Context {
  public:
    Context(Programs& programs, const Topic& topic, const Case& test);

    const Device& device() const noexcept { return programs_.device(); }
    Queue& queue() noexcept { return queue_; }
    Program& program() { return programs_.get(topic_.file); }
    Program load_again() const { return programs_.load(topic_.file); }
    /// Throws Skip when the kernel needs a feature that the device lacks.
    Kernel kernel(std::string_view name);
    bool has_feature(std::string_view feature) const;
    /// Skips the case when the suite runs from packages: there may be no compiler.
    void needs_compiler() const;
    /// `count` times the scale, at least `least`, rounded to a number that is no multiple of 32 unless it is
    /// small.
    std::size_t scaled(std::size_t count, std::size_t least = 1) const;
    const Setup& setup() const noexcept { return programs_.setup(); }

    template <class T>
    Buffer upload(const std::vector<T>& values) {
        Buffer buffer = device().allocate(values.size() * sizeof(T));
        buffer.write(values.data(), values.size() * sizeof(T));
        return buffer;
    }
    template <class T>
    Buffer filled(std::size_t count, T value) {
        return upload(std::vector<T>(count, value));
    }
    template <class T>
    Buffer zeros(std::size_t count) {
        return filled<T>(count, T{});
    }
    template <class T>
    std::vector<T> download(const Buffer& buffer) {
        std::vector<T> values(buffer.size_bytes() / sizeof(T));
        buffer.read(values.data(), values.size() * sizeof(T));
        return values;
    }

    /// Launches and waits.
    template <class... Args>
    void launch(std::string_view name, Dim3 grid, Dim3 block, const Args&... args) {
        launch_shared(name, grid, block, 0, args...);
    }
    template <class... Args>
    void launch_shared(std::string_view name, Dim3 grid, Dim3 block, std::size_t shared_bytes,
                       const Args&... args) {
        queue_.launch(kernel(name), LaunchConfig{grid, block, shared_bytes}, args...);
        queue_.synchronize();
    }
    /// Launches kernel(args..., int count) with `count` threads in blocks of 128, the last one partial.
    template <class... Args>
    void over(std::string_view name, std::size_t count, const Args&... args) {
        launch(name, Dim3{static_cast<std::uint32_t>((count + 127) / 128)}, Dim3{128}, args...,
               static_cast<int>(count));
    }
    /// kernel(const In*, Out*, int): every output must equal reference(input).
    template <class Out, class In, class Reference>
    void map(std::string_view name, const std::vector<In>& in, Reference reference) {
        Buffer out = zeros<Out>(in.size());
        over(name, in.size(), upload(in), out);
        std::vector<Out> want;
        want.reserve(in.size());
        for (const In& x : in) want.push_back(static_cast<Out>(reference(x)));
        equal(download<Out>(out), want, name, [&](std::size_t i) { return shown(in[i]); });
    }
    /// kernel(const A*, const B*, Out*, int)
    template <class Out, class A, class B, class Reference>
    void map2(std::string_view name, const std::vector<A>& a, const std::vector<B>& b, Reference reference) {
        Buffer out = zeros<Out>(a.size());
        over(name, a.size(), upload(a), upload(b), out);
        std::vector<Out> want;
        want.reserve(a.size());
        for (std::size_t i = 0; i < a.size(); ++i) want.push_back(static_cast<Out>(reference(a[i], b[i])));
        equal(download<Out>(out), want, name,
              [&](std::size_t i) { return shown(a[i]) + ", " + shown(b[i]); });
    }
    /// kernel(const A*, const B*, const C*, Out*, int)
    template <class Out, class A, class B, class C, class Reference>
    void map3(std::string_view name, const std::vector<A>& a, const std::vector<B>& b,
              const std::vector<C>& c, Reference reference) {
        Buffer out = zeros<Out>(a.size());
        over(name, a.size(), upload(a), upload(b), upload(c), out);
        std::vector<Out> want;
        want.reserve(a.size());
        for (std::size_t i = 0; i < a.size(); ++i)
            want.push_back(static_cast<Out>(reference(a[i], b[i], c[i])));
        equal(download<Out>(out), want, name,
              [&](std::size_t i) { return shown(a[i]) + ", " + shown(b[i]) + ", " + shown(c[i]); });
    }

    std::mt19937_64& random() noexcept { return random_; }
    /// Every bit random.
    template <class T>
    std::vector<T> random_bits(std::size_t count) {
        std::vector<T> values(count);
        auto* bytes = reinterpret_cast<unsigned char*>(values.data());
        for (std::size_t i = 0; i < count * sizeof(T); ++i)
            bytes[i] = static_cast<unsigned char>(random_() >> 24);
        return values;
    }
    /// Uniform in [low, high) for floating types, [low, high] for integers.
    template <class T>
    std::vector<T> uniform(std::size_t count, T low, T high) {
        std::vector<T> values(count);
        for (T& v : values) {
            if constexpr (std::is_floating_point_v<T>)
                v = std::uniform_real_distribution<T>(low, high)(random_);
            else
                v = static_cast<T>(std::uniform_int_distribution<long long>(
                    static_cast<long long>(low), static_cast<long long>(high))(random_));
        }
        return values;
    }
    template <class T>
    std::vector<T> iota(std::size_t count, T first = T{}) {
        std::vector<T> values(count);
        for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(first + static_cast<T>(i));
        return values;
    }

    /// Records a failure and goes on.
    void fail(std::string message);
    bool check(bool truth, std::string_view message);
    template <class T>
    void equal(const std::vector<T>& got, const std::vector<T>& want, std::string_view what) {
        equal(got, want, what, [](std::size_t) { return std::string(); });
    }
    template <class T, class Describe>
    void equal(const std::vector<T>& got, const std::vector<T>& want, std::string_view what,
               Describe describe) {
        const Mismatch m = first_mismatch(got, want);
        if (!m.count) return;
        std::string text = std::string(what) + ": " + m.text;
        if (m.index < got.size() && m.index < want.size()) {
            const std::string input = describe(m.index);
            if (!input.empty()) text += " for input " + input;
        }
        fail(std::move(text));
    }
    template <class T>
    void equal_value(const T& got, const T& want, std::string_view what) {
        equal(std::vector<T>{got}, std::vector<T>{want}, what);
    }
    /// Floating values within `tolerance`, relative to the larger of 1 and the wanted value's magnitude.
    template <class T>
    void close(const std::vector<T>& got, const std::vector<T>& want, double tolerance,
               std::string_view what) {
        for (std::size_t i = 0; i < want.size(); ++i) {
            const double g = static_cast<double>(got[i]), w = static_cast<double>(want[i]);
            const double room = tolerance * std::max(1.0, std::fabs(w));
            if (!(std::fabs(g - w) <= room))
                return fail(std::string(what) + ": element " + std::to_string(i) + " is " + shown(got[i]) +
                            ", wanted " + shown(want[i]));
        }
    }
    /// Runs `action`; it must throw an Error of that code whose text holds every one of `parts`.
    void expect_error(ErrorCode code, const std::vector<std::string>& parts,
                      const std::function<void()>& action);

    const std::vector<std::string>& failures() const noexcept { return failures_; }

  private:
    Programs& programs_;
    const Topic& topic_;
    Queue queue_;
    std::mt19937_64 random_;
    std::vector<std::string> failures_;
};

}  // namespace heddle::conformance
