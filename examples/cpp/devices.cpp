// Uses all devices at once: accelerations of many bodies with the grid split over the devices, and a map over
// an array in chunks. Says who did how much.
#include <heddle/heddle.hpp>

#include <cstddef>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <vector>

namespace {

struct Body {
    float x, y, z, mass;
};

constexpr const char* map_source = R"(
extern "C" __global__ void squares(unsigned count, unsigned first, const float* in, float* out) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) out[i] = in[i] * in[i] + (float)((first + i) % 2);
}
)";

void print(const std::string& device, double part, const std::string& reason) {
    std::printf("  %-10s %5.1f %%  %s\n", device.c_str(), 100 * part, reason.c_str());
}

}  // namespace

int main(int count, char** values) try {
    const char* file = count > 1 ? values[1] : "examples/nbody.cu";
    const std::vector<heddle::Device> devices = heddle::select_devices(count > 2 ? values[2] : "all");

    // One thread a body in blocks of 256: every device needs all bodies, and makes its blocks' accelerations.
    constexpr unsigned n = 4096, threads = 256;
    std::vector<Body> bodies(n), accelerations(n);
    for (unsigned i = 0; i < n; ++i) {
        const auto at = static_cast<float>(i);
        bodies[i] = {at * 0.01f, at * at * 1e-5f, static_cast<float>(i % 7), 1.0f / n};
    }
    heddle::SplitSession session(devices, heddle::ProgramSource::file(file));
    const heddle::SplitArray all = session.add_array(std::span<const Body>(bodies));
    const heddle::SplitArray result = session.add_array(std::span(accelerations));
    heddle::SplitRecord record;
    for (int step = 0; step < 5; ++step) {  // the first measures the devices, the others go by that
        record = session.launch(
            "accelerate", {.config = {{n / threads}, {threads}, 0}},
            {heddle::SplitArgument::whole(all), heddle::SplitArgument::output(result, threads * sizeof(Body)),
             static_cast<int>(n), 0.01f});
    }
    session.fetch(result);
    std::printf("accelerations of %u bodies in %.3f ms:\n", n, record.milliseconds);
    for (const heddle::SplitShare& share : record.shares)
        print(share.device, static_cast<double>(share.blocks) / (n / threads), share.reason);

    std::vector<float> in(std::size_t{1} << 20, 3.0f), out(in.size());
    const heddle::MapRecord map = heddle::chunked_map(
        devices, heddle::ProgramSource::text(map_source, "squares.cu"), "squares", in.size(),
        {heddle::MapArgument::count(), heddle::MapArgument::first_element(),
         heddle::MapArgument::input(in.data(), sizeof(float)),
         heddle::MapArgument::output(out.data(), sizeof(float))});
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] != (i % 2 == 0 ? 9.0f : 10.0f)) {
            std::fprintf(stderr, "devices: element %zu is %g\n", i, static_cast<double>(out[i]));
            return 1;
        }
    }
    std::printf("squares of %zu elements in %.3f ms:\n", out.size(), map.milliseconds);
    for (const heddle::MapShare& share : map.shares)
        print(share.device, static_cast<double>(share.elements) / static_cast<double>(out.size()),
              share.reason);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "devices: %s\n", error.what());
    return 1;
}
