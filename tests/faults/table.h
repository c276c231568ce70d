// The table of faults and devices, in words and as a page.
#pragma once

#include <string>
#include <vector>

#include "faults/fault.h"

namespace heddle::faults {

struct Row {
    const Fault& fault;
    std::string device;
    Observation seen;
    std::string anew;  ///< the device in a process that came afterwards; empty: not asked
};
using Table = std::vector<Row>;

/// Whether the fault gave the error that it must give and left the rest usable. A skipped one did.
bool is_right(const Row& row);
std::string described(const Row& row);
/// A page: the devices that are `present`, then the table.
std::string markdown(const Table& table, const std::vector<Device>& present);

}  // namespace heddle::faults
