# Options and settings that hold for every target: language level, warnings, sanitizers, linker, compiler cache,
# output folders and run paths.

option(HEDDLE_BUILD_COMPILER "Build libheddle-compiler, the part that needs LLVM" ON)
option(HEDDLE_BUILD_TOOLS "Build the command" ON)
option(HEDDLE_BUILD_TESTS "Build the tests" ON)
option(HEDDLE_BUILD_BENCH "Build the benchmarks" ON)
option(HEDDLE_BUILD_EXAMPLES "Build the example programs" ON)
option(HEDDLE_WERROR "Treat warnings as errors" ON)
option(HEDDLE_FUZZ "Build the libFuzzer targets (Clang only)" OFF)
option(HEDDLE_COVERAGE "Instrument for source-based coverage (Clang only)" OFF)
set(HEDDLE_SANITIZE "" CACHE STRING "What -fsanitize= is given, e.g. address,undefined or thread")
set(HEDDLE_PREBUILT_COMPILER "" CACHE FILEPATH
    "A libheddle-compiler.so built elsewhere, used in place of building one (sanitizer trees use the release tree's)")
set(HEDDLE_ASAN_TREE "" CACHE PATH "A built tree of the asan preset, whose tests CTest runs too")
set(HEDDLE_TSAN_TREE "" CACHE PATH "A built tree of the tsan preset, whose tests CTest runs too")
set(HEDDLE_LLVM_ROOT "" CACHE PATH "Where LLVM 19 stands; asked of llvm-config-19 when empty")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Line tables in every build: a crash report without them is of no use.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_BUILD_RPATH "$ORIGIN/../lib")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")

if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(HEDDLE_CCACHE ccache)
    if(HEDDLE_CCACHE)
        set(CMAKE_C_COMPILER_LAUNCHER "${HEDDLE_CCACHE}")
        set(CMAKE_CXX_COMPILER_LAUNCHER "${HEDDLE_CCACHE}")
    endif()
endif()

include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=lld HEDDLE_HAVE_LLD)
if(HEDDLE_HAVE_LLD)
    add_link_options(-fuse-ld=lld)
endif()
# The compiler library names its own build by the build id. What a library does not use it does not load.
add_link_options(-Wl,--build-id=sha1 -Wl,--as-needed)

set(HEDDLE_IS_CLANG OFF)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    set(HEDDLE_IS_CLANG ON)
endif()

if(HEDDLE_SANITIZE)
    add_compile_options(-fsanitize=${HEDDLE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${HEDDLE_SANITIZE})
    if(HEDDLE_IS_CLANG)
        # Tables of vector functions hold addresses of several types; generated code is called by address alone.
        add_compile_options(-fno-sanitize=function)
        add_link_options(-fno-sanitize=function)
    endif()
elseif(NOT HEDDLE_COVERAGE)
    # Undefined symbols are found when a library is linked, not when it is loaded. (Sanitizers leave theirs open.)
    add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>:-Wl,-z,defs>)
endif()
if(HEDDLE_FUZZ)
    if(NOT HEDDLE_IS_CLANG)
        message(FATAL_ERROR "HEDDLE_FUZZ needs Clang: libFuzzer comes with it. Configure with CXX=clang++-19")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(HEDDLE_COVERAGE)
    if(NOT HEDDLE_IS_CLANG)
        message(FATAL_ERROR "HEDDLE_COVERAGE needs Clang. Configure with CXX=clang++-19")
    endif()
    add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()

# Our own sources are compiled with these; generated ones and other people's headers are not.
add_library(heddle-warnings INTERFACE)
target_compile_options(heddle-warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual>
    $<$<BOOL:${HEDDLE_WERROR}>:-Werror>)
if(HEDDLE_IS_CLANG)
    # libstdc++ 12's std::stable_sort calls its own deprecated std::get_temporary_buffer, and Clang reports it at us.
    target_compile_options(heddle-warnings INTERFACE -Wno-deprecated-declarations)
else()
    # GCC 12's flow warnings misfire inside libstdc++ once it has inlined it (std::string, std::vector, std::variant).
    target_compile_options(heddle-warnings INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
        -Wno-stringop-overread -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-psabi)
endif()
