# MLIR and LLVM 22, linked as the two shared libraries that the Debian packages ship.
list(APPEND CMAKE_PREFIX_PATH /usr/lib/llvm-22)
# Its version file accepts the exact minor version only.
find_package(MLIR REQUIRED CONFIG)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "MLIR 22 is required, found ${LLVM_PACKAGE_VERSION}.")
endif()
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

add_library(heddle_mlir INTERFACE)
target_include_directories(heddle_mlir SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_link_libraries(heddle_mlir INTERFACE MLIR LLVM)
