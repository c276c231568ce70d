// Device printf: formats arguments packed as CUDA's vprintf takes them, and collects the text until the host
// asks for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

namespace heddle::cpu {

/// What one queue's kernels have printed. Safe to use from several threads; the text of one call stays in one
/// piece.
class PrintBuffer {
  public:
    explicit PrintBuffer(std::FILE* file) : file_(file) {}
    ~PrintBuffer() { flush(); }
    PrintBuffer(const PrintBuffer&) = delete;
    PrintBuffer& operator=(const PrintBuffer&) = delete;

    /// Appends; past 1 MiB the text goes out at once, so that a kernel that prints for ever needs bounded
    /// memory.
    void append(const std::string& text);
    /// Writes what has been collected to the file (standard output) and flushes it.
    void flush() noexcept;

  private:
    std::mutex mutex_;
    std::string text_;
    std::FILE* file_;
};

/// Formats as C's printf does. `arguments` holds the promoted arguments, each at its natural alignment,
/// floating point as double. Counts the conversions into `count`. A conversion that C does not have (and %n)
/// is copied as it stands.
std::string format_device_text(const char* format, const void* arguments, std::int32_t& count);

}  // namespace heddle::cpu
