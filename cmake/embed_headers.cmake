# Writes a C++ file that holds the compiler's headers as string literals: Heddle's own below /heddle/include and the
# freestanding ones of Clang's resource directory below /heddle/clang/include.
#
#   cmake -DHEADERS=src/compiler/headers -DRESOURCE=/usr/lib/llvm-19/lib/clang/19/include -DOUTPUT=embedded_headers.cpp
#         -P cmake/embed_headers.cmake
#
# The output is rewritten only when it changes.
foreach(variable HEADERS RESOURCE OUTPUT)
    if(NOT DEFINED ${variable})
        message(FATAL_ERROR "embed_headers.cmake: -D${variable}=... is missing")
    endif()
endforeach()

set(entries "")

# Appends one array entry. A raw string literal takes any text that does not hold its delimiter.
function(embed file path)
    file(READ "${file}" text)
    if(text MATCHES "\\)HEDDLEFILE\"")
        message(FATAL_ERROR "embed_headers.cmake: ${file} holds the raw string delimiter )HEDDLEFILE\"")
    endif()
    set(entries "${entries}    {\"${path}\", R\"HEDDLEFILE(${text})HEDDLEFILE\"sv},\n" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE headers RELATIVE "${HEADERS}" "${HEADERS}/*")
list(SORT headers)
foreach(header IN LISTS headers)
    embed("${HEADERS}/${header}" "/heddle/include/${header}")
endforeach()

# What C++ and C library headers of the host include from the compiler; all are Apache-2.0 with LLVM exception.
set(resource_patterns
    "stddef.h" "__stddef_*.h" "stdint.h" "stdarg.h" "__stdarg_*.h" "limits.h" "float.h" "iso646.h" "stdbool.h"
    "stdalign.h" "stdatomic.h" "stdnoreturn.h" "inttypes.h" "tgmath.h" "varargs.h" "unwind.h" "builtins.h"
    "mm_malloc.h")
foreach(pattern IN LISTS resource_patterns)
    file(GLOB headers RELATIVE "${RESOURCE}" "${RESOURCE}/${pattern}")
    list(SORT headers)
    foreach(header IN LISTS headers)
        embed("${RESOURCE}/${header}" "/heddle/clang/include/${header}")
    endforeach()
endforeach()
if(NOT entries MATCHES "/heddle/clang/include/stddef.h")
    message(FATAL_ERROR "embed_headers.cmake: no stddef.h in Clang's resource directory ${RESOURCE}")
endif()

set(generated "// Made by cmake/embed_headers.cmake.
#include \"frontend/embedded_headers.h\"

#if defined(__clang__)
#pragma clang diagnostic ignored \"-Woverlength-strings\"
#else
#pragma GCC diagnostic ignored \"-Woverlength-strings\"
#endif

namespace heddle::compiler {

using namespace std::string_view_literals;

static constexpr EmbeddedFile files[] = {
${entries}};

std::span<const EmbeddedFile> embedded_headers() { return files; }

}  // namespace heddle::compiler
")
set(previous "")
if(EXISTS "${OUTPUT}")
    file(READ "${OUTPUT}" previous)
endif()
if(NOT previous STREQUAL generated)
    file(WRITE "${OUTPUT}" "${generated}")
endif()
