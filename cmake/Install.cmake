# What `cmake --install` writes: libraries, headers, command, CMake package, pkg-config file, completions, licences.
include(CMakePackageConfigHelpers)

install(TARGETS heddle EXPORT heddle-targets)
install(TARGETS heddle-probe RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/heddle")
if(TARGET heddle-compiler)
    install(TARGETS heddle-compiler LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
elseif(HEDDLE_PREBUILT_COMPILER)
    install(PROGRAMS "${HEDDLE_PREBUILT_COMPILER}" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" "${PROJECT_BINARY_DIR}/include/"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/NOTICE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/heddle")
install(EXPORT heddle-targets NAMESPACE heddle:: DESTINATION "${package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/heddle-config.cmake.in"
    "${PROJECT_BINARY_DIR}/heddle-config.cmake" INSTALL_DESTINATION "${package_dir}"
    PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_BINDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/heddle-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/heddle-config.cmake" "${PROJECT_BINARY_DIR}/heddle-config-version.cmake"
    DESTINATION "${package_dir}")

# The prefix is told relative to the file, so that an installed tree can be moved.
file(RELATIVE_PATH HEDDLE_PC_PREFIX "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
configure_file("${PROJECT_SOURCE_DIR}/cmake/heddle.pc.in" "${PROJECT_BINARY_DIR}/heddle.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/heddle.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

if(TARGET heddle-command)
    install(TARGETS heddle-command)
    # The command prints its own completions; they are made at build time. Not from an instrumented command.
    if(NOT HEDDLE_SANITIZE AND NOT HEDDLE_COVERAGE)
        set(completions "${PROJECT_BINARY_DIR}/completions")
        file(MAKE_DIRECTORY "${completions}")
        add_custom_command(OUTPUT "${completions}/heddle.bash" "${completions}/_heddle"
            COMMAND heddle-command completion bash > "${completions}/heddle.bash"
            COMMAND heddle-command completion zsh > "${completions}/_heddle"
            DEPENDS heddle-command COMMENT "Writing the shell completions" VERBATIM)
        add_custom_target(heddle-completions ALL DEPENDS "${completions}/heddle.bash" "${completions}/_heddle")
        install(FILES "${completions}/heddle.bash"
            DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME heddle)
        install(FILES "${completions}/_heddle" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
    endif()
endif()
