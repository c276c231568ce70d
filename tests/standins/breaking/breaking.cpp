// A library that plays CUDA's driver, OpenCL's loader or Vulkan's and breaks in the first call, or already
// while it is loaded. The variable STANDIN_BREAKS says how: "crash", "abort", "hang", "exit" in the call,
// "load" while loaded.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace {

std::string_view way() {
    const char* const text = std::getenv("STANDIN_BREAKS");
    return text != nullptr ? text : "crash";
}

[[noreturn]] void crash() {
    std::raise(SIGSEGV);
    std::_Exit(1);
}

[[noreturn]] void break_down() {
    if (way() == "hang")
        for (;;) ::pause();
    if (way() == "abort") std::abort();
    if (way() == "exit") std::exit(3);
    crash();
}

[[gnu::constructor]] void load() {
    if (way() == "load") crash();
}

}  // namespace

extern "C" {

#pragma GCC visibility push(default)

int cuInit(unsigned) {
    break_down();
}
int cuGetErrorName(int, const char**) {
    break_down();
}
int cuGetErrorString(int, const char**) {
    break_down();
}
int clGetPlatformIDs(unsigned, void*, unsigned*) {
    break_down();
}
void* vkGetInstanceProcAddr(void*, const char*) {
    break_down();
}

// All other names: see the stand-in `failing`.
#define HEDDLE_NEVER_CALLED(name) \
    void name() {                 \
        __builtin_trap();         \
    }
#include "never_called.inc"
#undef HEDDLE_NEVER_CALLED

#pragma GCC visibility pop
}
