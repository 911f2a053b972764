# heddle_plugin(target): a MODULE library that `heddle-opt --load-pass-plugin=` or `--load-dialect-plugin=` takes. It uses
# the dialect that is in heddle-opt: a copy of its own would have ops and interfaces of other identities.
function(heddle_plugin target)
  foreach(library heddle_ir heddle_passes)
    target_include_directories(${target} PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
  endforeach()
  target_link_libraries(${target} PRIVATE heddle_mlir heddle-opt)
  add_dependencies(${target} heddle_passes_tablegen heddle_ir_tablegen)
  heddle_warnings(${target})
endfunction()
