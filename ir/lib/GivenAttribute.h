//===- GivenAttribute.h - an attribute while the op's type is inferred ----===//

#pragma once

#include "mlir/IR/BuiltinAttributes.h"

namespace heddle::ir {

/// While an op is parsed its attributes are still in the dictionary; builders hand them over in the
/// properties. Null if it was not given at all.
template <typename Attr, typename Adaptor>
Attr givenAttribute(Adaptor &adaptor, Attr property, llvm::StringRef name) {
  if (property || !adaptor.getAttributes())
    return property;
  return adaptor.getAttributes().template getAs<Attr>(name);
}

} // namespace heddle::ir
