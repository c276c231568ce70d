// The contract that a backend fulfils. Callers are the public classes, which have validated every argument: a
// backend reports only what the caller could not foresee, by throwing heddle::Error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/device.h>
#include <heddle/error.h>
#include <heddle/kernel.h>
#include <heddle/package.h>
#include <heddle/types.h>

#include "inline_vector.h"

namespace heddle::hal {

/// Device memory; freed by its destructor. Owned jointly by the Buffer and the queued commands that use it.
class Allocation {
  public:
    virtual ~Allocation() = default;
    virtual std::size_t size_bytes() const noexcept = 0;
    virtual std::uint64_t device_address() const noexcept = 0;
    /// The same memory for the host, or null where the host cannot see it.
    virtual void* host_pointer() const noexcept = 0;
};

/// Pinned host memory; freed by its destructor. Owned jointly by the HostBuffer and the queued copies that
/// use it: a queue recognises pointers into its own device's.
class HostMemory {
  public:
    virtual ~HostMemory() = default;
    virtual std::size_t size_bytes() const noexcept = 0;
    /// Aligned to at least 64 bytes.
    virtual void* data() const noexcept = 0;
};

/// A point in a queue. Outlives the queue that made it.
class Event {
  public:
    virtual ~Event() = default;
    virtual bool ready() const = 0;
    /// Blocks; throws the failure that made its queue stop before it, if any.
    virtual void wait() = 0;
    /// Device time at which it was reached, in nanoseconds from an arbitrary origin common to the device.
    virtual std::uint64_t timestamp_ns() const = 0;
};

/// A kernel ready to launch on one device.
class Kernel {
  public:
    virtual ~Kernel() = default;
    virtual const KernelInfo& info() const noexcept = 0;
};

/// Code of one package loaded on one device, with its globals' memory.
class Program {
  public:
    virtual ~Program() = default;
    /// Called at most once a kernel, never from two threads at once. `code` is the payload made for this
    /// kernel alone (lazy compilation), or empty when the program's payload holds it. Both are read during
    /// the call only; the kernel keeps the program alive.
    virtual std::shared_ptr<Kernel> kernel(const KernelInfo& info, std::span<const std::byte> code) = 0;
    /// The block that holds the globals; null when there are none.
    virtual std::shared_ptr<Allocation> globals() const noexcept = 0;
};

/// A launch, validated and packed. Move-only; up to 256 parameter bytes and 8 buffers live inside it.
struct Launch {
    std::shared_ptr<Kernel> kernel;
    LaunchConfig config;
    /// Laid out as KernelInfo says, pointers as addresses; 64-byte aligned, so that any parameter is aligned.
    InlineVector<std::byte, 256, 64> parameters;
    InlineVector<std::shared_ptr<Allocation>, 8> allocations;  ///< kept alive until the launch has run
};

/// In-order asynchronous work. No call moves zero bytes, every range is inside its allocation and every
/// object belongs to this queue's device. Safe to call from several threads. The destructor waits for the
/// work to end.
class Queue {
  public:
    virtual ~Queue() = default;
    virtual void launch(Launch launch) = 0;
    virtual void write(std::shared_ptr<Allocation> destination, std::size_t offset, const void* source,
                       std::size_t bytes) = 0;
    virtual void read(std::shared_ptr<Allocation> source, std::size_t offset, void* destination,
                      std::size_t bytes) = 0;
    virtual void copy(std::shared_ptr<Allocation> destination, std::size_t destination_offset,
                      std::shared_ptr<Allocation> source, std::size_t source_offset, std::size_t bytes) = 0;
    /// (optional) Copies from the memory of another device, where this one reaches it without the host;
    /// false, and nothing is done, where it does not. The work that made the contents has ended, and the
    /// caller keeps `source` until the copy has run.
    virtual bool copy_from_peer(std::shared_ptr<Allocation> destination, std::size_t destination_offset,
                                std::shared_ptr<Allocation> source, std::size_t source_offset,
                                std::size_t bytes);
    virtual void fill(std::shared_ptr<Allocation> destination, std::size_t offset, std::uint8_t value,
                      std::size_t bytes) = 0;
    virtual std::shared_ptr<Event> record() = 0;
    virtual void wait(std::shared_ptr<Event> event) = 0;
    /// Blocks until all has run; throws the first failure since the last call and forgets it.
    virtual void synchronize() = 0;
};

inline bool Queue::copy_from_peer(std::shared_ptr<Allocation> /*destination*/,
                                  std::size_t /*destination_offset*/, std::shared_ptr<Allocation> /*source*/,
                                  std::size_t /*source_offset*/, std::size_t /*bytes*/) {
    return false;
}

/// What a device takes: which payload of a package, or which target to compile for when only Kernel IR is
/// there.
struct CodeTarget {
    std::string target;                 ///< "simd", "scalar", "ptx", ...
    std::vector<std::string> variants;  ///< acceptable variants, best first; what to compile for is the first
};

/// One accelerator through one backend. Shared by all threads.
class Device : public std::enable_shared_from_this<Device> {
  public:
    virtual ~Device() = default;
    virtual const DeviceInfo& info() const noexcept = 0;
    virtual CodeTarget code_target() const = 0;
    /// Contents undefined; aligned to 256 bytes. `bytes` may be 0: a valid allocation of size 0. Throws
    /// out_of_memory.
    virtual std::shared_ptr<Allocation> allocate(std::size_t bytes) = 0;
    /// Host memory that this device copies to and from by itself; contents undefined. `bytes` may be 0.
    /// Throws out_of_memory. write() and read() of this device's queues with a range inside of it keep it
    /// alive until they have run, do not wait for the device, and use the host's memory only when they run.
    virtual std::shared_ptr<HostMemory> allocate_host(std::size_t bytes) = 0;
    virtual std::unique_ptr<Queue> create_queue() = 0;
    /// `memory` of the host as this device's, without a copy (optional): it must live as long as the
    /// allocation and what is queued with it. Null where the device cannot use it.
    virtual std::shared_ptr<Allocation> import_host(void* /*memory*/, std::size_t /*bytes*/) {
        return nullptr;
    }
    /// The device counts as lost from now on, because of `why`: nothing waits for its work any more
    /// (optional). False where its work cannot be left behind.
    virtual bool abandon(const std::string& /*why*/) noexcept { return false; }
    /// The same hardware through a new object, after this one was lost (optional). Null where this one will
    /// do. Throws device_unavailable when it cannot be used yet.
    virtual std::shared_ptr<Device> reopened() { return nullptr; }
    /// `payload` is the chosen payload's bytes, or empty when kernels come one by one (lazy compilation). The
    /// program's globals are initialised from package.globals, relocations applied. Both are read during the
    /// call only.
    virtual std::shared_ptr<Program> load(const Package& package, std::span<const std::byte> payload) = 0;
};

/// A backend: finds its devices. One object for the life of the process, made by the registry on first use.
class Backend {
  public:
    virtual ~Backend() = default;
    virtual std::string_view name() const noexcept = 0;
    /// Appends this backend's devices. When it has none, `reason` says why (e.g. the loader's message). Never
    /// throws.
    virtual void enumerate(std::vector<std::shared_ptr<Device>>& devices, std::string& reason) noexcept = 0;
};

}  // namespace heddle::hal
