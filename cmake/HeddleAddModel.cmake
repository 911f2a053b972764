# heddle_add_model(NAME SOURCES a.cpp ... [MODEL model] [CPU cpu] [FEATURES list] [TUNING file] [REMARKS regex] [STATIC]
#                  [NO_PACK_PARAMETERS] [PLUGINS target ...] [BEFORE phase=passes ...])
#
# Compiles a model ahead of time, while the project is built. SOURCES end in HEDDLE_MODEL(fn). The targets:
#   NAME          the model's C library, with the folder of its header; link it like any other
#   NAME_run      a program: NAME_run --describe shows the model, NAME_run --bench times it
#   NAME_compile  the program that writes the library; it runs when it has changed
# MODEL is the name given to heddle::Model, if it is not NAME. CPU is what to compile for (default: this machine).
# STATIC links lib<model>.a instead of lib<model>.so. TUNING is what `heddle tune` wrote on a machine like the one that the
# model is to run on. NO_PACK_PARAMETERS saves the memory of a second copy of parameters that products of few rows read
# faster. REMARKS says while the model is compiled what became one kernel, and
# what did not and why, at the lines of the sources: what passes of a matching name say, as "fuse", or "." for all.
# PLUGINS are made by heddle_plugin(), and hold ops that the model uses, or passes; each of BEFORE has passes run in
# front of a phase of the compiler (docs/design.md), as "simplify=canonicalize,my-pass{max=4}".
include(${CMAKE_CURRENT_LIST_DIR}/HeddleArguments.cmake)
function(heddle_add_model name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "STATIC;NO_PACK_PARAMETERS" "MODEL;CPU;FEATURES;TUNING;REMARKS" "SOURCES;PLUGINS;BEFORE")
  heddle_check_arguments("heddle_add_model(${name})" "the one that has HEDDLE_MODEL")
  if(NOT CMAKE_C_COMPILER_LOADED OR NOT CMAKE_CXX_COMPILER_LOADED)
    message(FATAL_ERROR "heddle_add_model(${name}): needs C++ for the model and C for ${name}_run; write "
                        "project(... LANGUAGES C CXX)")
  endif()
  foreach(source ${arg_SOURCES})
    get_filename_component(path ${source} ABSOLUTE)
    get_source_file_property(generated ${source} GENERATED)
    if(NOT generated AND NOT EXISTS ${path})
      message(FATAL_ERROR "heddle_add_model(${name}): there is no file ${path}; SOURCES names it")
    endif()
  endforeach()
  if(NOT arg_MODEL)
    set(arg_MODEL ${name})
  endif()
  set(flags)
  if(arg_CPU)
    list(APPEND flags --cpu ${arg_CPU})
  endif()
  if(arg_FEATURES)
    list(APPEND flags --features ${arg_FEATURES})
  endif()
  if(arg_TUNING)
    get_filename_component(arg_TUNING ${arg_TUNING} ABSOLUTE)
    if(NOT EXISTS ${arg_TUNING})
      message(FATAL_ERROR "heddle_add_model(${name}): there is no file ${arg_TUNING}; TUNING names it, and heddle tune makes it")
    endif()
    list(APPEND flags --tuning ${arg_TUNING})
  endif()
  if(arg_NO_PACK_PARAMETERS)
    list(APPEND flags --no-pack-parameters)
  endif()
  foreach(plugin ${arg_PLUGINS})
    list(APPEND flags --plugin $<TARGET_FILE:${plugin}>)
  endforeach()
  foreach(passes ${arg_BEFORE})
    list(APPEND flags --before ${passes})
  endforeach()
  if(arg_REMARKS)
    list(APPEND flags --remarks ${arg_REMARKS})
  endif()

  add_executable(${name}_compile ${arg_SOURCES})
  target_link_libraries(${name}_compile PRIVATE heddle::heddle)
  if(arg_PLUGINS) # which use the Heddle in this program
    set_target_properties(${name}_compile PROPERTIES ENABLE_EXPORTS ON)
  endif()

  set(directory ${CMAKE_CURRENT_BINARY_DIR}/${name}_library)
  set(shared ${directory}/lib${arg_MODEL}.so)
  set(archive ${directory}/lib${arg_MODEL}.a)
  file(MAKE_DIRECTORY ${directory})
  add_custom_command(
    OUTPUT ${shared} ${archive} ${directory}/${arg_MODEL}.h
    COMMAND ${name}_compile --output ${directory} ${flags}
    DEPENDS ${name}_compile ${arg_PLUGINS} ${arg_TUNING}
    COMMENT "Compiling model ${arg_MODEL}"
    VERBATIM)
  add_custom_target(${name}_generate DEPENDS ${shared} ${archive} ${directory}/${arg_MODEL}.h)

  if(arg_STATIC)
    add_library(${name} STATIC IMPORTED GLOBAL)
    # What the runtime in the archive calls.
    find_package(OpenMP REQUIRED COMPONENTS CXX)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${archive}
                          IMPORTED_LINK_INTERFACE_LANGUAGES CXX
                          INTERFACE_LINK_LIBRARIES "heddle::dnnl;OpenMP::OpenMP_CXX")
  else()
    add_library(${name} SHARED IMPORTED GLOBAL)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${shared} IMPORTED_SONAME lib${arg_MODEL}.so)
  endif()
  target_include_directories(${name} INTERFACE ${directory})
  add_dependencies(${name} ${name}_generate)

  configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/model_run.c.in ${CMAKE_CURRENT_BINARY_DIR}/${name}_run.c @ONLY)
  add_executable(${name}_run ${CMAKE_CURRENT_BINARY_DIR}/${name}_run.c)
  target_link_libraries(${name}_run PRIVATE ${name} heddle::model_run)
  set_target_properties(${name}_run PROPERTIES LINKER_LANGUAGE CXX)
endfunction()
