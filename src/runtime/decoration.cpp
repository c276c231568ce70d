// One line for each decorator, innermost first.
#include "decoration.h"

#include <utility>

#include "fault_injection.h"
#include "trace.h"
#include "traced_device.h"

namespace heddle::runtime {

std::shared_ptr<hal::Device> decorated(std::shared_ptr<hal::Device> device) {
    // Innermost, so that the trace shows what the device really gets.
    if (trace::Writer* const writer = trace::current()) device = with_trace(std::move(device), *writer);
    if (const auto plan = planned_faults(device->info().id)) device = with_faults(std::move(device), plan);
    return device;
}

}  // namespace heddle::runtime
