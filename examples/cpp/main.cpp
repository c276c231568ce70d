// Loads saxpy.cu (source or package), runs it on the best device there is, and checks the result: what a
// program needs of Heddle, from beginning to end.
#include <heddle/heddle.hpp>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <vector>

int main(int count, char** values) try {
    const char* file = count > 1 ? values[1] : "examples/saxpy.cu";
    constexpr int n = 1 << 20;
    constexpr float a = 2.5f;
    std::vector<float> x(n), y(n), result(n);
    for (int i = 0; i < n; ++i) {
        x[static_cast<std::size_t>(i)] = 0.001f * static_cast<float>(i % 1000);
        y[static_cast<std::size_t>(i)] = 1.0f / static_cast<float>(i + 1);
    }

    const heddle::Device device = heddle::best_device();
    const heddle::Program program = heddle::Program::from_file(device, file);
    const heddle::Kernel saxpy = program.kernel("saxpy");

    const heddle::Buffer device_x = device.allocate(n * sizeof(float));
    const heddle::Buffer device_y = device.allocate(n * sizeof(float));
    heddle::Queue queue = device.create_queue();
    queue.write(device_x, x.data(), n * sizeof(float));
    queue.write(device_y, y.data(), n * sizeof(float));
    const heddle::Event start = queue.record();
    queue.launch(saxpy, {.grid = {(n + 255) / 256}, .block = {256}}, a, device_x, device_y, n);
    const heddle::Event end = queue.record();
    queue.read(device_y, result.data(), n * sizeof(float));
    queue.synchronize();

    for (std::size_t i = 0; i < n; ++i) {
        const float expected = a * x[i] + y[i];
        // A device may round once (a fused multiply-add) where the host rounds twice.
        if (std::fabs(result[i] - expected) > 1e-6f * std::fabs(expected)) {
            std::fprintf(stderr, "saxpy: element %zu is %g, expected %g\n", i, static_cast<double>(result[i]),
                         static_cast<double>(expected));
            return 1;
        }
    }
    std::printf("saxpy of %d elements on %s (%s): %.3f ms, all right\n", n, device.id().c_str(),
                device.info().name.c_str(), heddle::Event::elapsed_ms(start, end));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "saxpy: %s\n", error.what());
    return 1;
}
