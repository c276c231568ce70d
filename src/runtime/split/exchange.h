// What devices lack of arrays, and how it gets there: from the host's memory, from another device directly,
// or through pinned host memory.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <heddle/error.h>
#include <heddle/split.h>

#include "runtime/split/arrays.h"
#include "runtime/split/session_device.h"

namespace heddle::runtime {

/// A copy from host memory that the destination still has to queue.
struct IncomingCopy {
    ArrayPiece piece;
    const std::byte* source = nullptr;  ///< stays until the next exchange
};

struct Exchange {
    std::vector<std::vector<IncomingCopy>> incoming;  ///< by device
    std::map<std::size_t, Error> failures;  ///< by device: the exchange has to be made again without
    std::vector<std::string> notes;
};

/// Brings everything in `needs` (by device) that a device lacks as near as the host's memory, or queues its
/// copy where devices reach each other. No device has work under way. Counts bytes in `shares`. Throws
/// device_lost when what is needed is nowhere any more.
Exchange begin_exchange(std::vector<SessionDevice>& devices, SplitArrays& arrays,
                        const std::vector<std::vector<ArrayPiece>>& needs, bool uses_peer_copies,
                        std::vector<SplitShare>& shares);

}  // namespace heddle::runtime
