//===- Library.h - a C library on disk -----------------------------------------===//

#pragma once

#include "Description.h"
#include "Machine.h"
#include "Wrappers.h"

namespace heddle::cpu {

struct LibraryContents {
  const ModelDescription &model;
  const CNames &names;
  const std::vector<std::string> &exported;
  const std::string &manifest;
  const Objects &objects;
  const Machine &machine;
};

/// Writes what `options` asks for, and the manifest. All files are made in a directory beside their
/// places first.
mlir::LogicalResult writeLibrary(const LibraryContents &contents, const LibraryOptions &options,
                                 mlir::Location where);

/// The text of <model>.h. Errors: two dimensions whose macros would have the same name.
mlir::FailureOr<std::string> writeHeader(const LibraryContents &contents, mlir::Location where);

} // namespace heddle::cpu
