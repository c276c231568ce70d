// Runs one operation at several sizes and says where each ran and why: build with `cmake --build`, then
//     ./example-executor
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <heddle/heddle.hpp>

namespace {

constexpr const char* source = R"(
__global__ void saxpy(float* y, const float* x, float a, unsigned n) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}
)";

}  // namespace

int main() {
    try {
        heddle::Executor executor;
        const heddle::Code code = heddle::Code::from_source(source, "saxpy.cu");
        for (const unsigned n : {1U << 4, 1U << 10, 1U << 16, 1U << 22}) {
            std::vector<float> x(n, 1.0F), y(n, 2.0F);
            const heddle::Operation operation{
                code,
                "saxpy",
                {{(n + 255) / 256}, {256}, 0},
                {heddle::inout(heddle::Data::of("y", std::span(y))),
                 heddle::in(heddle::Data::of("x", std::span<const float>(x))), 3.0F, n}};
            heddle::Execution execution;
            constexpr int times = 20;  // the executor learns from each
            for (int k = 0; k < times; ++k) execution = executor.run(operation);
            std::printf("%8u elements: %s; %.3f ms\n", n, execution.why().c_str(), execution.milliseconds);
            for (const heddle::Attempt& attempt : execution.attempts)
                std::printf("          failed before: %s\n", attempt.message.c_str());
            const float expected = 2.0F + times * 3.0F;
            for (const float each : y)
                if (each != expected) {
                    std::printf("wrong: %f, not %f\n", static_cast<double>(each),
                                static_cast<double>(expected));
                    return 1;
                }
        }
        return 0;
    } catch (const heddle::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
