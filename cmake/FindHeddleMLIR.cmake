# LLVM and MLIR 22: the targets LLVM and MLIR are the two shared libraries that the Debian packages ship. MLIR's own
# version file accepts the exact minor version only.
find_package(MLIR CONFIG QUIET HINTS /usr/lib/llvm-22)
set(HEDDLE_MLIR_IS_22 FALSE)
if(MLIR_FOUND AND LLVM_VERSION_MAJOR EQUAL 22)
  set(HEDDLE_MLIR_IS_22 TRUE)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HeddleMLIR REQUIRED_VARS MLIR_DIR HEDDLE_MLIR_IS_22 REASON_FAILURE_MESSAGE
  "MLIR 22 is needed. On Debian, install libmlir-22-dev, mlir-22-tools and llvm-22-dev, or set MLIR_DIR to the folder of MLIRConfig.cmake (LLVM found: '${LLVM_PACKAGE_VERSION}')")
