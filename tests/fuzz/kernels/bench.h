// A device with the inputs on it, where kernels are run.
#pragma once

#include <heddle/heddle.hpp>

#include "forms.h"
#include "results.h"

namespace heddle::fuzz {

class Bench {
  public:
    Bench(const Device& device, const Inputs& inputs);
    const Device& device() const { return device_; }
    /// Throws heddle::Error.
    Results run(const Kernel& kernel, const Shape& shape, int n);

  private:
    Device device_;
    Queue queue_;
    Buffer in0_, in1_, in2_, in3_;
};

}  // namespace heddle::fuzz
