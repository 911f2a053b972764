# heddle_add_model(NAME SOURCES a.cpp ... [MODEL model] [CPU cpu] [FEATURES list] [STATIC])
#
# Builds the sources, which end in HEDDLE_MODEL(fn), to the program NAME_compile; runs it when it has changed; and
# gives the target NAME: the model's C library, with the folder of its header. MODEL is the name given to
# heddle::Model, if it is not NAME. CPU is what to compile for (default: this machine). STATIC links lib<model>.a
# instead of lib<model>.so.
function(heddle_add_model name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "STATIC" "MODEL;CPU;FEATURES" "SOURCES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "heddle_add_model(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "heddle_add_model(${name}): SOURCES names no file; give the one that has HEDDLE_MODEL")
  endif()
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

  add_executable(${name}_compile ${arg_SOURCES})
  target_link_libraries(${name}_compile PRIVATE heddle)

  set(directory ${CMAKE_CURRENT_BINARY_DIR}/${name}_library)
  set(shared ${directory}/lib${arg_MODEL}.so)
  set(archive ${directory}/lib${arg_MODEL}.a)
  file(MAKE_DIRECTORY ${directory})
  add_custom_command(
    OUTPUT ${shared} ${archive} ${directory}/${arg_MODEL}.h
    COMMAND ${name}_compile --output ${directory} ${flags}
    DEPENDS ${name}_compile
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
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${shared} IMPORTED_NO_SONAME TRUE)
  endif()
  target_include_directories(${name} INTERFACE ${directory})
  add_dependencies(${name} ${name}_generate)
endfunction()
