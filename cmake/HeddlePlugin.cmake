# heddle_plugin(NAME SOURCES a.cpp ... [DIALECT name OPS file.td] [PASSES file.td])
#
# A library with passes or ops of your own for heddle-opt (--load-pass-plugin, --load-dialect-plugin),
# heddle-lsp-server (--load-dialect-plugin), heddle (--plugin), heddle_add_model(PLUGINS) and heddle::load_plugin().
# Of Ops.td that defines the ops of DIALECT, Ops.h.inc and Ops.cpp.inc are made, and OpsDialect.h.inc and
# OpsDialect.cpp.inc; of Passes.td, Passes.h.inc.
#
# The library has no copy of Heddle: it uses the dialect of the program that loads it, or else it would have ops and
# interfaces of other identities.
include(${CMAKE_CURRENT_LIST_DIR}/HeddleArguments.cmake)
function(heddle_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DIALECT;OPS;PASSES" "SOURCES")
  heddle_check_arguments("heddle_plugin(${name})" "those of the plugin")
  if((arg_DIALECT AND NOT arg_OPS) OR (arg_OPS AND NOT arg_DIALECT))
    message(FATAL_ERROR "heddle_plugin(${name}): DIALECT names the dialect whose ops OPS defines; give both")
  endif()

  set(generated)
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/${name}_generated)
  if(arg_OPS)
    heddle_plugin_tablegen(.h.inc ${arg_OPS} -gen-op-decls)
    heddle_plugin_tablegen(.cpp.inc ${arg_OPS} -gen-op-defs)
    heddle_plugin_tablegen(Dialect.h.inc ${arg_OPS} -gen-dialect-decls -dialect=${arg_DIALECT})
    heddle_plugin_tablegen(Dialect.cpp.inc ${arg_OPS} -gen-dialect-defs -dialect=${arg_DIALECT})
  endif()
  if(arg_PASSES)
    heddle_plugin_tablegen(.h.inc ${arg_PASSES} -gen-pass-decls)
  endif()

  add_library(${name} MODULE ${arg_SOURCES} ${generated})
  target_compile_features(${name} PRIVATE cxx_std_20)
  foreach(library ir passes)
    target_include_directories(${name} PRIVATE $<TARGET_PROPERTY:heddle::${library},INTERFACE_INCLUDE_DIRECTORIES>)
  endforeach()
  target_include_directories(${name} PRIVATE ${directory} ${CMAKE_CURRENT_SOURCE_DIR})
  target_include_directories(${name} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_link_libraries(${name} PRIVATE MLIR LLVM)
  if(TARGET heddle_ir_tablegen) # in Heddle's own build
    add_dependencies(${name} heddle_ir_tablegen heddle_passes_tablegen)
  endif()
endfunction()

# Adds <directory>/<stem of source><suffix> to `generated`, both of the caller.
macro(heddle_plugin_tablegen suffix source)
  get_filename_component(stem ${source} NAME_WE)
  get_filename_component(path ${source} ABSOLUTE)
  set(output ${directory}/${stem}${suffix})
  set(ours $<TARGET_PROPERTY:heddle::ir,INTERFACE_INCLUDE_DIRECTORIES>)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${directory}
    COMMAND ${MLIR_TABLEGEN_EXE} ${ARGN} ${path} -o ${output} -d ${output}.d
            -I${CMAKE_CURRENT_SOURCE_DIR} "-I$<JOIN:${ours},;-I>" "-I$<JOIN:${MLIR_INCLUDE_DIRS},;-I>"
    DEPENDS ${path}
    DEPFILE ${output}.d
    COMMAND_EXPAND_LISTS
    VERBATIM)
  list(APPEND generated ${output})
endmacro()
