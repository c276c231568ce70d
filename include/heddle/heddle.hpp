// Everything of the C++ interface.
#pragma once

#include <heddle/buffer.h>
#include <heddle/chunked_map.h>
#include <heddle/compiler.h>
#include <heddle/cpu_limits.h>
#include <heddle/device.h>
#include <heddle/error.h>
#include <heddle/event.h>
#include <heddle/executor.h>
#include <heddle/host_buffer.h>
#include <heddle/kernel.h>
#include <heddle/package.h>
#include <heddle/power.h>
#include <heddle/program.h>
#include <heddle/program_source.h>
#include <heddle/queue.h>
#include <heddle/requirements.h>
#include <heddle/split.h>
#include <heddle/tuning.h>
#include <heddle/types.h>
#include <heddle/version.h>
