//===- ProductProviders.h - what runs each matrix product -------------------===//

#pragma once

#include "heddle/cpu/VectorUnit.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"

namespace heddle::cpu {
struct ContractionLayout;

/// The faster provider of each product that `heddle tune` measured on the machine to compile for.
/// In its file:
///
///   {"format": "heddle-tuning", "version": 1,
///    "products": {"<ContractionLayout::key>": {"generated": 1.2e-5, "library": 1.9e-5}, ...},
///    "functions": {"<name>": {"generated": 3.1e-4, "library": 3.3e-4}, ...}}
///
/// the seconds of a call: of a product by each; of a function with generated products only, and
/// with the faster of the two for each. The second may be left out. What else is in the file is for
/// readers.
class Tuning {
public:
  /// An error that names the file and what is wrong in it.
  static llvm::Expected<Tuning> read(llvm::StringRef path);

  /// For a product of `function`: Auto if it was not measured.
  ContractionProvider fasterFor(llvm::StringRef key, llvm::StringRef function) const;

private:
  llvm::StringMap<ContractionProvider> providers;
  /// Functions that were slower with the library's products than without.
  llvm::StringSet<> withoutLibrary;
};

/// What runs products: `wanted`, and where that is Auto, what was measured or should be faster.
struct ProductProviders {
  ContractionProvider wanted = ContractionProvider::Auto;
  const Tuning &tuning;

  /// Why the library runs the product of this key in `function`, as a remark says it; null where a
  /// kernel does.
  const char *reasonForLibrary(const ContractionLayout &product, llvm::StringRef key,
                               llvm::StringRef function) const;
};

} // namespace heddle::cpu
