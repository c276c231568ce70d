// A device whose calls and commands stand in a trace: wraps another and changes nothing that it does.
#pragma once

#include <memory>

#include <heddle/export.h>

#include "hal.h"
#include "trace.h"

namespace heddle::runtime {

/// `device`, traced in `writer`, which must outlive it and everything made of it.
HEDDLE_API std::shared_ptr<hal::Device> with_trace(std::shared_ptr<hal::Device> device,
                                                   trace::Writer& writer);

}  // namespace heddle::runtime
