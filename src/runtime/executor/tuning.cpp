// Measures a device with three kernels and copies of two sizes.
#include <heddle/tuning.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <vector>

#include <heddle/buffer.h>
#include <heddle/error.h>
#include <heddle/program.h>
#include <heddle/queue.h>

#include "runtime/executor/cost_model.h"
#include "runtime/executor/tuning_file.h"
#include "runtime/hal.h"

namespace heddle {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* source = R"(
// What `heddle tune` measures devices with.
__global__ void nothing(unsigned* data, unsigned value) {
    if (value != 0) data[0] = value;
}

__global__ void stream(float* y, const float* x, float a, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

__global__ void calculate(float* y, float a, float b, unsigned rounds, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float p = y[i], q = p + 1, r = p + 2, s = p + 3;
    for (unsigned k = 0; k < rounds; ++k) {
        p = p * a + b;
        q = q * a + b;
        r = r * a + b;
        s = s * a + b;
    }
    y[i] = p + q + r + s;
}
)";

constexpr std::uint32_t block = 256;
constexpr double enough_ms = 8;  // of one run: clocks and caches have settled
constexpr std::uint32_t least_elements = 1U << 16, most_elements = 1U << 25;
constexpr std::uint32_t rounds = 256, operations_a_round = 8;
constexpr std::size_t small_copy = 4096, large_copy = std::size_t{16} << 20;

template <class Work>
double milliseconds(Work work) {
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

template <class Work>
double median_ms(unsigned times, Work work) {
    std::vector<double> all(times);
    for (double& each : all) each = milliseconds(work);
    std::nth_element(all.begin(), all.begin() + times / 2, all.end());
    return all[times / 2];
}

/// Runs `work(n)` with n doubled until it takes long enough; gives n and the median time.
template <class Work>
std::pair<std::uint32_t, double> settled(std::uint32_t most, Work work) {
    for (std::uint32_t n = least_elements;; n *= 2) {
        work(n);
        if (n >= most || milliseconds([&] { work(n); }) >= enough_ms)
            return {n, median_ms(5, [&] { work(n); })};
    }
}

class Measurement {
  public:
    Measurement(const Device& device, const TuneOptions& options)
        : device_(device),
          options_(options),
          queue_(device),
          program_(options.package.empty() ? Program::from_source(device, source, "tune.cu")
                                           : Program::from_package(device, options.package)) {}

    DeviceProfile run() {
        DeviceProfile profile;
        profile.is_measured = true;
        say("launches");
        launches(profile);
        say("memory");
        stream(profile);
        say("arithmetic");
        calculate(profile);
        profile.shares_host_memory = shares_host_memory();
        if (!profile.shares_host_memory) {
            say("copies");
            copies(profile);
        }
        return profile;
    }

  private:
    void say(const char* what) const {
        if (options_.progress) options_.progress(device_.id() + ": " + what);
    }

    static LaunchConfig config_for(std::uint32_t n) { return {{(n + block - 1) / block}, {block}, 0}; }

    void launches(DeviceProfile& profile) {
        const Kernel nothing = program_.kernel("nothing");
        const Buffer data = device_.allocate(block * sizeof(unsigned));
        const auto once = [&] {
            queue_.launch(nothing, {{1}, {32}, 0}, data, 0U);
            queue_.synchronize();
        };
        for (int warm = 0; warm < 20; ++warm) once();
        profile.launch_us = 1e3 * median_ms(200, once);
    }

    void stream(DeviceProfile& profile) {
        const Kernel kernel = program_.kernel("stream");
        std::optional<Buffer> x, y;
        std::uint32_t allocated = 0;
        const auto [n, ms] = settled(most_for(2), [&](std::uint32_t elements) {
            if (elements > allocated) {
                x.reset();
                y.reset();
                x = filled(elements);
                y = filled(elements);
                allocated = elements;
            }
            queue_.launch(kernel, config_for(elements), *y, *x, 1.0F, elements);
            queue_.synchronize();
        });
        profile.memory_gb_s = 12.0 * n / beyond_launch(profile, ms) / 1e6;
    }

    void calculate(DeviceProfile& profile) {
        const Kernel kernel = program_.kernel("calculate");
        const std::uint32_t most = std::min(most_for(1), 1U << 22);
        const Buffer y = filled(most);
        const auto [n, ms] = settled(most, [&](std::uint32_t elements) {
            queue_.launch(kernel, config_for(elements), y, 0.5F, 0.25F, rounds, elements);
            queue_.synchronize();
        });
        profile.arithmetic_gops = 1.0 * operations_a_round * rounds * n / beyond_launch(profile, ms) / 1e6;
    }

    void copies(DeviceProfile& profile) {
        const Buffer there = device_.allocate(large_copy);
        std::vector<std::byte> here(large_copy, std::byte{1});
        const auto upload = [&](std::size_t bytes) {
            queue_.write(there, here.data(), bytes);
            queue_.synchronize();
        };
        const auto download = [&](std::size_t bytes) {
            queue_.read(there, here.data(), bytes);
            queue_.synchronize();
        };
        upload(large_copy);
        download(large_copy);
        const double up = median_ms(30, [&] { upload(small_copy); }),
                     down = median_ms(30, [&] { download(small_copy); });
        profile.upload_us = 1e3 * up;
        profile.download_us = 1e3 * down;
        profile.upload_gb_s = rate(median_ms(5, [&] { upload(large_copy); }), up);
        profile.download_gb_s = rate(median_ms(5, [&] { download(large_copy); }), down);
    }

    static double rate(double large_ms, double small_ms) {
        return static_cast<double>(large_copy) / std::max(large_ms - small_ms, 0.1 * large_ms) / 1e6;
    }
    static double beyond_launch(const DeviceProfile& profile, double ms) {
        return std::max(ms - profile.launch_us / 1e3, 0.1 * ms);
    }
    /// Elements that `buffers` buffers may have.
    std::uint32_t most_for(std::uint64_t buffers) const {
        const std::uint64_t bytes = device_.info().memory_bytes / 8 / buffers;
        std::uint32_t n = most_elements;
        while (n > least_elements && n * sizeof(float) > bytes) n /= 2;
        return n;
    }
    Buffer filled(std::uint32_t elements) {
        Buffer buffer = device_.allocate(elements * sizeof(float));
        queue_.fill(buffer, 0, buffer.size_bytes());
        return buffer;
    }
    bool shares_host_memory() const {
        alignas(256) static std::byte memory[256];
        return device_.impl().import_host(memory, sizeof memory) != nullptr;
    }

    Device device_;
    const TuneOptions& options_;
    Queue queue_;
    Program program_;
};

}  // namespace

const char* tuning_source() noexcept {
    return source;
}

DeviceProfile measure(const Device& device, const TuneOptions& options) {
    return Measurement(device, options).run();
}

void store_profile(const Device& device, const DeviceProfile& profile) {
    executor::Tuning tuning;
    tuning.profiles.emplace(executor::device_key(device.info()), profile);
    executor::store_tuning(tuning);
}

DeviceProfile profile_of(const Device& device) {
    const executor::Tuning tuning = executor::load_tuning();
    const auto known = tuning.profiles.find(executor::device_key(device.info()));
    return known != tuning.profiles.end() ? known->second : executor::supposed_profile(device.info());
}

std::filesystem::path tuning_file() {
    return executor::tuning_path();
}

}  // namespace heddle
