// A user's program in C++: compiles a kernel from source with the installed library, runs it on every device,
// and checks what it computed.
#include <cstdio>
#include <vector>

#include <heddle/version.h>
#include <heddle/heddle.hpp>

constexpr const char* source = R"(
__global__ void scale(float* values, float factor, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) values[i] *= factor;
}
)";

int main() try {
    constexpr int n = 1000;
    for (const heddle::Device& device : heddle::devices()) {
        const heddle::Program program = heddle::Program::from_source(device, source, "scale.cu");
        std::vector<float> values(n);
        for (int i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i);
        heddle::Buffer buffer = device.allocate(n * sizeof(float));
        buffer.write(values.data(), n * sizeof(float));
        heddle::Queue queue(device);
        queue.launch(program.kernel("scale"), {.grid = {(n + 127) / 128}, .block = {128}}, buffer, 3.0f, n);
        queue.synchronize();
        buffer.read(values.data(), n * sizeof(float));
        for (int i = 0; i < n; ++i) {
            if (values[static_cast<std::size_t>(i)] != 3.0f * static_cast<float>(i)) {
                std::printf("%s: element %d is wrong\n", device.id().c_str(), i);
                return 1;
            }
        }
        std::printf("C++ %s: %s ok\n", HEDDLE_VERSION, device.id().c_str());
    }
    return 0;
} catch (const heddle::Error& error) {
    std::printf("%s\n", error.what());
    return 1;
}
