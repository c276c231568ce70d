# Compiles the device maths library (src/compiler/device_maths/library) to bitcode with LLVM 19's own Clang, whichever
# compiler builds the rest, and embeds it. Sets device_maths_source: a source of libheddle-compiler that holds the data.
find_program(HEDDLE_DEVICE_CLANG NAMES clang++ clang++-19 HINTS "${HEDDLE_LLVM_ROOT}/bin" NO_DEFAULT_PATH)
if(NOT HEDDLE_DEVICE_CLANG)
    message(FATAL_ERROR "LLVM 19 is not complete: clang++ was not found under '${HEDDLE_LLVM_ROOT}/bin'. Install clang-19 "
        "(scripts/setup.sh does), set HEDDLE_LLVM_ROOT, or configure with -DHEDDLE_BUILD_COMPILER=OFF")
endif()

set(device_maths_folder "${CMAKE_CURRENT_BINARY_DIR}/device_maths")
set(device_maths_bitcode "${device_maths_folder}/library.bc")
file(GLOB device_maths_library CONFIGURE_DEPENDS compiler/device_maths/library/*)
file(MAKE_DIRECTORY "${device_maths_folder}")
# The inliner's thresholds: every exported function is to stand alone. Rounding: each operation by itself.
add_custom_command(OUTPUT "${device_maths_bitcode}"
    COMMAND "${HEDDLE_DEVICE_CLANG}" --target=nvptx64-nvidia-cuda -x c++ -std=c++20 -nostdinc -ffreestanding
        -fno-exceptions -fno-rtti -fno-math-errno -ffp-contract=off -Wall -Wextra -Wshadow -Werror -O2
        -mllvm -inline-threshold=100000 -mllvm -inlinecold-threshold=100000 -emit-llvm -c
        "${CMAKE_CURRENT_SOURCE_DIR}/compiler/device_maths/library/library.cpp" -o "${device_maths_bitcode}"
    DEPENDS ${device_maths_library} COMMENT "Compiling the device maths library" VERBATIM)

# An assembler's .incbin takes the data as they are; link-time optimisation cannot see it.
set(device_maths_source "${device_maths_folder}/embedded_library.cpp")
file(CONFIGURE OUTPUT "${device_maths_source}" @ONLY CONTENT [[
// Made by cmake/DeviceMaths.cmake.
#include "device_maths/embedded_library.h"

__asm__(".section .rodata\n"
        ".balign 16\nheddle_device_maths:\n.incbin \"@device_maths_bitcode@\"\nheddle_device_maths_end:\n"
        ".previous\n");
extern "C" __attribute__((visibility("hidden"))) const char heddle_device_maths[], heddle_device_maths_end[];

namespace heddle::compiler {

std::string_view device_maths_bitcode() {
    return {heddle_device_maths, static_cast<std::size_t>(heddle_device_maths_end - heddle_device_maths)};
}

}  // namespace heddle::compiler
]])
set_source_files_properties("${device_maths_source}" PROPERTIES COMPILE_OPTIONS "-fno-lto"
    OBJECT_DEPENDS "${device_maths_bitcode}")
