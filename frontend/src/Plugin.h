// The dialects of the plugins that this program has loaded.
#pragma once

#include "mlir/IR/DialectRegistry.h"

namespace heddle {

const mlir::DialectRegistry &pluginDialects();

} // namespace heddle
