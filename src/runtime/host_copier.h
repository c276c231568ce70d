// HostCopier: copies large pieces of host memory on several threads, since one does not fill the way to a
// GPU.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace heddle::runtime {

/// Safe to use from several threads: the helping threads serve one copy at a time, the others go without.
class HostCopier {
  public:
    /// `helpers` threads beside the caller's, started with the first copy that is large enough.
    explicit HostCopier(unsigned helpers) : helpers_(helpers) {}
    ~HostCopier();
    HostCopier(const HostCopier&) = delete;
    HostCopier& operator=(const HostCopier&) = delete;

    /// As many helpers as a machine with so many processors has to spare.
    static unsigned usual_helpers() noexcept;

    /// The ranges must not overlap.
    void copy(void* to, const void* from, std::size_t bytes);

  private:
    void help();
    void copy_parts(std::byte* to, const std::byte* from, std::size_t bytes);

    const unsigned helpers_;
    std::mutex user_mutex_;  // held by the thread whose copy is helped with
    std::vector<std::thread> threads_;

    std::mutex mutex_;  // guards the rest
    std::condition_variable begun_, ended_;
    std::byte* to_ = nullptr;
    const std::byte* from_ = nullptr;
    std::size_t bytes_ = 0;   // 0: there is nothing to help with
    std::uint64_t copy_ = 0;  // the number of the copy
    unsigned helping_ = 0;
    bool is_stopping_ = false;
    std::atomic<std::size_t> next_{0};  // the first byte that nobody has taken on; needs no lock
};

}  // namespace heddle::runtime
