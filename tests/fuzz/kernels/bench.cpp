// Moves inputs and results.
#include "bench.h"

namespace heddle::fuzz {
namespace {

template <class T>
Buffer upload(const Device& device, const std::vector<T>& values) {
    Buffer buffer = device.allocate(values.size() * sizeof(T));
    buffer.write(values.data(), values.size() * sizeof(T));
    return buffer;
}

template <class T>
void download(const Buffer& buffer, std::vector<T>& values) {
    buffer.read(values.data(), values.size() * sizeof(T));
}

}  // namespace

Bench::Bench(const Device& device, const Inputs& inputs)
    : device_(device),
      queue_(device.create_queue()),
      in0_(upload(device, inputs.in0)),
      in1_(upload(device, inputs.in1)),
      in2_(upload(device, inputs.in2)),
      in3_(upload(device, inputs.in3)) {}

Results Bench::run(const Kernel& kernel, const Shape& shape, int n) {
    Results results = untouched_results(shape.grid.count() * shape.block.count());
    const Buffer counters = upload(device_, results.counters), out = upload(device_, results.out),
                 real = upload(device_, results.real);
    queue_.launch(kernel, {shape.grid, shape.block, 0}, in0_, in1_, in2_, in3_, counters, out, real, n);
    queue_.synchronize();
    download(counters, results.counters);
    download(out, results.out);
    download(real, results.real);
    return results;
}

}  // namespace heddle::fuzz
