# The package that `cmake --install` makes. It may be moved: what it needs is found where it is used, by heddle-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heddle)

# A component is an export set: what needs MLIR apart from what does not. Users call heddle_data heddle::data.
function(heddle_install_component component)
  foreach(target ${ARGN})
    string(REGEX REPLACE "^heddle_" "" exported ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${exported})
  endforeach()
  install(TARGETS ${ARGN} EXPORT heddle-${component} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT heddle-${component} NAMESPACE heddle:: FILE heddle-${component}.cmake DESTINATION ${package_dir})
endfunction()
heddle_install_component(runtime heddle_runtime)
heddle_install_component(compiler heddle heddle_cpu heddle_passes heddle_ir heddle_mlir heddle_model_run heddle_describe
                         heddle_repeat)
heddle_install_component(data heddle_data)
heddle_install_component(training heddle_training)

foreach(stage runtime frontend data training tools/model_run ir passes)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${stage}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
          FILES_MATCHING PATTERN "*.h" PATTERN "*.td")
endforeach()
foreach(stage ir passes)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/${stage}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
          FILES_MATCHING PATTERN "*.h.inc")
endforeach()
install(TARGETS heddle_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# What a plugin is loaded into, for the tests of its project.
install(TARGETS heddle-opt heddle-lsp-server heddle-reduce EXPORT heddle-passes RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT heddle-passes NAMESPACE heddle:: FILE heddle-passes.cmake DESTINATION ${package_dir})
install(FILES LICENSE README.md docs/manifest.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(cmake/heddle-config.cmake.in ${PROJECT_BINARY_DIR}/heddle-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/heddle-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/heddle-config.cmake ${PROJECT_BINARY_DIR}/heddle-config-version.cmake
        cmake/HeddleAddModel.cmake cmake/HeddleArguments.cmake cmake/HeddlePlugin.cmake cmake/model_run.c.in cmake/FindHeddleMLIR.cmake cmake/FindHeddleDnnl.cmake cmake/FindHeddleText.cmake
        DESTINATION ${package_dir})

# All that is installed, and nothing else.
add_custom_target(heddle_package DEPENDS heddle heddle_data heddle_training heddle_model_run heddle_cli heddle-opt
                  heddle-lsp-server heddle-reduce)
