// One line for each decorator, innermost first.
#include "decoration.h"

#include "fault_injection.h"

namespace heddle::runtime {

std::shared_ptr<hal::Device> decorated(std::shared_ptr<hal::Device> device) {
    if (const auto plan = planned_faults(device->info().id)) device = with_faults(std::move(device), plan);
    return device;
}

}  // namespace heddle::runtime
