// One line for each decorator, innermost first.
#include "decoration.h"

#include <utility>

#include "trace.h"
#include "traced_device.h"

namespace heddle::runtime {

std::shared_ptr<hal::Device> decorated(std::shared_ptr<hal::Device> device) {
    // Innermost, so that the trace shows what the device really gets.
    if (trace::Writer* const writer = trace::current()) device = with_trace(std::move(device), *writer);
    return device;
}

}  // namespace heddle::runtime
