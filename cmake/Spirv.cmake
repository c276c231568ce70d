# glslang and SPIRV-Tools, static libraries that libheddle-compiler carries: one target, heddle-spirv.
# Their own CMake packages differ between distributions, so they are looked up as files.

add_library(heddle-spirv INTERFACE)
foreach(name glslang-default-resource-limits glslang MachineIndependent GenericCodeGen OGLCompiler OSDependent SPIRV
        SPIRV-Tools-opt SPIRV-Tools)
    string(TOUPPER "HEDDLE_SPIRV_${name}" variable)
    string(REPLACE "-" "_" variable "${variable}")
    find_library(${variable} NAMES ${name})
    if(${variable})
        list(APPEND spirv_libraries "${${variable}}")
    elseif(NOT name MATCHES "OGLCompiler|OSDependent")  # gone in newer versions
        message(FATAL_ERROR "The library ${name} was not found. Install glslang-dev and spirv-tools (scripts/setup.sh "
            "does), or configure with -DHEDDLE_BUILD_COMPILER=OFF")
    endif()
endforeach()
target_link_libraries(heddle-spirv INTERFACE -Wl,--start-group ${spirv_libraries} -Wl,--end-group)
