// The one error type that leaves the C++ interface, and the codes it carries.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <heddle/export.h>

namespace heddle {

/// What went wrong, in the terms a program can act on. The C interface uses the same numbers.
enum class ErrorCode : int {
    ok = 0,                  ///< never thrown; the C interface's success
    invalid_argument = 1,    ///< the caller passed something the called function does not take
    not_found = 2,           ///< a file, kernel, global or device of that name does not exist
    compile_failed = 3,      ///< the source does not compile; the message holds the compiler's diagnostics
    unsupported = 4,         ///< well-formed, but this device or target cannot do it
    device_unavailable = 5,  ///< no such device, or its driver is missing
    out_of_memory = 6,       ///< device or host memory is exhausted
    launch_failed = 7,       ///< a kernel launch was refused or failed while running
    device_lost = 8,         ///< the device died; its buffers are gone
    timeout = 9,             ///< a time limit ran out
    corrupt_package = 10,    ///< a package is truncated, damaged or not a package
    io = 11,                 ///< a file could not be read or written
    internal = 12,           ///< a defect of Heddle itself
};

/// The code's name as the documentation and the command print it, e.g. "out_of_memory".
HEDDLE_API std::string_view name(ErrorCode code) noexcept;

/// Thrown by every function of the C++ interface that fails.
/// what() is the whole sentence: "<device>: <operation> failed: <reason>", parts left out where they do not
/// apply.
class HEDDLE_API Error : public std::runtime_error {
  public:
    Error(ErrorCode code, std::string reason, std::string operation = {}, std::string device = {});
    ~Error() override;

    ErrorCode code() const noexcept { return code_; }
    const std::string& reason() const noexcept { return reason_; }  ///< the reason alone
    const std::string& operation() const noexcept {
        return operation_;
    }  ///< e.g. "launch of 'saxpy'", or empty
    const std::string& device() const noexcept { return device_; }  ///< e.g. "cpu:0", or empty

  private:
    ErrorCode code_;
    std::string reason_, operation_, device_;
};

}  // namespace heddle
