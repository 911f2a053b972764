//===- Tuning.h - what was measured about providers -------------------------===//

#pragma once

#include "heddle/cpu/VectorUnit.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

namespace heddle::cpu {

/// The faster provider of each product that `heddle tune` measured on the machine to compile for.
/// In its file:
///
///   {"format": "heddle-tuning", "version": 1,
///    "products": {"<ContractionLayout::key>": {"generated": 1.2e-5, "library": 1.9e-5}, ...}}
///
/// the seconds of a call by each. What else is in it is for readers.
class Tuning {
public:
  /// An error that names the file and what is wrong in it.
  static llvm::Expected<Tuning> read(llvm::StringRef path);

  /// Auto for a product that was not measured.
  ContractionProvider fasterFor(llvm::StringRef key) const;

private:
  llvm::StringMap<ContractionProvider> providers;
};

} // namespace heddle::cpu
