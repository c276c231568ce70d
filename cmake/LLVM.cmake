# Finds LLVM 19, Clang and LLD as libraries and gives one target for them: heddle-llvm.
# The three are looked up as files, since LLVM's own CMake packages ask for every static library and tool of the
# distribution to be installed.

if(NOT HEDDLE_LLVM_ROOT)
    find_program(HEDDLE_LLVM_CONFIG NAMES llvm-config-19)
    if(HEDDLE_LLVM_CONFIG)
        execute_process(COMMAND "${HEDDLE_LLVM_CONFIG}" --prefix OUTPUT_VARIABLE prefix
            OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
        set(HEDDLE_LLVM_ROOT "${prefix}" CACHE PATH "" FORCE)
    endif()
endif()
set(hint HINTS "${HEDDLE_LLVM_ROOT}/lib" NO_DEFAULT_PATH)
find_library(HEDDLE_LLVM_LIBRARY NAMES LLVM-19 libLLVM.so.19.1 ${hint})
find_library(HEDDLE_CLANG_LIBRARY NAMES libclang-cpp.so.19.1 clang-cpp ${hint})
find_library(HEDDLE_LLD_ELF_LIBRARY NAMES lldELF ${hint})
find_library(HEDDLE_LLD_COMMON_LIBRARY NAMES lldCommon ${hint})
# LLD's static libraries compress debug sections with these.
find_library(HEDDLE_ZLIB NAMES z REQUIRED)
find_library(HEDDLE_ZSTD NAMES zstd REQUIRED)
find_path(HEDDLE_LLVM_INCLUDE llvm/IR/Module.h HINTS "${HEDDLE_LLVM_ROOT}/include" NO_DEFAULT_PATH)
find_path(HEDDLE_CLANG_RESOURCE include/stddef.h HINTS "${HEDDLE_LLVM_ROOT}/lib/clang/19" NO_DEFAULT_PATH)
# Static LLD compresses debug sections with these.
find_package(ZLIB REQUIRED)
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)
foreach(part LLVM_LIBRARY CLANG_LIBRARY LLD_ELF_LIBRARY LLD_COMMON_LIBRARY LLVM_INCLUDE CLANG_RESOURCE)
    if(NOT HEDDLE_${part})
        message(FATAL_ERROR "LLVM 19 is not complete: ${part} was not found under '${HEDDLE_LLVM_ROOT}'. Install "
            "llvm-19-dev libclang-19-dev libclang-cpp19-dev liblld-19-dev (scripts/setup.sh does), set "
            "HEDDLE_LLVM_ROOT, or configure with -DHEDDLE_BUILD_COMPILER=OFF")
    endif()
endforeach()

add_library(heddle-llvm INTERFACE)
target_include_directories(heddle-llvm SYSTEM INTERFACE "${HEDDLE_LLVM_INCLUDE}")
target_compile_definitions(heddle-llvm INTERFACE _GNU_SOURCE __STDC_CONSTANT_MACROS __STDC_FORMAT_MACROS
    __STDC_LIMIT_MACROS)
target_link_libraries(heddle-llvm INTERFACE "${HEDDLE_LLD_ELF_LIBRARY}" "${HEDDLE_LLD_COMMON_LIBRARY}"
    "${HEDDLE_CLANG_LIBRARY}" "${HEDDLE_LLVM_LIBRARY}" "${HEDDLE_ZLIB}" "${HEDDLE_ZSTD}" ${CMAKE_DL_LIBS} Threads::Threads)
