# Carries heddle/language.h, parsed at build time, in libheddle-compiler: a small kernel then compiles in a third of the time.
# Included by src/CMakeLists.txt after heddle-compiler is defined.
add_executable(heddle-precompile "${PROJECT_SOURCE_DIR}/tools/precompile/main.cpp"
    $<TARGET_OBJECTS:heddle-compiler-objects>)
target_include_directories(heddle-precompile PRIVATE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include"
    "${PROJECT_SOURCE_DIR}/src/compiler")
target_link_libraries(heddle-precompile PRIVATE heddle-warnings heddle-llvm heddle-spirv heddle-internals)

set(precompiled "${CMAKE_CURRENT_BINARY_DIR}/precompiled")
add_custom_command(OUTPUT "${precompiled}/precompiled_headers.cpp"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${precompiled}"
    COMMAND heddle-precompile "${precompiled}"
    DEPENDS heddle-precompile
    COMMENT "Precompiling the device headers" VERBATIM)
target_sources(heddle-compiler PRIVATE "${precompiled}/precompiled_headers.cpp")
target_include_directories(heddle-compiler PRIVATE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include"
    "${PROJECT_SOURCE_DIR}/src/compiler")
# The data come in through the assembler, which a compiler cache and link-time optimisation cannot see.
set_source_files_properties("${precompiled}/precompiled_headers.cpp" PROPERTIES COMPILE_OPTIONS "-fno-lto")
