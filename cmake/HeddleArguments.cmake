# heddle_check_arguments(caller hint): after cmake_parse_arguments(... arg ...), says which arguments are unknown, after
# which there is no value, or that SOURCES names no file, and what it should name.
macro(heddle_check_arguments caller hint)
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${caller}: unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "${caller}: no value after ${arg_KEYWORDS_MISSING_VALUES}")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "${caller}: SOURCES names no file; give ${hint}")
  endif()
endmacro()
