# Warnings for our own targets; errors in CI. Third-party headers are system includes and stay out of it.
option(HEDDLE_WERROR "Treat warnings as errors" OFF)
function(heddle_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wno-unused-parameter)
  if(HEDDLE_WERROR)
    # GCC 12 takes `"x" + std::to_string(i)` for an overlapping copy (GCC bug 105651).
    target_compile_options(${target} PRIVATE -Werror -Wno-error=restrict)
  endif()
endfunction()
