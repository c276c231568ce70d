// One device of a split session: what it has loaded and allocated there, and whether it still takes part.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <heddle/buffer.h>
#include <heddle/device.h>
#include <heddle/host_buffer.h>
#include <heddle/program.h>
#include <heddle/queue.h>

namespace heddle::runtime {

struct SessionDevice {
    explicit SessionDevice(Device the_device) : device(std::move(the_device)) {}

    Device device;
    std::optional<Program> program;
    std::map<std::string, Kernel, std::less<>> kernels;
    std::vector<Buffer> buffers;      ///< by array; empty where it was not needed yet
    HostBuffer staging;               ///< what other devices take from this one, on its way
    std::vector<std::byte> pageable;  ///< in place of `staging` where there is no pinned memory
    std::optional<Queue> queue;       ///< last: ends before what its work uses
    std::string failure;              ///< why it takes no part any more; empty while it does

    Buffer& buffer(std::size_t array, std::size_t bytes) {
        if (buffers.size() <= array) buffers.resize(array + 1);
        if (!buffers[array].allocation()) buffers[array] = device.allocate(bytes);
        return buffers[array];
    }
    /// Lets go of everything, as after a failure.
    void drop() {
        queue.reset();
        kernels.clear();
        program.reset();
        buffers.clear();
        staging = HostBuffer();
        pageable.clear();
    }
};

}  // namespace heddle::runtime
