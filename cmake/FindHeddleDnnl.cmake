# oneDNN, as heddle::dnnl. Not find_package(dnnl): Debian's package file makes every user link OpenCL, which nothing
# here calls.
find_path(HEDDLE_DNNL_INCLUDE_DIR dnnl.hpp)
find_library(HEDDLE_DNNL_LIBRARY dnnl)
mark_as_advanced(HEDDLE_DNNL_INCLUDE_DIR HEDDLE_DNNL_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HeddleDnnl REQUIRED_VARS HEDDLE_DNNL_LIBRARY HEDDLE_DNNL_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "oneDNN is missing. On Debian, install libdnnl-dev")
if(HeddleDnnl_FOUND AND NOT TARGET heddle::dnnl)
  add_library(heddle::dnnl UNKNOWN IMPORTED)
  set_target_properties(heddle::dnnl PROPERTIES IMPORTED_LOCATION ${HEDDLE_DNNL_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${HEDDLE_DNNL_INCLUDE_DIR})
endif()
