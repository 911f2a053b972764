# What heddle_data reads texts with: heddle::csv (libcsv, which has neither a CMake package nor a pkg-config file),
# PkgConfig::SENTENCEPIECE and PkgConfig::UTF8PROC.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(SENTENCEPIECE QUIET IMPORTED_TARGET sentencepiece)
  pkg_check_modules(UTF8PROC QUIET IMPORTED_TARGET libutf8proc)
endif()
find_path(HEDDLE_CSV_INCLUDE_DIR csv.h)
find_library(HEDDLE_CSV_LIBRARY csv)
mark_as_advanced(HEDDLE_CSV_INCLUDE_DIR HEDDLE_CSV_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HeddleText
  REQUIRED_VARS HEDDLE_CSV_LIBRARY HEDDLE_CSV_INCLUDE_DIR SENTENCEPIECE_LINK_LIBRARIES UTF8PROC_LINK_LIBRARIES
  REASON_FAILURE_MESSAGE
    "a library for texts is missing. On Debian, install pkg-config libcsv-dev libsentencepiece-dev libutf8proc-dev")
if(HeddleText_FOUND AND NOT TARGET heddle::csv)
  add_library(heddle::csv UNKNOWN IMPORTED)
  set_target_properties(heddle::csv PROPERTIES IMPORTED_LOCATION ${HEDDLE_CSV_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${HEDDLE_CSV_INCLUDE_DIR})
endif()
